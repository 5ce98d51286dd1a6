# Reads HAProxy's answer to `show stat`. Prints the state of the members: one line "BACKEND PROTOCOL MEMBER STATE
# REASON" for each member of each backend. STATE is up, draining, maintenance, down or unchecked. It is draining for a
# member with weight 0, although HAProxy shows UP for it. REASON is the result of HAProxy's last check.
BEGIN { FS = "," }
/^# pxname/ { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
!("status" in column) || NF < 30 || $2 == "FRONTEND" || $2 == "BACKEND" || $1 !~ /^be_exch2019_/ { next }
{
    status = $column["status"]
    check = $column["check_status"]
    sub(/^\* /, "", check)
    if (check == "L7STS") check = check "/" $column["check_code"]
    if (check == "") check = "-"
    if (status ~ /^MAINT.*resolution/) { state = "down"; check = "no-address" }
    else if (status ~ /^MAINT/) state = "maintenance"
    else if (status ~ /^DRAIN/ || $column["weight"] == 0) state = "draining"
    else if (status ~ /^no check/) state = "unchecked"
    else if (status ~ /^(UP|NOLB)/) state = "up"
    else state = "down"
    protocol = $1
    sub(/^be_exch2019_/, "", protocol)
    print $1, protocol, $2, state, check
}
