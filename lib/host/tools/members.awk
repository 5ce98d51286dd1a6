# Prints the state of the members, from HAProxy's answer to `show stat`: one line "BACKEND PROTOCOL MEMBER STATE REASON"
# each. STATE is up, draining, maintenance, down or unchecked. REASON is HAProxy's result of the last check. HAProxy
# itself shows UP for a member that is drained by its weight.
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
