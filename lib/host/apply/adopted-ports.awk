# Decides which ports are served that will not be. Reads the ports that will be, then what ss -Hltnp prints; prints
# "port pid" for each other one that does not listen on loopback alone.
FILENAME == ARGV[1] { wanted[$1] = 1; next }
{
    port = $4
    sub(/.*:/, "", port)
    address = substr($4, 1, length($4) - length(port) - 1)
    if (address ~ /^(127[.]|\[?::1\]?$)/ || (port in wanted)) next
    line = $0
    while (match(line, /pid=[0-9]+/)) {
        print port, substr(line, RSTART + 4, RLENGTH - 4)
        line = substr(line, RSTART + RLENGTH)
    }
}
