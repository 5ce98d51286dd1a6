#!/bin/bash
# Written by cdktf-exchange-balancer. Commands for administrators.
set -u
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

usage() {
    cat <<'TEXT'
usage: exchange-balancer status
           Show who holds the virtual address, the members by protocol with the reason if one is down, the certificates, the last deploy.
       exchange-balancer drain MEMBER [HOURS]
           Send no new sessions to MEMBER through this balancer. Open sessions continue. The drain ends after HOURS
           (default 4), with `ready`, and with the next reload of HAProxy.
       exchange-balancer ready MEMBER
           Send sessions to MEMBER again.
       exchange-balancer sessions
           Show the open connections to each member, in all HAProxy processes (a replaced process keeps its connections).
       exchange-balancer end MEMBER [MINUTES]
           End the open connections to a drained MEMBER in all of HAProxy's processes, now or after MINUTES (1 to 1440).
           `ready` cancels this. The clients then connect to another member.
       exchange-balancer handover [HOURS]
           Give the virtual address to the other balancer: keepalived stops here for HOURS (default 1).
       exchange-balancer takeback
           Start keepalived again before HOURS have passed.
       exchange-balancer bans
           Show the banned addresses and user names, the reason, and the remaining time.
       exchange-balancer unban ADDRESS|NAME
           End a ban, on both balancers.

drain and ready last until HAProxy's next reload, which restores the stack's settings. Each deploy that changes a file of
HAProxy reloads it. handover lasts until the next deploy that changes something on this balancer. Run drain, ready and end
on both balancers.
TEXT
}

tools=/usr/libexec/cdktf-exchange-balancer
state=/var/lib/cdktf-exchange-balancer
socket=/var/lib/haproxy/stats
keepalived_conf=/etc/keepalived/keepalived.conf

die() {
    printf 'exchange-balancer: %s\n' "$*" >&2
    exit 1
}

# Logs who ran which command, in the journal and in syslog.
note() {
    logger --tag exchange-balancer --priority auth.notice -- "${SUDO_USER:-$(id -un)}: $*" 2>/dev/null || :
}

# Sends a question to HAProxy on loopback, at the port that haproxy.cfg names. Prints the answer.
ask() {
    port=$(sed -n 's/^ *stats socket ipv4@127.0.0.1:\([0-9]*\) .*/\1/p' /etc/haproxy/haproxy.cfg | head -n 1)
    exec 3<>"/dev/tcp/127.0.0.1/${port:-8404}" || return 1
    printf '%s\n' "$1" >&3
    timeout 2 cat <&3
    exec 3>&-
}

# Sends a command to HAProxy's Unix socket, which only root can open. The port on loopback accepts no changes. bash
# cannot open a Unix socket, so this uses perl, which every Debian has, or else Python, which every system with dnf has.
command_haproxy() {
    if command -v perl >/dev/null; then
        # shellcheck disable=SC2016 # perl's variables
        perl -MSocket -e '
            my $haproxy;
            socket($haproxy, PF_UNIX, SOCK_STREAM, 0) && connect($haproxy, sockaddr_un($ARGV[0])) or die "$ARGV[0]: $!\n";
            syswrite($haproxy, "$ARGV[1]\n");
            print while <$haproxy>;' "$socket" "$1" 2>&1
    else
        python=$(command -v python3 || echo /usr/libexec/platform-python)
        "$python" -c '
import socket, sys
haproxy = socket.socket(socket.AF_UNIX)
haproxy.connect(sys.argv[1])
haproxy.sendall((sys.argv[2] + "\n").encode())
sys.stdout.write(haproxy.makefile().read())' "$socket" "$1" 2>&1
    fi
}

members() {
    ask "show stat" 2>/dev/null | awk -f "$tools/members.awk"
}

hours() {
    within HOURS "$1" 168
}

# Ends this script unless VALUE is a whole number from 1 to MOST. WORD is the argument's name in the error message.
# usage: within WORD VALUE MOST
within() {
    case "$2" in '' | *[!0-9]* | 0* | ?????*) ;; *) [ "$2" -gt "$3" ] || return 0 ;; esac
    die "$1 must be a whole number from 1 to $3, got \"$2\""
}

