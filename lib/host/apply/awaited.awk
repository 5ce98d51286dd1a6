# Decides which members a deploy waits for. Reads two files with a line "backend server status check" for each member.
# The first file has the state before the reload, the second file has the state now. The variable `served` is yes if
# HAProxy ran before the reload. There are two kinds of members to wait for:
#   lost       The member was up before the reload, and is not up now. If HAProxy ran before the reload, these are lost,
#              too: a new member that is not up, and each member of a new backend in which no member is up.
#   unchecked  HAProxy has not checked the member yet.
# Prints "lost backend server check" or "unchecked backend server check" for each of these members.
FILENAME == ARGV[1] { known[$1] = 1; member[$2] = 1; if ($3 == "UP" && $4 != "unchecked") was_up[$1 " " $2] = 1; next }
$3 == "MAINT" || $3 == "DRAIN" { next }
$3 == "UP" && $4 != "unchecked" { up[$1] = 1; next }
{ missing[++n] = $1 " " $2 " " $4 }
END {
    for (name in member) hadmembers = 1
    for (i = 1; i <= n; i++) {
        split(missing[i], is, " ")
        lost = (is[1] " " is[2]) in was_up || (served == "yes" && hadmembers && !(is[2] in member)) || (served == "yes" && !(is[1] in known) && !(is[1] in up))
        if (lost) print "lost", missing[i]
        else if (is[3] == "unchecked") print "unchecked", missing[i]
    }
}
