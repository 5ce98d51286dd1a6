# --- the first deploy to a host that already serves ---------------------------------------------

# Before the first deploy, somebody may have configured haproxy and keepalived by hand. The deploy would close ports of
# haproxy and remove virtual addresses of keepalived if the props do not contain them. So check_adoption lists these
# ports and addresses, and stops the deploy unless the prop takeOver is true.
check_adoption() {
    [ ! -f "$root/manifest" ] || return 0
    : >"$work/lost"
    ports_lost >>"$work/lost"
    addresses_lost >>"$work/lost"
    [ -s "$work/lost" ] || return 0
    lost=$(paste -s -d , "$work/lost" | sed 's/,/, /g')
    if [ "$(values take-over)" = yes ]; then
        say "after this deploy, this host no longer serves $lost"
    else
        fail "after this deploy this host would no longer serve $lost. $nothing Add these ports and addresses to the props, or set takeOver: true, and deploy again."
    fi
}

# Prints the ports that the deploy would close and that other hosts can reach, such as "8080/tcp (haproxy)".
ports_lost() {
    grep -qxF 'service haproxy' "$manifest" && systemctl is-active --quiet haproxy || return 0
    echo haproxy >"$work/own"
    values listen >"$work/ports"
    ss -Hltnp | awk "$awk_adopted_ports" "$work/ports" - | while read -r port pid; do
        ! is_one_of_ours "$pid" || printf '%s/tcp (haproxy)\n' "$port"
    done | sort -u
}

addresses_lost() {
    grep -qxF 'service keepalived' "$manifest" && systemctl is-active --quiet keepalived || return 0
    values virtual-address | sed 's|/.*||' >"$work/addresses"
    awk "$awk_adopted_addresses" "$work/addresses" /etc/keepalived/keepalived.conf 2>/dev/null | sort -u
}
