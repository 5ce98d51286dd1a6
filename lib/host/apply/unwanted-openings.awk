# Decides which firewall openings to close. Reads the openings that are wanted, "part policy" of the parts that are
# leaving or have left, and "part opening" of what this library has opened. Prints those of the last that no part wants
# any more. What a part that runs on without us has opened stays open, and so does the ssh port (part host).
FILENAME == ARGV[1] { wanted[$0] = 1; next }
FILENAME == ARGV[2] { if ($2 != "destroy") stays[$1] = 1; next }
{
    opening = $0
    sub(/^[^ ]+ /, "", opening)
    if (!(opening in wanted) && !($1 in stays) && $1 != "host") print
}
