#!/bin/sh
# Written by cdktf-exchange-balancer. Makes this node a router for the Exchange servers. HAProxy can then connect to a
# server from the client's address: the server sends its answers to the node with the virtual address, and that node
# gives them to its HAProxy.
#
# usage: routing start                 sets up the routing; if it exists, sets it up again
#        routing --before-live NEWS    checks for each member whether its answers to clients come back to this pair;
#                                      exit status 1 if a member's answers do not
#
# The script /run/exchange-balancer-routing/undo undoes everything that `start` sets up.

set -eu
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

conf=/etc/haproxy/routing.conf
tools=/usr/libexec/cdktf-exchange-balancer
run=/run/exchange-balancer-routing
# The numbers of this library's own routing tables and rules. Other programs do not use them. The mark uses one bit of
# 32.
answers=20333
probes=20334
mark=0x10000000/0x10000000

fail() {
    printf '%s\n' "$*"
    exit 1
}

values() {
    sed -n "s/^$1 //p" "$conf"
}

# Prints all values of the word $1 in one text: "A or B".
listed() {
    values "$1" | paste -s -d ' ' | sed 's/ / or /g'
}

# Prints the IP families that this node routes: 4, and 6 if there are members with IPv6.
families() {
    echo 4
    [ -z "$(values member6)" ] || echo 6
}

members() {
    case "$1" in 4) values member ;; *) values member6 ;; esac
}

# Prints the address from which a node checks the members. $1 is the IP family, $2 is the number of the node. The
# addresses are in ranges that no network uses (RFC 5737, RFC 3849).
probe_address() {
    case "$1$2" in
        41) echo 203.0.113.251 ;;
        42) echo 203.0.113.252 ;;
        61) echo 2001:db8:ffff::251 ;;
        62) echo 2001:db8:ffff::252 ;;
    esac
}

other() {
    echo $((3 - $(values node)))
}

# Writes a value to a file in /proc. Notes in $run/before what the file contained before.
set_kernel() {
    [ -w "$1" ] && [ "$(cat "$1")" != "$2" ] || return 0
    grep -q " $1\$" "$run/before" 2>/dev/null || printf '%s %s\n' "$(cat "$1")" "$1" >>"$run/before"
    echo "$2" >"$1"
}

# Prints the path of the kernel's switch for forwarding.
forwarding_switch() {
    case "$1" in 4) echo /proc/sys/net/ipv4/ip_forward ;; *) echo /proc/sys/net/ipv6/conf/all/forwarding ;; esac
}

forward() {
    if [ "$1" = 6 ]; then
        # With forwarding on, the kernel ignores router announcements, unless accept_ra is 2.
        for accepts in /proc/sys/net/ipv6/conf/*/accept_ra; do
            [ "$(cat "$accepts")" != 1 ] || set_kernel "$accepts" 2
        done
    fi
    set_kernel "$(forwarding_switch "$1")" 1
}

# Prints yes if this library turned forwarding on, else no.
is_ours() {
    if grep -q "^0 $(forwarding_switch "$1")\$" "$run/before" 2>/dev/null; then echo yes; else echo no; fi
}

# Prints the networks of the interfaces through which the members are reached.
near() {
    for family in $(families); do
        members "$family" | while read -r _ address; do
            ip "-$family" route get "$address" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1
        done | sort -u | while read -r interface; do
            ip "-$family" route show dev "$interface" | awk '!/ via / && $1 ~ /[\/]/ && $1 !~ /^fe80:/ { print $1 }'
        done
    done | sort -u
}

rule() {
    family=$1
    priority=$2
    shift 2
    while ip "-$family" rule delete priority "$priority" 2>/dev/null; do :; done
    ip "-$family" rule add priority "$priority" "$@" lookup "$priority"
}

start() {
    # If the IP families have changed (for example, IPv6 is no longer routed), everything is undone first.
    [ ! -f "$run/undo" ] || [ "$(families)" = "$(cat "$run/families")" ] || sh "$run/undo"
    mkdir -p "$run"
    touch "$run/before"
    families >"$run/families"
    cat >"$run/undo.new" <<UNDO
nft delete table inet exchange_balancer_routing 2>/dev/null
for family in 4 6; do
    for priority in $answers $probes; do
        while ip -\$family rule delete priority \$priority 2>/dev/null; do :; done
        ip -\$family route flush table \$priority 2>/dev/null
    done
done
while read -r value file; do echo "\$value" >"\$file"; done <$run/before
rm -rf $run
UNDO
    mv "$run/undo.new" "$run/undo"
    for family in $(families); do
        forward "$family"
        case "$family" in 4) all=0.0.0.0/0 peer=$(values peer) ;; *) all=::/0 peer=$(values peer6) ;; esac
        ip "-$family" route replace local "$all" dev lo table "$answers"
        rule "$family" "$answers" fwmark "$mark"
        # The other node probes the members. The members send their answers to the node with the virtual address. If
        # this node has the virtual address, it passes these answers on to the other node.
        theirs=$(probe_address "$family" "$(other)")
        ip "-$family" route replace "$theirs" via "$peer" table "$probes" ||
            echo "no route to the other node ($peer), so that node cannot check the members while this node has the virtual address"
        rule "$family" "$probes" to "$theirs"
    done
    near >"$run/near"
    awk -v drop4="$(is_ours 4)" -v drop6="$(is_ours 6)" -f "$tools/routing-table.awk" "$conf" "$run/near" >"$run/table"
    nft -f "$run/table"
}

before_live() {
    gateway=$(listed gateway)
    nft list table inet exchange_balancer_routing >/dev/null 2>&1 ||
        fail "this node does not route for the members yet. Deploy TransparentProxy.routing(), set each member's default gateway to $gateway, and then deploy TransparentProxy.clients()."
    answered=$({ values member; values member6; } | python3 "$tools/way-back" "$(values port)" "$(probe_address 4 "$(values node)")" "$(probe_address 6 "$(values node)")")
    printf '%s\n' "$answered" | while read -r name address word; do
        case "$word" in
            silent) echo "$name ($address) does not answer on TCP $(values port), so nobody knows whether its answers to clients come back to this pair" ;;
            astray)
                case "$address" in *:*) gateway=$(listed gateway6) ;; *) gateway=$(listed gateway) ;; esac
                echo "$name ($address) answers this node, but its answers to clients in other networks do not come back to this pair. Set its default gateway to $gateway, which one of the nodes must hold. If the member already has this gateway, run systemctl reload exchange-balancer-routing on the other node, and deploy again."
                ;;
        esac
    done
    case "$answered" in *" astray"*) exit 1 ;; esac
}

case "$1" in
    start) start ;;
    --before-live) before_live ;;
esac
