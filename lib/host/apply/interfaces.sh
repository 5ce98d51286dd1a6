# --- the host's networks --------------------------------------------------------------------

# A virtual address on an interface that is not there, or that has no network for it, is accepted by keepalived, and
# nobody can reach it. With /32 or, in IPv6, /128 an address says itself that it needs no network.
check_interfaces() {
    for part in $(values part); do
        card=$(values_of_part "$part" interface)
        [ -n "$card" ] || continue
        [ -d "/sys/class/net/$card" ] ||
            fail "interface must be a network interface of this host, got $card. It has $(networks_in_words). $nothing Set interface, or backupInterface where the backup's has another name."
        values_of_part "$part" virtual-address >"$work/addresses"
        while read -r address; do
            case "$address" in
                *:*) check_ipv6_address "$address" "$card" ;;
                */32) ;;
                *)
                    is_on_link "${address%/*}" "$card" ||
                        fail "virtualAddresses must be in a network of $card, got $address. This host has $(networks_in_words). $nothing Set virtualAddresses or interface; an address that is routed to the hosts is written with /32."
                    ;;
            esac
        done <"$work/addresses"
    done
}

# A host needs no IPv6 network of its own: with a prefix length the virtual address brings one. But an address in another
# network than the interface's is a mistake.
check_ipv6_address() {
    [ "$(ipv6_switch "$2")" = 0 ] ||
        fail "virtualIpv6Addresses must be left out where IPv6 is switched off, got $1. On this host it is off for $2. $nothing Switch it on (sysctl net.ipv6.conf.$2.disable_ipv6), or leave them out."
    case "$1" in */128) return 0 ;; esac
    ! is_on_link "${1%/*}" "$2" || return 0
    [ -z "$(ipv6_networks "$2")" ] ||
        fail "virtualIpv6Addresses must be in a network of $2, got $1. This host has $(networks_in_words). $nothing Set virtualIpv6Addresses or interface; an address that is routed to the hosts is written with /128."
    [ -z "$(ip -6 route show default 2>/dev/null)" ] || return 0
    case "$1" in
        */*) say "$2 has no IPv6 network, and this host no IPv6 default route: only clients in the network of $1 will reach it" ;;
        *) fail "virtualIpv6Addresses must have a prefix length where the hosts have no IPv6 network, such as $1/64, got $1. $nothing Add it, or give the hosts an IPv6 address." ;;
    esac
}

# 0: a card may have IPv6 addresses.
ipv6_switch() {
    cat "/proc/sys/net/ipv6/conf/$1/disable_ipv6" 2>/dev/null || echo 1
}

# The IPv6 networks that a card has by itself: of its own addresses and by router advertisement, not of the virtual
# addresses that it holds now.
ipv6_networks() {
    sed -n 's/^virtual-address \(.*:.*\)/\1/p' "$root/manifest" 2>/dev/null | while read -r held; do
        ip -6 -o address show dev "$1" to "${held%/*}" 2>/dev/null | awk '{ print $4 }'
    done >"$work/held"
    ip -6 -o address show dev "$1" scope global 2>/dev/null | awk '{ print $4 }' | grep -v '/128$' | grep -vxF -f "$work/held" || :
    ip -6 -o route show dev "$1" 2>/dev/null | awk '$1 ~ /[/]/ && !/ via / && / proto (ra|static)/ { print $1 }'
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
