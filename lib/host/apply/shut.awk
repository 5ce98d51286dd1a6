# Names the listening ports that a firewall shuts. Reads what it lets in ("tcp 443", a line each), then what ss -Hltunp
# prints. Prints them in one line: "9100/tcp (systemd), 161/udp (snmpd)". What listens on loopback alone was not open, and
# the answers to a DHCP client (68/udp, 546/udp) come through.
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
