# Reads the output of systemctl show for some units: Id, ActiveState and UnitFileState of each unit, with an empty line
# between two units. Prints "@unit NAME ACTIVE ENABLED" for each unit. ACTIVE and ENABLED are yes or no, as systemctl
# is-active and is-enabled would say. If systemctl was called with two names of the same unit, its output has the unit
# twice, and this program prints it once.
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
