# --- reading the manifest ------------------------------------------------------

# Prints the values of all lines in the manifest that begin with the word $1.
values() {
    sed -n "s/^$1 //p" "$manifest"
}

# Prints "part value" for the lines in the manifest that begin with the word $1.
values_by_part() {
    awk -v word="$1" "$awk_by_part" "$manifest"
}

# Prints the services of a manifest, each only once, in the order in which they start.
services_of() {
    [ ! -f "$1" ] || awk '$1 == "service" && !seen[$0]++ { print $2 }' "$1"
}

part_of_service() {
    values_by_part service | awk -v service="$1" '$2 == service { print $1; exit }'
}

# Prints the values of the lines that begin with the word $2 and belong to the part $1.
values_of_part() {
    values_by_part "$2" | sed -n "s/^$1 //p"
}