holds() {
    [ -n "$(ip -o address show to "$1" 2>/dev/null)" ]
}

conf() {
    [ -r "$keepalived_conf" ] && awk -f "$tools/keepalived-conf.awk" "$keepalived_conf"
}

status() {
    systemctl is-active --quiet haproxy && echo "haproxy     running" || echo "haproxy     NOT RUNNING: journalctl -u haproxy"
    if [ -r "$keepalived_conf" ]; then
        systemctl is-active --quiet keepalived && echo "keepalived  running" || echo "keepalived  NOT RUNNING: this balancer cannot take the address"
        conf | while read -r word instance address; do
            [ "$word" = address ] || continue
            if holds "$address"; then
                echo "address     $address ($instance): held here"
            elif answers "$address"; then
                echo "address     $address ($instance): held by the other balancer"
            else
                echo "address     $address ($instance): NOT HELD here, and nobody answers on it"
            fi
        done
    fi
    members >/run/exchange-balancer.members.$$ || :
    trap 'rm -f "/run/exchange-balancer.members.$$"' EXIT
    if [ -s /run/exchange-balancer.members.$$ ]; then
        echo
        awk -f "$tools/members-table.awk" /run/exchange-balancer.members.$$
    else
        echo "members     unknown: HAProxy does not answer"
    fi
    if [ -x "$tools/certificate-check" ] && [ -e /etc/haproxy/certificate-check.conf ]; then
        echo
        "$tools/certificate-check" | sed '1s/^/certificates: /; 2,$s/^/    /'
    fi
    echo
    if [ -r "$state/manifest" ]; then
        echo "last deploy $(date -d "@$(stat -c %Y "$state/installed")" '+%Y-%m-%d %H:%M:%S') by version $(sed -n 's/^library //p' "$state/manifest")"
        sh "$tools/apply.sh" --drift 2>&1 | sed 's/^\[[^]]*\] /drift       /'
    else
        echo "last deploy none is recorded here"
    fi
}

# Whether a host accepts connections to port 443 of an address.
answers() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/443"' _ "$1" 2>/dev/null
}

known_member() {
    case "$1" in
        '' | *[!A-Za-z0-9_.-]*) die "MEMBER must be one of: $(members | awk '{ print $3 }' | sort -u | paste -s -d ' ')" ;;
    esac
    members | awk -v name="$1" '$3 == name { found = 1 } END { exit !found }' ||
        die "MEMBER must be one of: $(members | awk '{ print $3 }' | sort -u | paste -s -d ' '), got \"$1\""
}

set_state() {
    said=''
    for backend in $(members | awk -v name="$1" '$3 == name { print $1 }'); do
        said=$said$(command_haproxy "set server $backend/$1 state $2")
    done
    [ -z "$(printf '%s' "$said" | tr -d '[:space:]')" ] || die "HAProxy said: $said"
}

reminder() {
    echo "This lasts until HAProxy's next reload, for example at the next deploy that changes a file of HAProxy. The reload restores the stack's settings. Do the same on the other balancer."
}

end_of() {
    systemctl stop "exchange-balancer-$1.timer" 2>/dev/null || :
}

drain() {
    known_member "$1"
    hours "${2:-4}"
    last=$(members | awk -v name="$1" -f "$tools/last-member.awk")
    [ -z "$last" ] || die "$1 is the only member that is up for $last. Nothing was changed. Bring another member up first."
    set_state "$1" drain
    note "drain $1 for ${2:-4} h"
    end_of "ready-$1"
    systemd-run --quiet --collect --unit="exchange-balancer-ready-$1" --on-active="${2:-4}h" "$0" ready "$1" ||
        echo "No timer could be set: run \"exchange-balancer ready $1\" yourself."
    echo "$1 gets no new sessions through this balancer for ${2:-4} h. Open sessions continue; see them with: exchange-balancer sessions; end them with: exchange-balancer end $1 [MINUTES]"
    reminder
}

