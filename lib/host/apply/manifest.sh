# --- reading the manifest ------------------------------------------------------

# The values of all lines in the manifest that begin with a word.
values() {
    sed -n "s/^$1 //p" "$manifest"
}

# The same as values, with the part before each value: "part value".
values_by_part() {
    awk -v word="$1" "$awk_by_part" "$manifest"
}

# The services of a manifest, each once, in the order in which they start.
services_of() {
    [ ! -f "$1" ] || sed -n 's/^service //p' "$1" | awk '!seen[$0]++'
}

part_of_service() {
    values_by_part service | awk -v service="$1" '$2 == service { print $1; exit }'
}

# The values of one part's lines.
values_of_part() {
    values_by_part "$2" | sed -n "s/^$1 //p"
}
