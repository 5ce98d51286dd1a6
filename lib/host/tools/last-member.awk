# Prints the protocols for which member `name` is the only one that takes sessions, from the lines of members.awk.
$4 == "up" || $4 == "unchecked" { if ($3 == name) mine[$2] = 1; else others[$2] = 1 }
END {
    for (protocol in mine) if (!(protocol in others)) list = list (list == "" ? "" : ", ") protocol
    if (list != "") print list
}
