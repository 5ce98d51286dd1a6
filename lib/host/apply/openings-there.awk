# Decides which openings a firewall has. Reads what firewalld has, a line for each kind: the kind and busctl's answer, such as
#   Port a(ss) 2 "22" "tcp" "8000-8100" "tcp"
#   RichRule as 1 "rule protocol value=\"vrrp\" accept"
# Then the openings, with tabs between kind, firewalld's words (443/tcp) and "part opening". Prints "absent part opening",
# or "ask part opening" where firewalld alone can tell: it did not answer for that kind, it has ports of that protocol that
# are not written as a number, or rules or interfaces that it may write in another way. Does not print what is there.
BEGIN { FS = "\t" }
FILENAME == ARGV[1] {
    kind = $0
    sub(/ .*/, "", kind)
    answered[kind] = 1
    rest = $0
    found = 0
    while (match(rest, /"([^"\\]|\\.)*"/)) {
        word = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        gsub(/\\"/, "\"", word)
        found++
        if (kind != "Port") {
            there[kind, word] = 1
            unclear[kind] = 1
        } else if (found % 2 == 1) {
            port = word
        } else {
            there[kind, port "/" word] = 1
            if (port !~ /^[0-9]+$/) unclear[kind, word] = 1
        }
    }
    next
}
($1, $2) in there { next }
{
    protocol = $2
    sub(/.*[/]/, "", protocol)
    clear = $1 in answered && !(($1 == "Port" ? $1 SUBSEP protocol : $1) in unclear)
    print (clear ? "absent" : "ask"), $3
}
