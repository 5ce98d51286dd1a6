# Reads the output of members.awk. Prints the protocols for which only the member in the variable `name` gets sessions.
$4 == "up" || $4 == "unchecked" { if ($3 == name) mine[$2] = 1; else others[$2] = 1 }
END {
    for (protocol in mine) if (!(protocol in others)) list = list (list == "" ? "" : ", ") protocol
    if (list != "") print list
}
