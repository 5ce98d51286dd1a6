# Written by cdktf-exchange-balancer. Turns HAProxy's answer to `show table` for a table of bans into lines
# "address|name SECONDS REASON KEY".
# A name may contain blanks, and text that looks like fields of the answer. HAProxy's own fields come after the last "
# use=".
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
    print (kind == "names" ? "name" : "address"), int(seconds / 1000), (reason + 0 == 2 ? "spray" : "guesses"), plain(key)
}

# HAProxy writes blanks, backslashes and equals signs behind a backslash, and bytes beyond ASCII as \xHH.
function plain(key, text, letter) {
    text = ""
    while (match(key, /\\/)) {
        text = text substr(key, 1, RSTART - 1)
        letter = substr(key, RSTART + 1, 1)
        if (letter == "x") {
            text = text sprintf("%c", digit(substr(key, RSTART + 2, 1)) * 16 + digit(substr(key, RSTART + 3, 1)))
            key = substr(key, RSTART + 4)
        } else {
            text = text letter
            key = substr(key, RSTART + 2)
        }
    }
    return text key
}

function digit(letter) {
    return index("0123456789abcdef", tolower(letter)) - 1
}
