# --- the pair: which node holds the addresses, and with which VRRP settings ------

# Before a node takes a virtual address, it asks the holder (haproxy-check). The holder is the node that holds the
# address. Its HAProxy answers with the file $pair_answer. apply.sh adds these lines to this file:
#   language    a hash of the VRRP settings that both nodes must share
#   config      a hash of all files that HAProxy reads
#   generation  a number. If a delivery changes language or config on a node, it gives this node a new number. The new
#               number is higher than the numbers that the two nodes had before.

pair_answer=/etc/haproxy/pair.http
pair_file=/etc/keepalived/pair
aside_note=/run/keepalived-exchange-balancer/aside
pair_check=/usr/libexec/keepalived/haproxy-check

# Prints the value of the first line in the file $2 that begins with the word $1.
line_of() {
    # sed reads its whole input. If it stopped early, the program that writes into the pipe would print an error.
    sed -n "/^$1 /{s///;p;:rest;n;b rest;}" "$2" 2>/dev/null || :
}

# Adds language, config and generation to the new answer file. Called when the new files are staged, but not yet
# compared with the old ones.
stamp_pair() {
    language_changes=no
    was_pair=no
    [ ! -f "$pair_answer" ] || was_pair=yes
    [ -f "$stage$pair_answer" ] || return 0
    [ -f "$stage$pair_file" ] || return 0
    language=$({ sed -n 's/^language //p' "$stage$pair_file"; cat "$stage/etc/keepalived/vrrp.auth" 2>/dev/null || :; } | short_hash)
    awk -v answer="$pair_answer" '($1 == "haproxy" || $1 == "trust") && $3 != answer { print $3 }' "$work/files" | sort >"$work/served"
    # The hash leaves out two sections of haproxy.cfg that differ between the nodes: the metrics frontend (it is bound
    # to the node's own address) and the peers (each node has its own name there).
    config=$(while read -r path; do
        printf '%s ' "$path"
        awk '/^[a-z]/ { own = $1 == "frontend" && $2 == "fe_metrics" || $1 == "peers" } !own && $1 != "localpeer"' "$stage$path" | sha256sum
    done <"$work/served" | short_hash)
    ! grep -qx 'config differs' "$stage$pair_file" || config=differs
    printf 'language %s\nconfig %s\n' "$language" "$config" >>"$stage$pair_answer"
    if [ -f "$pair_answer" ] && sed '/^generation /d' "$pair_answer" | cmp -s - "$stage$pair_answer"; then
        generation=$(line_of generation "$pair_answer")
    else
        generation=$(next_generation)
    fi
    printf 'generation %s\n' "$generation" >>"$stage$pair_answer"
    [ "$(line_of language "$pair_answer")" != "$language" ] || return 0
    systemctl is-active --quiet keepalived || return 0
    language_changes=yes
    # If this node holds an address, its answer file says "changing" until keepalived uses the new settings. Meanwhile
    # the other node does not take the address, because its own settings never equal "changing".
    held_addresses "$stage$pair_file" >"$work/held"
    [ ! -s "$work/held" ] || sed -i 's/^language .*/language changing/' "$stage$pair_answer"
}

# Stops the deploy if both nodes might hold the same address afterwards. This can happen if somebody has configured
# keepalived by hand on the other node: that keepalived does not hear this library's VRRP, and that node does not answer
# on the pair port. As long as the other node does not answer there, this node must hold no address. The deploy to the
# master node comes last, and by then the backup node answers on the pair port.
check_old_pair() {
    [ "$language_changes" = yes ] && [ "$was_pair" = no ] || return 0
    # The same keepalived.conf runs already: the pair was removed from its stack, kept running, and is now added again.
    ! cmp -s "$stage/etc/keepalived/keepalived.conf" /etc/keepalived/keepalived.conf || return 0
    held_addresses "$stage$pair_file" >"$work/held"
    [ -s "$work/held" ] && [ -z "$(ask_peer "$stage$pair_file")" ] || return 0
    peer=$(line_of peer "$stage$pair_file")
    accepts_https "$peer" || return 0
    fail "this host holds $(paste -s -d ' ' "$work/held"), and the other node, $peer, serves clients without this library. If the keepalived on $peer has other VRRP settings than your props, both nodes would hold the address after this deploy. $nothing Move the address to $peer first (docs/adopting.md, section \"If the backup node holds the address\"), or, if no keepalived runs on $peer, stop the haproxy on $peer. Then deploy again."
}

