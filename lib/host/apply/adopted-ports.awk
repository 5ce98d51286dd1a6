# Finds the listening ports that the deploy does not want. Reads the ports that the deploy wants, then the output of
# ss -Hltnp. Prints "port pid" for each listening port that the deploy does not want. Ports that listen only on loopback
# are left out.
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
