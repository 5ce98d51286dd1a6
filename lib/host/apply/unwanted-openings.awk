# Decides which firewall openings to close. Reads the wanted openings, "part policy" of removed parts, and "part
# opening" of the openings that this library has made. Prints the openings of this library that no part wants. Openings
# of removed parts that keep running stay, and so does the ssh port (part host).
FILENAME == ARGV[1] { wanted[$0] = 1; next }
FILENAME == ARGV[2] { if ($2 != "destroy") stays[$1] = 1; next }
{
    opening = $0
    sub(/^[^ ]+ /, "", opening)
    if (!(opening in wanted) && !($1 in stays) && $1 != "host") print
}
