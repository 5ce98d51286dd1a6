# Finds the connections from all HAProxy processes to members. Reads lines "MEMBER ADDRESS", then the output of `ss
# -Htnp state established`. Prints "MEMBER PID LOCAL REMOTE" for each connection. LOCAL and REMOTE are written like in
# the output of ss.
FILENAME == ARGV[1] { member[$2] = $1; next }
{
    remote = $4
    address = remote
    sub(/:[0-9]+$/, "", address)
    gsub(/[][]/, "", address)
    sub(/^::ffff:/, "", address)
    if (!(address in member) || !match($0, /"haproxy",pid=[0-9]+/)) next
    print member[address], substr($0, RSTART + 14, RLENGTH - 14), $3, remote
}
