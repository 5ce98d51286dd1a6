# --- firewalld's zones ------------------------------------------------------------------

# All openings, for VRRP and for mail, are made in one zone: the manifest's `zone`; otherwise the zone of the manifest's
# `interface`; otherwise the default zone. An opening outside of the default zone ends with " in ZONE", here and in
# $root/firewall, so that it is closed in the zone where it was opened.

# firewalld on D-Bus.
firewalld_bus=org.fedoraproject.FirewallD1
firewalld_path=/org/fedoraproject/FirewallD1

# Sets in_zone to "" or " in ZONE".
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
    # The metrics use this file; it is empty for the default zone.
    printf '%s\n' "${in_zone#" in "}" >"$root/zone"
    [ -z "$in_zone" ] || [ -n "$stated" ] || say "firewall: $card is in zone $name"
}

# Openings in a zone that receives no traffic would lock out clients and the other node's VRRP, and both nodes would
# then hold the address. A packet belongs to the zone that has its source, or else to the zone of its interface.
check_stated_zone() {
    card=$(values interface | head -n 1)
    [ -n "$card" ] || return 0
    actual=$(zone_of_interface "$card")
    actual=${actual:-$default}
    [ "$actual" != "$stated" ] && [ -z "$(ask_firewalld .zone getSources s "$stated")" ] || return 0
    fail "firewallZone must be $actual (the zone of $card) or a zone with sources, got $stated. Traffic that arrives on $card does not pass through $stated. $nothing Leave firewallZone out; or move the interface on each host (firewall-cmd --permanent --zone=$stated --change-interface=$card && firewall-cmd --reload) and deploy right after that."
}

# The zone of an interface; empty for the default zone. NetworkManager assigns zones a moment after firewalld has
# started, so NetworkManager is asked first.
zone_of_interface() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(ask_firewalld .zone getZoneOfInterface s "$1") || found=''
    printf '%s\n' "$found"
}

# NetworkManager's current connection of an interface; empty if NetworkManager does not manage the interface.
connection_of() {
    systemctl is-active --quiet NetworkManager && command -v nmcli >/dev/null || return 0
    nmcli -g GENERAL.CON-UUID device show "$1" 2>/dev/null | head -n 1
}

zone_by_networkmanager() {
    connection=$(connection_of "$1")
    [ -z "$connection" ] || nmcli -g connection.zone connection show "$connection" 2>/dev/null || :
}

# The same as zone_of_interface, while firewalld is not running.
zone_of_interface_offline() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(firewall-offline-cmd --get-zone-of-interface="$1" 2>/dev/null) || found=''
    printf '%s\n' "$found"
}

# Asks the running firewalld for a text or a list of texts, and prints them without quotes. $1: the D-Bus interface,
# without firewalld's prefix.
ask_firewalld() {
    own=$firewalld_bus$1
    shift
    ask_bus "$firewalld_bus" "$firewalld_path" "$own" "$@" >"$work/answer-of-firewalld" || return 1
    # The answers look like: s "public", or: as 2 "drop" "public"
    sed 's/^s //; s/^as [0-9]* *//; s/"//g' "$work/answer-of-firewalld"
}

# The openings of the manifest, one line "part opening" for each.
wanted_openings() {
    {
        values_by_part open
        # firewalld filters packets from an interface that no zone names by the default zone, but does not forward them.
        # NetworkManager adds its interfaces to zones by itself.
        values_by_part forward | while read -r part card; do
            [ -n "$(connection_of "$card")" ] || printf '%s interface %s\n' "$part" "$card"
        done
    } | sed "s/\$/$in_zone/"
}

# Splits an opening into bare_opening and of_zone.
split_zone() {
    bare_opening=${1%% in *}
    of_zone=''
    [ "$bare_opening" = "$1" ] || of_zone=${1##* in }
}
