# --- status: the state of this host, for `npx cdktf-exchange-balancer status` -------------------

# Prints one fact on each line: a word and its value. A line with a problem begins with `wrong`. Changes nothing on the
# host.
status() {
    host=$(uname -n)
    manifest=$root/manifest
    if [ ! -f "$manifest" ]; then
        echo "wrong no deploy to this host has finished"
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
        reason=$("$pair_check" pair) || echo "wrong this host leaves the addresses to the other node: $reason"
    fi
    stats=$(values stats-port | head -n 1)
    if [ -n "$stats" ]; then
        echo none >"$work/old-listeners"
        members "$stats" >"$work/members-now"
        [ -s "$work/members-now" ] || echo "wrong HAProxy does not answer on 127.0.0.1:$stats"
        awk -F, "$awk_servers_in_words" "$work/answer" | sed 's/^[^:]*: DOWN/wrong &/; /^wrong /!s/^/members /'
    fi
    # --drift runs in a separate process, because it exits with status 3 if there are differences.
    sh "$0" --drift 2>&1 | sed 's/^\[[^]]*\] //; /^nothing has changed since the deploy/d; s/^/wrong /'
}
