# --- the host's network interfaces ------------------------------------------------------------

# Stops the deploy if clients could not reach a virtual address. keepalived itself accepts an interface that does not
# exist, and an interface without a network for the address. An address with /32 (in IPv6, /128) needs no network.
check_interfaces() {
    for part in $(values part); do
        card=$(values_of_part "$part" interface)
        [ -n "$card" ] || continue
        [ -d "/sys/class/net/$card" ] ||
            fail "interface must be a network interface of this host, got $card. This host has $(networks_in_words). $nothing Set the prop interface, or the prop backupInterface if the interface on the backup node has another name."
        values_of_part "$part" virtual-address >"$work/addresses"
        while read -r address; do
            case "$address" in
                *:*) check_ipv6_address "$address" "$card" ;;
                */32) ;;
                *)
                    is_on_link "${address%/*}" "$card" ||
                        fail "virtualAddresses must be in a network of $card, got $address. This host has $(networks_in_words). $nothing Set virtualAddresses or interface; add /32 to an address that is routed to the hosts."
                    ;;
            esac
        done <"$work/addresses"
    done
}

# The interface may be without an IPv6 network, because a virtual address with a prefix length brings a network with it.
# But if the interface has IPv6 networks, a virtual address outside of them is a mistake.
check_ipv6_address() {
    [ "$(ipv6_switch "$2")" = 0 ] ||
        fail "virtualIpv6Addresses must be left out if IPv6 is switched off, got $1. On this host, IPv6 is off for $2. $nothing Switch it on (sysctl net.ipv6.conf.$2.disable_ipv6), or leave virtualIpv6Addresses out."
    case "$1" in */128) return 0 ;; esac
    ! is_on_link "${1%/*}" "$2" || return 0
    [ -z "$(ipv6_networks "$2")" ] ||
        fail "virtualIpv6Addresses must be in a network of $2, got $1. This host has $(networks_in_words). $nothing Set virtualIpv6Addresses or interface; add /128 to an address that is routed to the hosts."
    [ -z "$(ip -6 route show default 2>/dev/null)" ] || return 0
    case "$1" in
        */*) say "$2 has no IPv6 network, and this host has no IPv6 default route, so only clients in the network of $1 will reach the address" ;;
        *) fail "virtualIpv6Addresses must have a prefix length, such as $1/64, if the hosts have no IPv6 network, got $1. $nothing Add the prefix length, or give the hosts an IPv6 address." ;;
    esac
}

# Prints 0 if the interface may have IPv6 addresses, and 1 if IPv6 is switched off for it.
ipv6_switch() {
    cat "/proc/sys/net/ipv6/conf/$1/disable_ipv6" 2>/dev/null || echo 1
}

# Prints the IPv6 networks of an interface, from its own addresses and from its routes (router advertisements, static).
# Leaves out the networks of virtual addresses that the interface holds now.
ipv6_networks() {
    sed -n 's/^virtual-address \(.*:.*\)/\1/p' "$root/manifest" 2>/dev/null | while read -r held; do
        ip -6 -o address show dev "$1" to "${held%/*}" 2>/dev/null | awk '{ print $4 }'
    done >"$work/held"
    ip -6 -o address show dev "$1" scope global 2>/dev/null | awk '{ print $4 }' | grep -v '/128$' | grep -vxF -f "$work/held" || :
    ip -6 -o route show dev "$1" 2>/dev/null | awk '$1 ~ /[/]/ && !/ via / && / proto (ra|static)/ { print $1 }'
}

# Whether an interface has a network that contains an address. ip route get with oif cannot tell this, because it
# accepts every address.
is_on_link() {
    ip_family=-4
    case "$1" in *:*) ip_family=-6 ;; esac
    ip -o "$ip_family" route show match "$1" dev "$2" 2>/dev/null | grep -v -e ' via ' -e '^default' | grep -q .
}

# Prints the host's interfaces with their networks, such as "eth0 (10.1.1.1/24, 2001:db8::1/64), eth1 (no address)".
networks_in_words() {
    for path in /sys/class/net/*; do
        card=${path##*/}
        [ "$card" != lo ] || continue
        own=$(ip -o address show dev "$card" scope global 2>/dev/null | awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $4 }')
        printf '%s (%s)\n' "$card" "${own:-no address}"
    done | paste -s -d ';' | sed 's/;/, /g'
}
