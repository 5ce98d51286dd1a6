# --- firewalld's zones ------------------------------------------------------------------

# All openings, for VRRP and for mail, are made in one zone. This zone is the manifest's `zone`. If the manifest has no
# `zone`, the zone of the manifest's `interface` is used. If the manifest has no `interface` either, the default zone is
# used. If the zone is not the default zone, an opening ends with " in ZONE", here and in $root/firewall. So a later
# deploy closes the opening in the right zone.

# The D-Bus name and path of firewalld.
firewalld_bus=org.fedoraproject.FirewallD1
firewalld_path=/org/fedoraproject/FirewallD1

# Sets $in_zone to the end of an opening's text: " in ZONE", or "" for the default zone.
find_serving_zone() {
    in_zone=''
    default=$(ask_firewalld '' getDefaultZone) || fail "firewalld does not answer on D-Bus. $nothing Check journalctl -u firewalld and deploy again."
    stated=$(values zone)
    name=$stated
    if [ -n "$name" ]; then
        ask_firewalld .zone getZones | tr ' ' '\n' | grep -qxF "$name" ||
            fail "firewallZone must be a zone of this host's firewalld, got $name. firewalld has these zones: $(ask_firewalld .zone getZones). $nothing"
        check_stated_zone
    else
        card=$(values interface | head -n 1)
        [ -z "$card" ] || name=$(zone_of_interface "$card")
    fi
    name=${name:-$default}
    [ "$name" = "$default" ] || in_zone=" in $name"
    # metrics-collect and --drift read $root/zone. This file is empty for the default zone.
    printf '%s\n' "${in_zone#" in "}" >"$root/zone"
    [ -z "$in_zone" ] || [ -n "$stated" ] || say "firewall: $card is in zone $name"
}

# Stops the deploy if the stated zone receives no traffic of the interface. The openings would then have no effect: no
# client could connect, and the nodes would not hear each other's VRRP, so both would hold the address. A packet belongs
# to the zone that lists its source address. If no zone does, it belongs to the zone of its interface.
check_stated_zone() {
    card=$(values interface | head -n 1)
    [ -n "$card" ] || return 0
    actual=$(zone_of_interface "$card")
    actual=${actual:-$default}
    [ "$actual" != "$stated" ] && [ -z "$(ask_firewalld .zone getSources s "$stated")" ] || return 0
    fail "firewallZone must be $actual (the zone of $card) or a zone with sources, got $stated. Traffic that arrives on $card does not pass through $stated. $nothing Leave firewallZone out; or move the interface on each host (firewall-cmd --permanent --zone=$stated --change-interface=$card && firewall-cmd --reload) and deploy right after that."
}

# Prints the zone of an interface, or an empty line for the default zone. NetworkManager is asked before firewalld: when
# firewalld has just started, it does not yet know the zones that NetworkManager assigns.
zone_of_interface() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(ask_firewalld .zone getZoneOfInterface s "$1") || found=''
    printf '%s\n' "$found"
}

# Prints the id of NetworkManager's connection of an interface. Prints nothing if NetworkManager does not manage the
# interface.
connection_of() {
    systemctl is-active --quiet NetworkManager && command -v nmcli >/dev/null || return 0
    nmcli -g GENERAL.CON-UUID device show "$1" 2>/dev/null | head -n 1
}

zone_by_networkmanager() {
    connection=$(connection_of "$1")
    [ -z "$connection" ] || nmcli -g connection.zone connection show "$connection" 2>/dev/null || :
}

# The same as zone_of_interface, for a firewalld that does not run.
zone_of_interface_offline() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(firewall-offline-cmd --get-zone-of-interface="$1" 2>/dev/null) || found=''
    printf '%s\n' "$found"
}

# Asks the running firewalld for a text or a list of texts, and prints the answer without quotes. $1: the D-Bus
# interface without the prefix $firewalld_bus, such as ".zone".
ask_firewalld() {
    own=$firewalld_bus$1
    shift
    ask_bus "$firewalld_bus" "$firewalld_path" "$own" "$@" >"$work/answer-of-firewalld" || return 1
    # An answer looks like this: s "public", or this: as 2 "drop" "public"
    sed 's/^s //; s/^as [0-9]* *//; s/"//g' "$work/answer-of-firewalld"
}

# Prints the openings that the manifest wants: one line "part opening" for each.
wanted_openings() {
    {
        values_by_part open
        # If no zone names an interface, firewalld filters the interface's packets with the default zone, but forwards
        # none of them. So the interface needs an opening. An interface of NetworkManager needs no opening, because
        # NetworkManager adds it to a zone.
        values_by_part forward | while read -r part card; do
            [ -n "$(connection_of "$card")" ] || printf '%s interface %s\n' "$part" "$card"
        done
    } | sed "s/\$/$in_zone/"
}

# Splits an opening: $bare_opening gets the part before " in ZONE", and $of_zone gets the zone, or "".
split_zone() {
    bare_opening=${1%% in *}
    of_zone=''
    [ "$bare_opening" = "$1" ] || of_zone=${1##* in }
}
