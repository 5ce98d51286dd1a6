# --- firewalld's zones ------------------------------------------------------------------

# Every opening is made in the zone of the interface that serves, for VRRP and mail alike: the manifest's `zone`, else
# the zone that the interface of the manifest's `interface` is in, else the default zone. An opening outside the default
# zone ends in " in ZONE", here and in $root/firewall, so that it is closed where it was opened.

# Sets in_zone to "" or " in ZONE".
find_serving_zone() {
    in_zone=''
    default=$(ask_firewalld '' getDefaultZone) || fail "firewalld does not answer on the bus. $nothing Look at journalctl -u firewalld and deploy again."
    stated=$(values zone)
    name=$stated
    if [ -n "$name" ]; then
        ask_firewalld .zone getZones | tr ' ' '\n' | grep -qxF "$name" ||
            fail "firewallZone must be a zone of this host's firewalld, got $name; it has $(ask_firewalld .zone getZones). $nothing"
        check_stated_zone
    else
        card=$(values interface | head -n 1)
        [ -z "$card" ] || name=$(zone_of_interface "$card")
    fi
    name=${name:-$default}
    [ "$name" = "$default" ] || in_zone=" in $name"
    # For the metrics; empty for the default zone.
    printf '%s\n' "${in_zone#" in "}" >"$root/zone"
    [ -z "$in_zone" ] || [ -n "$stated" ] || say "firewall: $card is in zone $name"
}

# Openings in a zone that nothing comes in by would shut the node: clients out, and the other node's VRRP, whose address
# both would then hold. What comes in is in the zone of its source, where a zone has that, else in that of its interface.
check_stated_zone() {
    card=$(values interface | head -n 1)
    [ -n "$card" ] || return 0
    actual=$(zone_of_interface "$card")
    actual=${actual:-$default}
    [ "$actual" != "$stated" ] && [ -z "$(ask_firewalld .zone getSources s "$stated")" ] || return 0
    fail "firewallZone must be the zone of $card, which is $actual, or one with sources, got $stated: traffic that arrives at $card would not pass there. $nothing Leave firewallZone out; or move the interface on each host (firewall-cmd --permanent --zone=$stated --change-interface=$card && firewall-cmd --reload) and deploy right after that."
}

# The zone of an interface, or nothing where it is in the default one. NetworkManager puts its connections into zones a
# moment after firewalld has started, so it is asked first.
zone_of_interface() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(ask_firewalld .zone getZoneOfInterface s "$1") || found=''
    printf '%s\n' "$found"
}

# NetworkManager's connection that an interface has now; nothing where NetworkManager does not manage it.
connection_of() {
    systemctl is-active --quiet NetworkManager && command -v nmcli >/dev/null || return 0
    nmcli -g GENERAL.CON-UUID device show "$1" 2>/dev/null | head -n 1
}

zone_by_networkmanager() {
    connection=$(connection_of "$1")
    [ -z "$connection" ] || nmcli -g connection.zone connection show "$connection" 2>/dev/null || :
}

# As zone_of_interface, while firewalld does not run.
zone_of_interface_offline() {
    found=$(zone_by_networkmanager "$1")
    [ -n "$found" ] || found=$(firewall-offline-cmd --get-zone-of-interface="$1" 2>/dev/null) || found=''
    printf '%s\n' "$found"
}

# Asks the running firewalld for a text or a list of texts; prints its words without quotes. $1: the interface on the
# bus, after firewalld's name.
ask_firewalld() {
    own=org.fedoraproject.FirewallD1$1
    shift
    ask_bus org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1 "$own" "$@" >"$work/answer-of-firewalld" || return 1
    # s "public"    as 2 "drop" "public"
    sed 's/^s //; s/^as [0-9]* *//; s/"//g' "$work/answer-of-firewalld"
}

# The manifest's openings, a line "part opening".
wanted_openings() {
    {
        values_by_part open
        # What comes in by an interface that no zone names goes by the default zone, but is not forwarded there.
        # NetworkManager names its interfaces by itself.
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
