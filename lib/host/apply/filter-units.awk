# Reads what systemctl show says of units, with an empty line between two: Id, ActiveState, UnitFileState. Prints "@unit NAME
# ACTIVE ENABLED" for each, with yes or no as systemctl is-active and is-enabled answer. A unit that was asked for by two
# names is there twice.
BEGIN { FS = "=" }
function tell() {
    sub(/[.]service$/, "", name)
    if (name != "" && !seen[name]++) print "@unit", name, active, enabled
    name = ""
    active = enabled = "no"
}
/^$/ { tell(); next }
$1 == "Id" { name = $2 }
$1 == "ActiveState" { active = $2 ~ /^(active|reloading|refreshing)$/ ? "yes" : "no" }
$1 == "UnitFileState" { enabled = $2 ~ /^(enabled|enabled-runtime|static|alias|indirect|generated)$/ ? "yes" : "no" }
END { tell() }
