# Decides which firewall openings to close. Reads three files: the openings that this deploy wants, "part policy" of the
# removed parts, and "part opening" of the openings that this library has made. Prints the openings of this library that
# are no longer wanted. Openings of parts that were removed with retain or release stay. The opening for the ssh port
# (part host) stays, too.
FILENAME == ARGV[1] { wanted[$0] = 1; next }
FILENAME == ARGV[2] { if ($2 != "destroy") stays[$1] = 1; next }
{
    opening = $0
    sub(/^[^ ]+ /, "", opening)
    if (!(opening in wanted) && !($1 in stays) && $1 != "host") print
}
