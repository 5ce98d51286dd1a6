# Reads a list of TCP ports, then the output of `ss -Hltnp`. Prints "port pid name" for each process that listens on one
# of these ports.
FILENAME == ARGV[1] { wanted[$1] = 1; next }
{
    port = $4
    sub(/.*:/, "", port)
    if (!(port in wanted)) next
    rest = $0
    while (match(rest, /"[^"]*",pid=[0-9]+/)) {
        split(substr(rest, RSTART + 1, RLENGTH - 1), of, "\",pid=")
        print port, of[2], of[1]
        rest = substr(rest, RSTART + RLENGTH)
    }
}
