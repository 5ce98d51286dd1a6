# --- the host's networks --------------------------------------------------------------------

# A virtual address on an interface that is not there, or that has no network for it, is accepted by keepalived, and
# nobody can reach it. With /32 or /128 an address says itself that it needs no network.
check_interfaces() {
    for part in $(values part); do
        card=$(values_of_part "$part" interface)
        [ -n "$card" ] || continue
        [ -d "/sys/class/net/$card" ] ||
            fail "interface must be a network interface of this host, got $card. It has $(networks_in_words). $nothing Set interface, or backupInterface where the backup's has another name."
        values_of_part "$part" virtual-address >"$work/addresses"
        while read -r address; do
            case "$address" in */32 | */128) continue ;; esac
            is_on_link "${address%/*}" "$card" ||
                fail "virtualAddresses must be in a network of $card, got $address. This host has $(networks_in_words). $nothing Set virtualAddresses or interface; an address that is routed to the hosts is written with /32."
        done <"$work/addresses"
    done
}

# Whether a card has a network for an address. (With oif, ip route get takes every address for one of the card's.)
is_on_link() {
    ip_family=-4
    case "$1" in *:*) ip_family=-6 ;; esac
    ip -o "$ip_family" route show match "$1" dev "$2" 2>/dev/null | grep -v -e ' via ' -e '^default' | grep -q .
}

# Such as "eth0 (10.1.1.1/24, 2001:db8::1/64), eth1 (no address)".
networks_in_words() {
    for path in /sys/class/net/*; do
        card=${path##*/}
        [ "$card" != lo ] || continue
        own=$(ip -o address show dev "$card" scope global 2>/dev/null | awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $4 }')
        printf '%s (%s)\n' "$card" "${own:-no address}"
    done | paste -s -d ';' | sed 's/;/, /g'
}