# shellcheck disable=SC2016 # for the bash that is called
accepts_https() {
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/443"' "$1" 2>/dev/null
}

short_hash() {
    sha256sum | cut -c 1-16
}

# Prints a number that is higher than this node's last generation, the other node's generation and the current time. So
# the two nodes need no synchronized clocks.
next_generation() {
    {
        date +%s
        line_of generation "$pair_answer"
        ask_peer "$stage$pair_file" | sed -n 's/^generation \([0-9]*\).*/\1/p'
    } | sort -n | tail -n 1 | awk '{ print $1 + 1 }'
}

# Prints the other node's answer on the pair port. Prints nothing if the other node is off, or has no pair port yet.
ask_peer() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3' "$(line_of peer "$1")" "$(line_of port "$1")" 2>/dev/null | tr -d '\r' || :
}

# Reads the pair file $1. Prints its addresses, without prefix lengths.
pair_addresses() {
    sed -n 's/^address \([^/]*\).*/\1/p' "$1"
}

# Reads the pair file $1. Prints those of its addresses that this host holds.
held_addresses() {
    ip -4 -o address show >"$work/addresses"
    pair_addresses "$1" | while read -r address; do
        ! grep -qF " $address/" "$work/addresses" || printf '%s\n' "$address"
    done
}

# Whether the new files change the VRRP settings of the running keepalived.
speaks_anew() {
    [ "${language_changes:-no}" = yes ]
}

# Makes keepalived load new VRRP settings. There are two cases:
#   - This node holds all addresses of the pair. It keeps them. During the change, they are also on the loopback
#     interface. If this run dies, the kernel removes them from there by itself.
#   - This node holds none of the addresses, or only some of them. It restarts keepalived. keepalived then waits for its
#     first check, which asks the holder.
reload_in_new_language() {
    if shares_addresses; then
        # Keeps this node from taking an address until the holder has given a clear answer.
        [ ! -f "$aside_note" ] || echo "the VRRP of this node has changed" >"$aside_note"
        vrrp_began=yes
        systemctl restart keepalived
        return
    fi
    held_addresses "$pair_file" >"$work/held"
    await_peer_aside
    while read -r address; do
        ip address add "$address/32" dev lo valid_lft 30 preferred_lft 30 2>/dev/null || :
    done <"$work/held"
    reloaded=yes
    systemctl reload keepalived || reloaded=no
    kept_for=0
    tries=0
    while [ "$tries" -lt 400 ] && [ "$kept_for" -lt 20 ]; do
        sleep 0.05
        tries=$((tries + 1))
        if held_on_interface; then kept_for=$((kept_for + 1)); else kept_for=0; fi
    done
    while read -r address; do
        ip address delete "$address/32" dev lo 2>/dev/null || :
    done <"$work/held"
    [ "$reloaded" = yes ] && [ "$kept_for" -ge 20 ]
}

# Whether the other node may hold some of the addresses that this node's keepalived has managed until now. True if this
# node holds none of them, or only some.
shares_addresses() {
    held_addresses "$pair_file" >"$work/held"
    [ -s "$work/held" ] || return 0
    [ -f "$root/previous$pair_file" ] || return 1
    held_addresses "$root/previous$pair_file" >"$work/held"
    pair_addresses "$root/previous$pair_file" >"$work/all"
    ! cmp -s "$work/held" "$work/all"
}

