# --- the pair: who holds the addresses, and with which VRRP settings ------------

# A node that does not hold a virtual address asks the holder (haproxy-check). The answer is a file that HAProxy serves.
# The host itself adds these lines to the file:
#   language    a hash of the VRRP settings that both nodes must share
#   config      a hash of all files that HAProxy reads
#   generation  a number that grows, over both nodes, with each delivery that changes one of the two

pair_answer=/etc/haproxy/pair.http
pair_file=/etc/keepalived/pair
aside_note=/run/keepalived-exchange-balancer/aside
pair_check=/usr/libexec/keepalived/haproxy-check

# The value of the first line in a file that begins with a word.
line_of() {
    # Reads to the end, or the program that writes into its pipe would complain.
    sed -n "/^$1 /{s///;p;:rest;n;b rest;}" "$2" 2>/dev/null || :
}

# Called after the files are staged, before they are compared.
stamp_pair() {
    language_changes=no
    was_pair=no
    [ ! -f "$pair_answer" ] || was_pair=yes
    [ -f "$stage$pair_answer" ] || return 0
    [ -f "$stage$pair_file" ] || return 0
    language=$({ sed -n 's/^language //p' "$stage$pair_file"; cat "$stage/etc/keepalived/vrrp.auth" 2>/dev/null || :; } | short_hash)
    awk -v answer="$pair_answer" '($1 == "haproxy" || $1 == "trust") && $3 != answer { print $3 }' "$work/files" | sort >"$work/served"
    # The metrics port is bound to the node's own address, and each node has its own name among the peers. So these
    # lines are left out.
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
    # The holder answers "changing" until keepalived uses the new settings. So the other node leaves the addresses here,
    # whatever its own settings are.
    held_addresses "$stage$pair_file" >"$work/held"
    [ ! -s "$work/held" ] || sed -i 's/^language .*/language changing/' "$stage$pair_answer"
}

# A keepalived that somebody configured by hand does not hear this library's VRRP, and knows no pair port. If this node
# held an address while the other node still has such a keepalived, both would hold it. The master node is delivered last,
# and then the backup node answers on the pair port.
check_old_pair() {
    [ "$language_changes" = yes ] && [ "$was_pair" = no ] || return 0
    # A pair that left its stack, kept running, and comes back.
    ! cmp -s "$stage/etc/keepalived/keepalived.conf" /etc/keepalived/keepalived.conf || return 0
    held_addresses "$stage$pair_file" >"$work/held"
    [ -s "$work/held" ] && [ -z "$(ask_peer "$stage$pair_file")" ] || return 0
    peer=$(line_of peer "$stage$pair_file")
    accepts_https "$peer" || return 0
    fail "this host holds $(paste -s -d ' ' "$work/held"), and the other node, $peer, serves without this library. If its keepalived has other VRRP settings than your props, both nodes would hold the address. $nothing Move the address to $peer first (docs/adopting.md, If the backup node holds the address). If no keepalived runs on $peer, stop its haproxy. Then deploy again."
}

# shellcheck disable=SC2016 # for the bash that is called
accepts_https() {
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/443"' "$1" 2>/dev/null
}

short_hash() {
    sha256sum | cut -c 1-16
}

# Higher than this node's last generation, than the other node's generation, and than the current time. The clocks of
# the nodes need not agree.
next_generation() {
    {
        date +%s
        line_of generation "$pair_answer"
        ask_peer "$stage$pair_file" | sed -n 's/^generation \([0-9]*\).*/\1/p'
    } | sort -n | tail -n 1 | awk '{ print $1 + 1 }'
}

# The other node's answer on the pair port. Empty if the node is off or does not know the question.
ask_peer() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3' "$(line_of peer "$1")" "$(line_of port "$1")" 2>/dev/null | tr -d '\r' || :
}

# The addresses of a pair file, without prefix lengths.
pair_addresses() {
    sed -n 's/^address \([^/]*\).*/\1/p' "$1"
}

# The addresses of a pair file that this host holds.
held_addresses() {
    ip -4 -o address show >"$work/addresses"
    pair_addresses "$1" | while read -r address; do
        ! grep -qF " $address/" "$work/addresses" || printf '%s\n' "$address"
    done
}

