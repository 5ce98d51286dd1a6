# --- status: how this host does, for `npx cdktf-exchange-balancer status` -------------------

# Lines of a word and what it says; what is not as it should be begins with `wrong`. It changes nothing.
status() {
    host=$(uname -n)
    manifest=$root/manifest
    if [ ! -f "$manifest" ]; then
        echo "wrong no delivery has come to its end here"
        return 0
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    echo "delivered $(line_of at "$delivered") $(line_of library "$manifest")"
    for service in $(services_of "$manifest"); do
        echo "service $service $(systemctl is-active "$service" 2>/dev/null || :)"
    done
    if [ -f "$pair_file" ] && grep -qx 'service keepalived' "$manifest"; then
        held_addresses "$pair_file" >"$work/held"
        for address in $(pair_addresses "$pair_file"); do
            if grep -qxF "$address" "$work/held"; then echo "address $address held"; else echo "address $address not-held"; fi
        done
        reason=$("$pair_check" pair) || echo "wrong leaves the addresses to the other node: $reason"
    fi
    stats=$(values stats-port | head -n 1)
    if [ -n "$stats" ]; then
        echo none >"$work/old-listeners"
        members "$stats" >"$work/members-now"
        [ -s "$work/members-now" ] || echo "wrong HAProxy does not answer on 127.0.0.1:$stats"
        awk -F, "$awk_servers_in_words" "$work/answer" | sed 's/^[^:]*: DOWN/wrong &/; /^wrong /!s/^/members /'
    fi
    # In a process of its own: it ends with 3 where something differs.
    sh "$0" --drift 2>&1 | sed 's/^\[[^]]*\] //; /^all is as it was deployed/d; s/^/wrong /'
}
