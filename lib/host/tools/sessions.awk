# Connections from HAProxy to members, over all of its processes. Reads "MEMBER ADDRESS" lines, then what
# `ss -Htnp state established` prints. Prints "MEMBER PID LOCAL REMOTE" for each connection, the addresses as ss has them.
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
