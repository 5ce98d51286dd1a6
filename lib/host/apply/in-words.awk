# Reads lines "KIND backend server check". Prints one line that lists each server with the result of its check in words,
# and its backends.
{ why = $3 " (" words($4) ")"; if (!(why in lists)) order[++n] = why; lists[why] = lists[why] " " $2 }
END { for (i = 1; i <= n; i++) printf "%s%s for%s", (i > 1 ? "; " : ""), order[i], lists[order[i]] }
function words(check) {
    if (check == "unchecked") return "not checked yet"
    if (check == "L4CON") return "no connection"
    if (check == "L4TOUT") return "no answer"
    if (check == "L6TOUT") return "no answer to the TLS handshake"
    if (check ~ /^L6/) return "TLS failed"
    if (check == "L7TOUT") return "no answer to the health check"
    if (check ~ /^L7STS/) return "its health page answers " substr(check, 7)
    if (check == "L7RSP") return "an invalid answer"
    return check
}
