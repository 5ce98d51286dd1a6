# Decides which members a deploy waits for. Reads the members before and now ("backend server status check"). `served`
# is yes if HAProxy ran before. A member that was up must be up again. If HAProxy ran before, a new backend needs one
# member that is up, and a new member must be up in all of its backends. Every member must be checked once.
# Prints "lost|unchecked backend server check".
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
