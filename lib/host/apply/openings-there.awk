# Finds openings that a firewall does not have, or might not have. First reads what firewalld has: one line
# for each kind of opening, with the kind and the output of busctl, such as
#   Port a(ss) 2 "22" "tcp" "8000-8100" "tcp"
#   RichRule as 1 "rule protocol value=\"vrrp\" accept"
# Then reads the openings to look for: "KIND WORDS OPENING", separated by tabs. WORDS is what firewalld calls the
# opening, such as 443/tcp. OPENING is "part opening". For an opening that firewalld has, prints nothing. Otherwise
# prints one of these lines:
#   absent part opening  firewalld does not have the opening
#   ask part opening     firewalld must be asked about this opening. Possible reasons: firewalld gave no answer for this
#                        kind; or firewalld has ports of this protocol that are not written as one number; or firewalld
#                        has other rules or interfaces, and one of them may be this opening in another notation
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