# Whether keepalived has put all addresses in $work/held on the interface again.
held_on_interface() {
    ip -4 -o address show dev "$(line_of interface "$pair_file")" >"$work/addresses" 2>/dev/null || return 1
    while read -r address; do
        grep -qF " $address/" "$work/addresses" || return 1
    done <"$work/held"
}

# If the other node still has the old settings, waits until the other node's next check has read "changing" in this
# node's answer.
await_peer_aside() {
    [ "$swapping" = yes ] || return 0
    theirs=$(ask_peer "$pair_file" | line_of language /dev/stdin)
    [ -n "$theirs" ] && [ "$theirs" != "$language" ] || return 0
    interval=$(line_of ' *interval' "$root/previous/etc/keepalived/keepalived.conf")
    seconds=$((${interval:-5} + 1))
    say "the other node does not use the VRRP settings of this deploy yet; waiting $seconds s, so that the other node's next check notices that this node's VRRP settings are changing. The other node then does not take the addresses"
    sleep "$seconds"
}

# Called when keepalived uses the new settings. Replaces "changing" in the answer file by the hash of the new settings.
# If the other node has the same settings, it may then take the addresses again.
settle_language() {
    speaks_anew && [ -s "$work/held" ] || return 0
    grep -q '^language changing' "$pair_answer" 2>/dev/null || return 0
    sed "s/^language .*/language $language/" "$pair_answer" >"$work/answer"
    cat "$work/answer" >"$stage$pair_answer"
    put_in_place "$stage$pair_answer" "$pair_answer" || roll_back "$pair_answer could not be written."
    remember_listeners
    hook reload haproxy >"$work/log" 2>&1 || roll_back "haproxy could not load $pair_answer (output above)."
    why="haproxy did not stay up."
    hook serves haproxy || roll_back "$why"
}

# Called at the end of a delivery. Prints which node holds each address. If an address is about to move to this node,
# this first waits until the address is here, so that the move does not cut connections after the deploy. If no node or
# both nodes hold an address, the deploy fails.
tell_holders() {
    [ -f "$pair_file" ] && grep -qx 'service keepalived' "$manifest" || return 0
    : >"$work/preferred"
    [ "${vrrp_began:-no}" = no ] || awk "$awk_preferred_addresses" /etc/keepalived/keepalived.conf >"$work/preferred"
    until=$(($(date +%s) + 20))
    while :; do
        : >"$work/holders"
        held_addresses "$pair_file" >"$work/held"
        for address in $(pair_addresses "$pair_file"); do
            holder=$host
            grep -qxF "$address" "$work/held" || holder=$(asked_holder "$address")
            # The address may have moved here in the meantime.
            if [ "$holder" != "$host" ] && held_addresses "$pair_file" | grep -qxF "$address"; then holder=$host; fi
            printf '%s %s\n' "$address" "${holder:-nobody}" >>"$work/holders"
        done
        grep -q ' nobody$' "$work/holders" || address_comes || break
        # If this node leaves the addresses to the other node, the wait ends: a new address comes up only after the
        # delivery to the node that holds the other addresses.
        reason=$("$pair_check" pair) || break
        [ "$(date +%s)" -lt "$until" ] || break
        sleep 0.2
    done
    later=''
    if [ "${vrrp_began:-no}" = yes ]; then
        later=$(sed -n 's/^ *preempt_delay \([0-9]*\).*/; if this node is preferred, it takes the address \1 s after keepalived has started/p' /etc/keepalived/keepalived.conf 2>/dev/null | head -n 1)
    fi
    while read -r address holder; do
        case "$holder" in
            "$host") say "$address is held by this host" ;;
            nobody) say "$address is held by nobody" ;;
            *) say "$address is held by $holder$later" ;;
        esac
    done <"$work/holders"
    apart=no
    reason=$("$pair_check" pair) || apart=yes
    [ "$apart" = no ] || say "this host leaves the addresses to the other node: $reason"
    peer=$(line_of peer "$pair_file")
    [ "$was_pair" = no ] || [ -n "$(ask_peer "$pair_file")" ] ||
        say "the other node, $peer, does not answer on port $(line_of port "$pair_file"). If that node is dead, set away: true on it. Deploys then do not wait for that node, and that node does not take the addresses when it starts again."
    while read -r address; do
        ! holds_it_too "$address" "$peer" || fail "$address is held by this host and by $peer. Compare the logs of keepalived on both nodes (journalctl -u keepalived), check that the network allows VRRP between the nodes, and deploy again."
    done <"$work/held"
    [ "$apart" = yes ] || ! grep -q ' nobody$' "$work/holders" || fail "$(sed -n 's/ nobody$//p' "$work/holders" | paste -s -d ' ') is held neither by this host nor by $peer. The new files are in place. Check journalctl -u keepalived on both nodes, and deploy again."
}

