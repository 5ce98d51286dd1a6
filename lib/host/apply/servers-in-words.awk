# Reads HAProxy's answer to "show info;show stat" (with -F,). First prints one line with all servers that are up. Then
# prints, for each server that is down, one line for each reason: the backends (if not all are affected), the reason in
# words, and what to do. A server that is drained or in maintenance gets one line, too.
/^# / { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
!("check_status" in column) || NF < 30 || $2 == "FRONTEND" || $2 == "BACKEND" { next }
{
    server = $2
    if (!(server in total)) order[++n] = server
    total[server]++
    status = $column["status"]
    check = $column["check_status"]
    sub(/^[*] /, "", check)
    if (status ~ /^MAINT.*resolution/) down("no-address", "its name has no address")
    else if (status ~ /^MAINT/) resting[server] = "in maintenance"
    else if (status ~ /^DRAIN/ || $column["weight"] == 0) resting[server] = "drained: it gets no new sessions"
    else if (status ~ /^DOWN/) down(check, reason(check, $column["check_code"], "last_chk" in column ? $column["last_chk"] : ""))
    next
}
function down(check, why, key) {
    key = server SUBSEP why
    if (!(key in count)) { whys[server, ++reasons[server]] = why; layer[key] = check }
    count[key]++
    protocol = $1
    sub(/^be_exch2019_/, "", protocol)
    names[key] = names[key] (count[key] > 1 ? " " : "") protocol
}
# For a failed connection, HAProxy repeats the kernel's error, such as "No route to host at initial connection step of
# tcp-check".
function reason(check, code, words) {
    gsub(/"/, "", words)
    sub(/ ?at (initial|step|connection).*/, "", words)
    if (check == "L7STS") return "its health page answers " code
    if (check == "L4TOUT") return "no answer"
    if (check == "L6TOUT") return "no answer to the TLS handshake"
    if (check == "L7TOUT") return "no answer to the health check"
    if (check ~ /^L6/) return "TLS failed" (words == "" ? "" : ": " words)
    if (words != "") return tolower(substr(words, 1, 1)) substr(words, 2)
    return check == "L4CON" ? "no connection" : check == "L7RSP" ? "an invalid answer" : check
}
function remedy(check) {
    if (check == "no-address") return "Look the name up on this host."
    if (check ~ /^L4/) return "Is it on, and does every firewall in between let this host in?"
    if (check ~ /^L6/) return "Its certificate must fit rootCas and verifyName: certificate-check on this host compares them."
    if (check == "L7STS") return "Exchange itself says so: Get-ServerComponentState and Get-ServerHealth on that server."
    return "It accepts connections, but fails the check: look at its services."
}
END {
    for (i = 1; i <= n; i++) if (!(order[i] in reasons) && !(order[i] in resting)) up = up (up == "" ? "" : ", ") order[i]
    if (up != "") print up ": up"
    for (i = 1; i <= n; i++) {
        server = order[i]
        for (j = 1; j <= reasons[server]; j++) {
            key = server SUBSEP whys[server, j]
            which = count[key] == total[server] ? "" : " for " names[key]
            print server ": DOWN" which " (" whys[server, j] "). " remedy(layer[key]) " If it is meant to be down, set its state to MemberState.MAINTENANCE."
        }
        if (reasons[server] + 0 == 0 && server in resting) print server ": " resting[server]
    }
}
