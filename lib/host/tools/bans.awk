# Written by cdktf-exchange-balancer. Reads HAProxy's answer to `show table` for a table with bans. Prints one line
# "address|name SECONDS REASON KEY" for each ban.
# In the table of names, KEY is a user name. It may contain blanks, and even text that looks like HAProxy's own fields,
# such as " use=". HAProxy's own fields follow the last " use=" of a line.
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

# Undoes HAProxy's escapes: a backslash before blanks, backslashes and equals signs, and \xHH for bytes beyond ASCII.
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