ready() {
    known_member "$1"
    set_state "$1" ready
    end_of "ready-$1"
    end_of "end-$1"
    note "ready $1"
    echo "$1 gets sessions again for each protocol whose checks succeed."
    reminder
}

# Prints one line "MEMBER PID LOCAL REMOTE" for each connection of an HAProxy process to a member.
connections() {
    listed=$(mktemp)
    command_haproxy "show servers state" | awk '$2 ~ /^be_exch2019_/ { print $4, $5 }' | sort -u >"$listed"
    ss -Htnp state established | awk -f "$tools/sessions.awk" "$listed" -
    rm -f "$listed"
}

sessions() {
    now=$(ask "show info" | sed -n 's/^Pid: //p')
    [ -n "$now" ] || die "HAProxy does not answer"
    open=$(connections | awk '{ print $1, $2 }' | sort | uniq -c)
    [ -n "$open" ] || { echo "no connection to any member"; return 0; }
    printf '%s\n' "$open" | while read -r count member pid; do
        process="the current process"
        [ "$pid" = "$now" ] || process="process $pid, which a reload has replaced; started $(date -d "@$(stat -c %Y "/proc/$pid" 2>/dev/null || echo 0)" '+%Y-%m-%d %H:%M:%S')"
        printf '%-20s %6s in %s\n' "$member" "$count" "$process"
    done
}

# Ends the connections to a member. The kernel closes them, so this also works for connections of an old HAProxy
# process.
end_sessions() {
    known_member "$1"
    members | awk -v name="$1" '$3 == name && ($4 == "up" || $4 == "unchecked") { found = 1 } END { exit found }' ||
        die "$1 takes new sessions. Nothing was changed. Drain it first: exchange-balancer drain $1"
    end_of "end-$1"
    if [ -n "${2:-}" ]; then
        within MINUTES "$2" 1440
        systemd-run --quiet --collect --unit="exchange-balancer-end-$1" --on-active="${2}min" --timer-property=AccuracySec=1s "$0" end "$1" || die "no timer could be set"
        note "end $1 in $2 min"
        echo "Open connections to $1 end in $2 min. To cancel that: exchange-balancer ready $1, or systemctl stop exchange-balancer-end-$1.timer"
        return 0
    fi
    note "end $1"
    tries=0
    while :; do
        left=$(connections | awk -v name="$1" '$1 == name { print $3, $4 }')
        if [ -z "$left" ] || [ "$tries" -ge 3 ]; then break; fi
        printf '%s\n' "$left" | while read -r local remote; do ss -K -Htn src "$local" dst "$remote" >/dev/null 2>&1; done
        tries=$((tries + 1))
        sleep 0.3
    done
    # Up to two connections may be health checks, so they are no error.
    [ "$(printf '%s' "$left" | grep -c .)" -le 2 ] || die "$(printf '%s\n' "$left" | grep -c .) connections to $1 are still open: this host's kernel cannot end them (CONFIG_INET_DIAG_DESTROY). They end with hardStopAfter."
    echo "The open connections to $1 are ended. Do the same on the other balancer."
}

handover() {
    hours "${1:-1}"
    [ -r "$keepalived_conf" ] || die "there is no keepalived here, so there is no other balancer"
    mine=$(conf | while read -r word _ address; do [ "$word" = address ] && holds "$address" && printf '%s ' "$address"; done)
    [ -n "$mine" ] || die "this balancer holds no virtual address"
    # The other balancer must serve before this one gives the address away.
    for peer in $(conf | awk '$1 == "peer" { print $3 }' | sort -u); do
        answers "$peer" || die "the other balancer ($peer) does not answer on port 443. Nothing was changed."
    done
    note "handover for ${1:-1} h"
    systemctl stop keepalived || die "keepalived could not be stopped"
    sleep 1
    for address in $mine; do
        tries=0
        until answers "$address" && ! holds "$address"; do
            tries=$((tries + 1))
            if [ "$tries" -ge 5 ]; then
                systemctl start keepalived
                note "handover failed: nobody answered on $address"
                die "nobody took $address within 5 s. keepalived was started here again."
            fi
            sleep 1
        done
    done
    end_of takeback
    systemd-run --quiet --collect --unit=exchange-balancer-takeback --on-active="${1:-1}h" "$0" takeback ||
        echo "No timer could be set: run \"exchange-balancer takeback\" yourself."
    echo "The other balancer serves ${mine% }. keepalived stays stopped here for ${1:-1} h. During this time, this balancer does not take over if the other balancer fails."
    echo "To end this now: exchange-balancer takeback. The next deploy ends it, too."
}

