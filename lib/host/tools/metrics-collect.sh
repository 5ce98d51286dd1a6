#!/bin/sh
# Written by cdktf-exchange-balancer. Writes facts about this host that HAProxy does not know, as text for Prometheus:
# VRRP and the holder of the virtual addresses, certificates, the last deploy, drift, the firewall. HAProxy's metrics
# port serves the files with this text.
#
# usage: metrics-collect          writes the metrics every few seconds, until it is stopped
#                                 (exchange-balancer-metrics.service)
#        metrics-collect --once   writes all metrics once
#
# This script changes only its own files. It is one process that keeps running, because a timer every 5 s would write
# 50 000 lines a day to the journal.

set -u
umask 022
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

tools=/usr/libexec/cdktf-exchange-balancer
state=/var/lib/cdktf-exchange-balancer
keepalived_conf=/etc/keepalived/keepalived.conf
# HAProxy's chroot contains this folder.
served=/var/lib/haproxy/exchange-balancer
# Debian's node_exporter reads files *.prom in this folder.
node_exporter=/var/lib/prometheus/node-exporter
memory=/run/exchange-balancer-metrics

mkdir -p "$served" "$memory" || exit 1

# Replaces the file $1 with standard input. If this fails, the old file stays.
publish() {
    cat >"$served/.$1.new" && mv -f "$served/.$1.new" "$served/$1" || return 0
    if [ -d "$node_exporter" ]; then
        cp "$served/$1" "$node_exporter/.exchange-balancer-$1.new" && mv -f "$node_exporter/.exchange-balancer-$1.new" "$node_exporter/exchange-balancer-$1"
    fi
}

gauge() {
    printf '# HELP exchange_balancer_%s %s\n# TYPE exchange_balancer_%s gauge\nexchange_balancer_%s%s %s\n' "$1" "$2" "$1" "$1" "$3" "$4"
}

# Reads keepalived's log messages since the last call. If the cursor of the last call is lost, because the journal was
# rotated, reads all messages since the boot.
follow_keepalived() {
    [ -s "$memory/vrrp" ] || : >"$memory/vrrp"
    if ! { [ -s "$memory/cursor" ] && journalctl --no-pager --quiet --output cat --unit keepalived --show-cursor --after-cursor="$(cat "$memory/cursor")" >"$memory/log" 2>/dev/null; }; then
        : >"$memory/vrrp"
        journalctl --no-pager --quiet --output cat --unit keepalived --boot --show-cursor >"$memory/log" 2>/dev/null || :
    fi
    sed -n 's/^-- cursor: //p' "$memory/log" >"$memory/cursor.new"
    [ ! -s "$memory/cursor.new" ] || mv "$memory/cursor.new" "$memory/cursor"
    awk -f "$tools/keepalived-journal.awk" "$memory/vrrp" "$memory/log" >"$memory/vrrp.new" && mv "$memory/vrrp.new" "$memory/vrrp"
}

vrrp() {
    [ -r "$keepalived_conf" ] || return 0
    follow_keepalived
    awk -f "$tools/keepalived-conf.awk" "$keepalived_conf" >"$memory/conf"
    # The kernel says whether the host has an address. A comparison of texts would fail if the address is spelled in
    # another way.
    : >"$memory/here"
    while read -r word _ address; do
        [ "$word" = address ] || continue
        [ -z "$(ip -o address show to "$address" 2>/dev/null)" ] || printf '%s\n' "$address" >>"$memory/here"
    done <"$memory/conf"
    running=0
    ! systemctl is-active --quiet keepalived || running=1
    awk -v running="$running" -f "$tools/vrrp-metrics.awk" "$memory/vrrp" "$memory/conf" "$memory/here"
}

collect_host() {
    {
        gauge collected_timestamp_seconds "When this host's state was last collected." "" "$(date +%s)"
        vrrp
    } | publish host.prom
}

# Writes the metrics about the last deploy. Skips this during a deploy, because some of the deploy's files may still be
# old.
collect_deploy() {
    [ -r "$state/manifest" ] || return 0
    flock -n "$state/lock" true 2>/dev/null || return 0
    {
        gauge build_info "The version of cdktf-exchange-balancer that delivered this host." "{version=\"$(sed -n 's/^library //p' "$state/manifest" | tr -cd 'A-Za-z0-9.+-')\"}" 1
        gauge deploy_timestamp_seconds "When a deploy last changed this host." "" "$(stat -c %Y "$state/installed")"
        drifted
        gauge drifted_files "Files that differ from what was deployed." "" "$(grep -cE '\] /.* was (edited|removed)$' "$memory/drift")"
        gauge drift "The number of differences from the last deploy: files, packages, services, firewall, trust." "" "$(grep -c . "$memory/drift")"
        openings
    } | publish deploy.prom
}

# Writes the changes on this host since the last deploy to $memory/drift, one on each line. It does so at most every
# 30 s, because the checks of packages and of the firewall take time.
drifted() {
    [ "$(($(date +%s) - $(stat -c %Y "$memory/drift" 2>/dev/null || echo 0)))" -ge 30 ] || return 0
    : >"$memory/drift"
    differences=$(sh "$tools/apply.sh" --drift 2>/dev/null) || printf '%s\n' "$differences" >"$memory/drift"
}

# Counts the deploy's openings that firewalld does not have. It asks firewalld at most every 30 s, because firewall-cmd
# takes 0.3 s.
openings() {
    grep -q '^firewall firewalld' "$state/manifest" || return 0
    now=$(date +%s)
    if [ "$((now - $(stat -c %Y "$memory/openings" 2>/dev/null || echo 0)))" -ge 30 ]; then
        zone=$(cat "$state/zone" 2>/dev/null)
        { firewall-cmd ${zone:+"--zone=$zone"} --list-ports && firewall-cmd ${zone:+"--zone=$zone"} --list-rich-rules; } >"$memory/rules" 2>/dev/null || : >"$memory/rules"
        awk -f "$tools/openings-missing.awk" "$memory/rules" "$state/manifest" >"$memory/openings"
    fi
    gauge firewall_openings_refused "Openings of the deploy that are missing in the firewall." "" "$(cat "$memory/openings")"
}

# Writes the metrics about certificates. It is called in the background, because a member that does not answer takes 10
# s.
collect_certificates() {
    [ -x "$tools/certificate-check" ] || return 0
    [ -e /etc/haproxy/certificate-check.conf ] || return 0
    "$tools/certificate-check" --metrics >"$memory/certificates" 2>/dev/null
    publish certificates.prom <"$memory/certificates"
}

if [ "${1:-}" = --once ]; then
    collect_host
    collect_deploy
    collect_certificates
    exit 0
fi

# If a deploy changes this script, systemd reloads the unit (SIGHUP). The new script then replaces this process.
trap 'exec "$0"' HUP
round=0
certificates=''
while :; do
    collect_host
    [ "$((round % 2))" != 0 ] || collect_deploy
    if [ "$((round % 6))" = 0 ]; then
        # A check of the certificates starts only when the previous one has ended.
        if [ -z "$certificates" ] || ! kill -0 "$certificates" 2>/dev/null; then
            collect_certificates &
            certificates=$!
        fi
    fi
    round=$((round + 1))
    # sleep runs in the background, because the shell handles a signal during wait, but not during a command.
    sleep 5 &
    wait $!
done
