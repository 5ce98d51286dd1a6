#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived runs this script to check whether HAProxy serves.
#
# The check asks HAProxy on its stats socket. Other checks would be wrong:
#   - systemctl, or a TCP connection: they also succeed if the process is stopped (SIGSTOP), because the kernel accepts
#     connections for it.
#   - A request to a frontend: it fails if a healthy HAProxy has reached maxconn. The stats socket does not count for
#     maxconn.
# bash opens the connection itself, so no other package is needed.
#
# If this node does not hold a virtual address, the check also asks the holder for its configuration. The holder is the
# node that holds the address. This node does not take the address in two cases: the holder serves a newer
# configuration, or the holder uses other VRRP settings (then the two nodes do not hear each other).
#
# usage: haproxy-check PORT             Does HAProxy answer, are all its frontends open, and may this node take the
#                                       addresses? Exit status 0 if all are true.
#        haproxy-check PORT FILE        The same. In FILE, systemd notes whether HAProxy has ended. If HAProxy runs,
#                                       but FILE says that it has ended, this corrects FILE.
#        haproxy-check PORT FILE often  The same. If this node holds an address, this then asks HAProxy every 0.2 s,
#                                       until shortly before the next check.
#        haproxy-check PORT members     Does HAProxy see at least one Exchange server that is up? Exit status 1 if not,
#                                       but 0 if HAProxy does not answer.
#        haproxy-check pair             If this node leaves the addresses to the other node: prints why, exit status 1.

pair_file=/etc/keepalived/pair
own_answer=/etc/haproxy/pair.http
aside_file=/run/keepalived-exchange-balancer/aside
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Whether HAProxy answers at all. The command is short on purpose. HAProxy 1.8 does not know this command, but its error
# message is an answer, too. An answer shortly after the timeout also counts, because the whole host may have been
# paused.
says_something() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show cli level\n' >&3
    IFS= read -r -t 0.4 -u 3 _ || IFS= read -r -t 0.05 -u 3 _
}

# A reload may cut one connection, so HAProxy is asked a second time if the connection ends without an answer. It is not
# asked again after a timeout (a status above 128), because then HAProxy hangs.
answers() {
    says_something
    local status=$?
    [ "$status" = 0 ] || { [ "$status" -le 128 ] && sleep 0.05 && says_something; }
}

# Runs the awk program $2 on the output of `show stat` for one type of line: 1 is a frontend, 4 is a server.
answer() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show stat -1 %s -1\n' "$1" >&3
    timeout 0.4 awk -F, "$2" <&3
}

# Whether all frontends are open. Field 18 is the status. On older versions, a frontend that has reached its maxconn is
# FULL: it is busy, but works. fe_metrics and fe_pair carry no mail. If they are closed, the address must not move, so
# they are left out.
fronts_open() {
    # shellcheck disable=SC2016 # awk's fields
    answer 1 '
        NR == 1 { answered = ($1 == "# pxname") }
        $2 == "FRONTEND" && $1 != "fe_metrics" && $1 != "fe_pair" && $18 != "OPEN" && $18 != "FULL" { shut = 1 }
        END { exit !answered || shut }'
}

# Whether HAProxy answers that no member is up. If HAProxy does not answer, the result is no, because keepalived has
# another check that notices this.
members_down() {
    # shellcheck disable=SC2016
    answer 4 '
        NR == 1 { answered = ($1 == "# pxname") }
        $1 ~ /^be_exch2019_/ && $18 ~ /^(UP|DRAIN|NOLB|no check)/ { up = 1 }
        END { exit !answered || up }'
}

# Reads an answer of the pair port from stdin. Sets holder, language, config and generation.
read_answer() {
    holder='' language='' config='' generation=0
    while read -r word value; do
        value=${value%$'\r'}
        case $word in
            host) holder=$value ;;
            language) language=$value ;;
            config) config=$value ;;
            generation) generation=$value ;;
        esac
    done
}

# Connects to the port $2 of the address $1. Prints "open" when the connection is open, then the answer.
asked() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout "$patience" bash -c 'exec 3<>"/dev/tcp/$0/$1" && echo open && { [ "$2" = connect ] || { printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3; }; }' "$@"
}

# Whether this node may take an address that it does not hold. If not, sets $aside to the reason. If no host answers at
# the address, this node may take it. If the holder accepts the connection, but is too busy to answer, the result of the
# last check stays.
may_take() {
    aside=''
    said=$(asked "$1" "$pair_port" ask)
    status=$?
    read_answer <<<"$said"
    if [ -n "$language" ]; then
        if [ "$language" != "$own_language" ]; then
            aside="$holder, which holds $1, uses other VRRP settings"
        elif [ "$config" != "$own_config" ] && [[ $generation =~ ^[0-9]+$ ]] && [ "$generation" -gt "$own_generation" ]; then
            aside="$holder, which holds $1, serves a newer configuration"
        fi
    elif [ "$said" = open ] && [ "$status" = 124 ]; then
        aside=$known
    else
        https=$(asked "$1" 443 connect)
        https_status=$?
        if [ "$https" != open ]; then
            # Either no host serves the address, or HAProxy has just ended on the holder. In the second case, the kernel
            # has closed the connections that HAProxy had accepted.
            sure_of_nobody "$1" "$https_status" && return
            aside="nobody answers at $1; the next check asks once more"
            return 2
        elif [ "$said" = open ]; then
            aside="the node that holds $1 does not answer this node on port $pair_port"
        else
            aside="the node that holds $1 answers on port 443, but not on port $pair_port"
        fi
    fi
    [ -z "$aside" ]
}