takeback() {
    systemctl start keepalived || die "keepalived did not start: journalctl -u keepalived"
    end_of takeback
    note takeback
    echo "keepalived runs here again. The stack's failover settings decide whether the address returns."
}

# Prints the bans in HAProxy's tables, one on each line: kind (address or name), seconds left, reason, key.
ban_list() {
    grep -q '^backend guard_addresses$' /etc/haproxy/haproxy.cfg || die "passwordGuessing is not set for this balancer, so it bans nobody"
    for kind in addresses names; do
        command_haproxy "show table guard_$kind" | awk -v kind="$kind" -f "$tools/bans.awk"
    done
}

bans() {
    list=$(ban_list) || exit 1
    [ -n "$list" ] || { echo "nobody is banned"; return 0; }
    printf '%s\n' "$list" | while read -r kind seconds reason key; do printf '%-8s %-40s %-8s %5s s left\n' "$kind" "$key" "$reason" "$seconds"; done
}

# Escapes a text for HAProxy's command line, because a banned user name may contain any character, such as a semicolon.
# Every character gets a backslash, except letters, digits, dots, dashes and underscores.
escaped() {
    printf '%s' "$1" | sed 's/[^A-Za-z0-9._-]/\\&/g'
}

unban() {
    list=$(ban_list) || exit 1
    wanted=$(printf '%s' "$1" | tr '[:upper:]' '[:lower:]')
    found=$(printf '%s\n' "$list" | awk -v wanted="$wanted" '{ key = $0; sub(/^[^ ]* [^ ]* [^ ]* /, "", key) } key == wanted { print $1 }')
    [ -n "$found" ] || die "there is no ban for \"$1\". To list the bans, run: exchange-balancer bans"
    for kind in $found; do
        key=$(escaped "$wanted")
        # The keys of the table are IPv6 addresses. Older versions of HAProxy accept only an IPv6 address as a key, so
        # an IPv4 address is written as IPv6.
        case "$wanted" in *:*) address=$wanted ;; *) address=::ffff:$wanted ;; esac
        # The ban is set to 0. The entry is not cleared, because HAProxy tells the other node only about changed values.
        case "$kind" in
            address) said=$(command_haproxy "set table guard_addresses key $address data.gpt0 0") ;;
            *) said=$(command_haproxy "set table guard_names key $key data.gpt0 0") ;;
        esac
        [ -z "$(printf '%s' "$said" | tr -d '[:space:]')" ] || die "HAProxy said: $said"
    done
    note "unban $1"
    echo "$1 may send passwords again. Ten wrong passwords within a minute ban it again."
}

case "${1:-}" in
    status | drain | ready | sessions | end | handover | takeback | bans | unban) [ "$(id -u)" = 0 ] || die "run this as root" ;;
    *) usage; [ "${1:-}" = --help ]; exit ;;
esac
case "$#:$1" in
    1:status) note status; status ;;
    2:drain | 3:drain) drain "$2" "${3:-4}" ;;
    2:ready) ready "$2" ;;
    1:sessions) sessions ;;
    2:end | 3:end) end_sessions "$2" "${3:-}" ;;
    1:handover | 2:handover) handover "${2:-1}" ;;
    1:takeback) takeback ;;
    1:bans) bans ;;
    2:unban) unban "$2" ;;
    *) usage >&2; exit 2 ;;
esac