# Whether an address is about to move to this node: keepalived was restarted here, this node is preferred for the
# address, and the other node still holds the address.
address_comes() {
    while read -r address holder; do
        if [ "$holder" != "$host" ] && grep -qxF "$address" "$work/preferred"; then return 0; fi
    done <"$work/holders"
    return 1
}

# Prints the name of the host that answers at an address. If this host does not answer on the pair port, prints a
# description of the host instead. Prints nothing if no host has the address.
# shellcheck disable=SC2016 # for the bash that is called
asked_holder() {
    # The last test below looks for an ARP entry. So an old ARP entry is deleted first.
    ip neigh del "$1" dev "$(line_of interface "$pair_file")" 2>/dev/null || :
    said=$(timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3' "$1" "$(line_of port "$pair_file")" 2>/dev/null | tr -d '\r' | line_of host /dev/stdin) || :
    if [ -n "$said" ]; then
        printf '%s\n' "$said"
    elif accepts_https "$1"; then
        printf 'a host that does not answer on the pair port\n'
    elif ip neigh show to "$1" dev "$(line_of interface "$pair_file")" 2>/dev/null | grep -q ' lladdr '; then
        # No TCP port answers. An ARP entry still shows that a host has the address, because firewalls usually do not
        # filter ARP.
        printf 'a host that answers neither on the pair port nor on port 443 (check its firewall)\n'
    fi
}

# Whether the other node holds an address that this node holds, too. This node sends a ping from the address. If the
# other node holds it too, its kernel drops this ping, and there is no answer. First, a ping from this node's own
# address must succeed. If it does not, the test cannot tell, and the result is no.
holds_it_too() {
    command -v ping >/dev/null || return 1
    ping -q -n -c 1 -W 1 "$2" >/dev/null 2>&1 || return 1
    # Usually the first ping is answered, which ends the test.
    for _ in 1 2 3; do
        ! ping -q -n -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || return 1
    done
}

# Called after a failure. Prints which node serves which configuration. The deploy to the other node has either finished
# before, or has not begun.
tell_what_is_where() {
    [ -n "${config:-}" ] && [ -f "$pair_file" ] || return 0
    ask_peer "$pair_file" >"$work/peer"
    theirs=$(line_of config "$work/peer")
    mine=$(line_of config "$pair_answer")
    if [ -z "$theirs" ]; then
        say "the other node, $(line_of peer "$pair_file"), does not answer on port $(line_of port "$pair_file")"
    elif [ "$theirs" = "$config" ] && [ "$mine" != "$config" ]; then
        say "$(line_of host "$work/peer") serves the new configuration, and this host serves the previous configuration. Fix the cause and deploy again; to go back, revert the change and deploy."
    elif [ "$theirs" != "$config" ]; then
        say "$(line_of host "$work/peer") does not have the new configuration; both nodes serve as before"
    fi
}