# Whether it is certain that no host serves the address $1, after an attempt to connect without success. $2: the exit
# status of this attempt. On a very busy host, the attempt itself may have been too slow. So a node that leaves the
# addresses to the other node asks again at its next check, with two exceptions: a host has refused the connection, or
# no host on the network has the address (ARP).
sure_of_nobody() {
    [ -z "$known" ] || [ -n "${asks_again:-}" ] || [ "$2" != 124 ] || [[ $known == "nobody answers"* || "$(ip neigh show to "$1")" == *@(INCOMPLETE|FAILED)* ]]
}

# Prints why this node may not take an address. The holder is asked a second time, because it may just be reloading. The
# address may move to this node in the meantime, so this is checked before each question and at the end.
reason_for() {
    local try
    for try in 1 2; do
        held "$1" && return
        [ "$try" = 1 ] || sleep 0.05
        may_take "$1" && return
        # If no host answered, the time for this check is used up. So the check does not ask again.
        [ "$?" != 2 ] || break
    done
    held "$1" || printf '%s\n' "$aside"
}

held() {
    [[ "$(ip -4 -o address show)" == *" $1/"* ]]
}

# Whether this node holds at least one address of the pair.
holds_any() {
    local word value
    [ -r "$pair_file" ] || return 1
    while read -r word value; do
        if [ "$word" = address ] && held "${value%%/*}"; then return 0; fi
    done <"$pair_file"
    return 1
}

# Sets $now to the time since boot, in 1/100 s. The time is read from /proc, because bash before 5.0 has no clock with
# fractions of a second.
look_at_clock() {
    read -r now _ </proc/uptime
    now=$((10#${now/./}))
}

# Whether this node may take all addresses of the pair. If not, sets $aside to the reason.
may_take_all() {
    [ -r "$pair_file" ] && [ -r "$own_answer" ] || return 0
    local addresses=()
    while read -r word value; do
        case $word in
            port) pair_port=$value ;;
            address) addresses+=("${value%%/*}") ;;
        esac
    done <"$pair_file"
    read -r known <"$aside_file"
    # If this node leaves the addresses to the other node, it waits longer for answers: a slow host must not look like a
    # missing holder. All addresses are asked at the same time. One after the other, the questions could take longer
    # than keepalived's timeout.
    patience=0.3
    [ -z "$known" ] || patience=0.6
    read_answer <"$own_answer"
    own_language=$language own_config=$config own_generation=$generation
    aside=$(
        for address in "${addresses[@]}"; do reason_for "$address" & done | sort | head -n 1
    )
    [ -z "$aside" ]
}

# Writes the reason why this node leaves the addresses to the other node to $aside_file, for people and for apply.sh.
# Logs a reason when it changes.
note() {
    [ -w "$aside_file" ] || return 0
    read -r known <"$aside_file"
    [ "$known" != "$1" ] || return 0
    printf '%s\n' "$1" >"$aside_file"
    [ -z "$1" ] || logger -t haproxy-check "this node leaves the virtual addresses to the other node: $1"
}

port=$1
if [ "$port" = pair ]; then
    # apply.sh repeats `haproxy-check pair` if necessary. So one attempt without an answer is enough here.
    asks_again=yes
    may_take_all 2>/dev/null || { printf '%s\n' "$aside"; exit 1; }
    exit 0
fi
exec 2>/dev/null
if [ "${2:-}" = members ]; then
    ! members_down
    exit
fi
look_at_clock
began=$now
answers || exit 1
# The frontends are checked twice, because a reload may cut one connection.
if ! fronts_open; then
    sleep 0.05
    fronts_open || exit 1
fi
if may_take_all; then
    note ""
else
    note "$aside"
    exit 1
fi
[ -n "${2:-}" ] || exit 0
# HAProxy runs. If the file says that HAProxy has ended, the file is wrong, and is corrected here. Otherwise keepalived
# would keep a healthy node marked as down.
read -r ended <"$2"
[ "$ended" = 0 ] || echo 0 >"$2"
[ "${3:-}" = often ] && holds_any || exit 0
# keepalived before 2.3 starts a check at most once a second. So this check continues until shortly before the next one.
while [ $((now - began)) -lt 75 ]; do
    sleep 0.18
    answers || exit 1
    look_at_clock
done
exit 0
