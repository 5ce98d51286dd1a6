# Finds listening ports that a firewall closes. Reads the ports that the firewall leaves open ("tcp 443", one on each
# line), then the output of ss -Hltunp. Prints the closed ports in one line: "9100/tcp (systemd), 161/udp (snmpd)".
# Leaves out ports that listen only on loopback. Also leaves out the ports of DHCP clients (68/udp, 546/udp), because a
# firewall lets the answers to DHCP clients through.
FILENAME == ARGV[1] { open[$0] = 1; next }
{
    protocol = $1
    port = $5
    sub(/.*:/, "", port)
    address = substr($5, 1, length($5) - length(port) - 1)
    if (address ~ /^(127[.]|\[?::1\]?$|\[?::ffff:127[.])/ || address ~ /%lo$/) next
    if (protocol == "udp" && (port == 68 || port == 546)) next
    if (((protocol " " port) in open) || ((port "/" protocol) in told)) next
    told[port "/" protocol] = 1
    who = ""
    if (match($0, /users:\(\("[^"]*"/)) who = " (" substr($0, RSTART + 9, RLENGTH - 10) ")"
    line = line (line == "" ? "" : ", ") port "/" protocol who
}
END { if (line != "") print line }
