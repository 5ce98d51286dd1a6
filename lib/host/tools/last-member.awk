# Prints the protocols for which only member `name` gets sessions. Reads the lines of members.awk.
$4 == "up" || $4 == "unchecked" { if ($3 == name) mine[$2] = 1; else others[$2] = 1 }
END {
    for (protocol in mine) if (!(protocol in others)) list = list (list == "" ? "" : ", ") protocol
    if (list != "") print list
}
