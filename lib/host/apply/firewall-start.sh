# --- the first start of firewalld ---------------------------------------------------------

# The functions in this file start firewalld if firewalld does not run yet. They do so only if the host has no other
# packet filter (filters.sh), and they keep the ssh port open. A systemd timer, the watchdog, protects against a
# lockout: it stops firewalld after $watch_limit s, even if this script and its ssh connection have ended. The run
# cancels the watchdog as soon as it is sure that the host can be reached. Two things must be true:
#   - firewalld allows new connections to the ssh port in its running configuration.
#   - The ssh client of this run has sent something since firewalld started.
# firewalld is enabled only then, so an earlier reboot also undoes the start of firewalld.

watch_unit=cdktf-exchange-balancer-watchdog
# The time limit of the watchdog in seconds.
watch_limit=60

# Writes to $work/firewalld-started whether firewalld was enabled before. A rollback reads this file. When the host is
# removed from the stack, firewall_as_before reads the line "host firewalld" in $root/before instead. $1: the ssh port,
# used if this run has no ssh connection.
start_firewalld() {
    ! systemctl is-active --quiet firewalld || return 0
    came_by "$1"
    enabled=no
    ! systemctl is-enabled --quiet firewalld 2>/dev/null || enabled=yes
    echo "$enabled" >"$work/firewalld-started"
    touch "$root/firewall"
    say_what_is_shut
    arm_watchdog
    say "starting firewalld"
    if ! firewall-offline-cmd ${ssh_zone:+"--zone=$ssh_zone"} --query-port="$ssh_port/tcp" >/dev/null 2>&1; then
        echo "host tcp $ssh_port${ssh_zone:+ in $ssh_zone}" >"$work/ssh-opening"
        record_openings "$work/ssh-opening"
        firewall-offline-cmd ${ssh_zone:+"--zone=$ssh_zone"} --add-port="$ssh_port/tcp" >"$work/complaint" 2>&1 ||
            fail "firewall-offline-cmd could not open the ssh port: $(tail -n 1 "$work/complaint"). firewalld was not started. $nothing Deploy again."
        to_be_undone
    fi
    started_at=$(date +%s)
    systemctl start firewalld || fail "firewalld did not start: $(systemctl status --no-pager --lines 5 firewalld | tail -n 5) $nothing Deploy again."
    to_be_undone
    changed=yes
    still_reachable || fail "$why, so firewalld was stopped again. Check firewall-cmd --list-all-zones and the overrides of firewalld.service (systemctl cat firewalld), or set firewall: HostFirewallMode.UNMANAGED, and deploy again."
    systemctl enable --quiet firewalld 2>/dev/null || :
    disarm_watchdog
}

# Sets three variables. ssh_port: the port to which the ssh client of this run has connected. ssh_zone: the firewalld
# zone of the interface through which the client has connected ("" for the default zone). client: "address port" of the
# ssh client. Without an ssh connection, ssh_port is $1, and the other two are "".
came_by() {
    ssh_port=$1
    ssh_zone=''
    client=''
    [ -s "$folder/ssh-connection" ] || return 0
    read -r address port own ssh_port <"$folder/ssh-connection"
    client="$address $port"
    card=$(ip -o address show to "$own" 2>/dev/null | awk '{ print $2; exit }')
    [ -z "$card" ] || ssh_zone=$(zone_of_interface_offline "$card")
}

say_what_is_shut() {
    {
        values open | sed -n 's/^\([a-z]* [0-9]*\).*/\1/p'
        echo "tcp $ssh_port"
        for service in $(firewall-offline-cmd ${ssh_zone:+"--zone=$ssh_zone"} --list-services 2>/dev/null); do
            firewall-offline-cmd --service="$service" --get-ports 2>/dev/null | tr ' ' '\n' | sed -n 's|^\([0-9]*\)/\(.*\)|\2 \1|p'
        done
    } >"$work/let-in"
    ss -Hltunp >"$work/listeners"
    shut=$(awk "$awk_shut" "$work/let-in" "$work/listeners")
    [ -z "$shut" ] || say "firewalld starts for the first time, and closes $shut. To keep a port open, run on this host: firewall-cmd --permanent --add-port=PORT/tcp && firewall-cmd --reload"
}

# Whether other hosts can still connect to this host. If not, sets $why to the reason.
still_reachable() {
    why="firewalld does not allow new ssh connections (${ssh_port}/tcp${ssh_zone:+, zone $ssh_zone})"
    [ "$(firewalld query running "tcp $ssh_port${ssh_zone:+ in $ssh_zone}" 2>"$work/complaint")" = "b true" ] || return 1
    [ -n "$client" ] || return 0
    # Terraform's ssh client sends something every 2 s.
    why="nothing has arrived on the ssh connection since firewalld was started"
    tries=0
    while [ "$tries" -lt 40 ]; do
        silent=$(ss -Htin state established "( sport = :$ssh_port and dport = :${client#* } )" 2>/dev/null | sed -n 's/.*lastrcv:\([0-9]*\).*/\1/p' | sort -n | head -n 1)
        [ -n "$silent" ] || return 0
        [ "$((silent / 1000 + 1))" -ge "$(($(date +%s) - started_at))" ] || return 0
        tries=$((tries + 1))
        sleep 0.25
    done
    return 1
}

# --- the watchdog

arm_watchdog() {
    mkdir -p "$root/watch"
    cat >"$root/watch/back" <<BACK
#!/bin/sh
# Written by cdktf-exchange-balancer. $watch_unit.timer runs this script if a deploy has not confirmed that this host can be reached.
systemctl stop --no-block firewalld
said="undid the firewall change at \$(date '+%Y-%m-%d %H:%M:%S'): no deploy confirmed within $watch_limit s that this host can be reached, so firewalld was stopped"
logger -t cdktf-exchange-balancer "\$said" 2>/dev/null || echo "\$said" | systemd-cat -t cdktf-exchange-balancer
echo "\$said" >"$root/watch/said"
sleep 5
! systemctl is-active --quiet firewalld || systemctl kill --signal=KILL firewalld
[ "$enabled" = yes ] || systemctl disable --quiet firewalld
BACK
    disarm_watchdog
    systemd-run --quiet --unit="$watch_unit" --on-active="$watch_limit" --timer-property=AccuracySec=1s /bin/sh "$root/watch/back" >"$work/complaint" 2>&1 ||
        fail "the watchdog for the start of firewalld could not be started: $(tail -n 1 "$work/complaint"). firewalld was not started. $nothing Deploy again."
}

disarm_watchdog() {
    systemctl stop "$watch_unit.timer" 2>/dev/null || :
    systemctl reset-failed "$watch_unit.timer" "$watch_unit.service" 2>/dev/null || :
}

# If the watchdog has stopped firewalld, it has left a message in $root/watch/said. The next deploy prints this message.
say_what_was_taken_back() {
    [ -s "$root/watch/said" ] || return 0
    say "$(cat "$root/watch/said")"
    rm -f "$root/watch/said"
}
