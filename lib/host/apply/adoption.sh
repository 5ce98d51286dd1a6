# --- a host that served before our first delivery -----------------------------------------------

# Ports that a hand-made haproxy listens on and addresses that a hand-made keepalived holds, and that nobody asked this
# library for, would vanish with the swap. So they are named, and the deploy stops unless the prop takeOver agrees.
check_adoption() {
    [ ! -f "$root/manifest" ] || return 0
    : >"$work/lost"
    ports_lost >>"$work/lost"
    addresses_lost >>"$work/lost"
    [ -s "$work/lost" ] || return 0
    lost=$(paste -s -d , "$work/lost" | sed 's/,/, /g')
    if [ "$(values take-over)" = yes ]; then
        say "no longer served after this deploy: $lost"
    else
        fail "after this deploy this host would no longer serve $lost. $nothing Add it to the props, or set takeOver: true, and deploy again."
    fi
}

# Where others can reach it: "8080/tcp (haproxy)".
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
