# Written by cdktf-exchange-balancer. HAProxy's answer to `show table` of a table of bans, as "address|name SECONDS REASON KEY".
# A name may hold blanks, and what looks like fields of the answer: HAProxy's own are behind the last " use=".
/^0x[0-9a-f]+: key=/ {
    count = split($0, parts, / use=/)
    tail = parts[count]
    key = substr($0, 1, length($0) - length(tail) - length(" use="))
    sub(/^0x[0-9a-f]+: key=/, "", key)
    sub(/^::ffff:/, "", key)
    seconds = tail
    sub(/^[0-9]+ exp=/, "", seconds)
    reason = tail
    if (!sub(/.* gpt0=/, "", reason) || reason + 0 == 0) next
    print (kind == "names" ? "name" : "address"), int(seconds / 1000), (reason + 0 == 2 ? "spray" : "guesses"), key
}