# Whether the new files of keepalived have other VRRP settings than the running keepalived.
speaks_anew() {
    [ "${language_changes:-no}" = yes ]
}

# Makes keepalived read new VRRP settings. A node that holds the addresses keeps them: during the change, they are also
# on the loopback interface, where the kernel removes them by itself if this run dies. A node without addresses, or with
# only some of the pair's addresses, restarts keepalived. keepalived then waits for its first check, which asks the
# holder.
reload_in_new_language() {
    if shares_addresses; then
        # Until the holder has given a clear answer.
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

# Whether another node holds some of the addresses that this node's keepalived has managed until now.
shares_addresses() {
    held_addresses "$pair_file" >"$work/held"
    [ -s "$work/held" ] || return 0
    [ -f "$root/previous$pair_file" ] || return 1
    held_addresses "$root/previous$pair_file" >"$work/held"
    pair_addresses "$root/previous$pair_file" >"$work/all"
    ! cmp -s "$work/held" "$work/all"
}

# Whether keepalived has put all held addresses on the interface again.
held_on_interface() {
    ip -4 -o address show dev "$(line_of interface "$pair_file")" >"$work/addresses" 2>/dev/null || return 1
    while read -r address; do
        grep -qF " $address/" "$work/addresses" || return 1
    done <"$work/held"
}

# If the other node has the old settings, waits until its next check has seen that this node is changing.
await_peer_aside() {
    [ "$swapping" = yes ] || return 0
    theirs=$(ask_peer "$pair_file" | line_of language /dev/stdin)
    [ -n "$theirs" ] && [ "$theirs" != "$language" ] || return 0
    interval=$(line_of ' *interval' "$root/previous/etc/keepalived/keepalived.conf")
    seconds=$((${interval:-5} + 1))
    say "the other node uses other VRRP settings; waiting $seconds s. In this time, the other node's next check sees the change, so the other node does not take the addresses"
    sleep "$seconds"
}

# After keepalived uses the new settings, the other node may take part again.
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

# Prints who holds each address, at the end of a delivery. If no node or both nodes hold an address, the deploy fails.
# If an address is about to move here, the deploy waits for it, so that users of the address are not cut off afterwards.
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
        # A new address comes up only after the holder of the other addresses is delivered.
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

# keepalived was restarted on this node, and the other node still holds an address that prefers this node.
address_comes() {
    while read -r address holder; do
        if [ "$holder" != "$host" ] && grep -qxF "$address" "$work/preferred"; then return 0; fi
    done <"$work/holders"
    return 1
}

# The host that answers at an address. The name is unknown if the host does not know the question, or if it filters the
# port.
# shellcheck disable=SC2016 # for the bash that is called
asked_holder() {
    # An old ARP entry would look like an answer below.
    ip neigh del "$1" dev "$(line_of interface "$pair_file")" 2>/dev/null || :
    said=$(timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3' "$1" "$(line_of port "$pair_file")" 2>/dev/null | tr -d '\r' | line_of host /dev/stdin) || :
    if [ -n "$said" ]; then
        printf '%s\n' "$said"
    elif accepts_https "$1"; then
        printf 'a host that does not answer on the pair port\n'
    elif ip neigh show to "$1" dev "$(line_of interface "$pair_file")" 2>/dev/null | grep -q ' lladdr '; then
        # Usual firewalls do not filter ARP.
        printf 'a host that answers neither on the pair port nor on port 443 (check its firewall)\n'
    fi
}

# Whether the other node also has an address. If so, its kernel drops packets that come from this address, so there is
# no answer. If the other node answers no ping at all, this is unknown.
holds_it_too() {
    command -v ping >/dev/null || return 1
    ping -q -n -c 1 -W 1 "$2" >/dev/null 2>&1 || return 1
    # The first answer settles it, so a usual deploy waits for one answer only.
    for _ in 1 2 3; do
        ! ping -q -n -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || return 1
    done
}

# After a failure: prints which node serves which configuration. The other node was delivered first, or not at all.
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
        say "$(line_of host "$work/peer") does not have this configuration; both nodes serve as before"
    fi
}
