#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived's check whether HAProxy serves.
#
# A test with systemctl or with a TCP connection would also succeed for a stopped process, because the kernel accepts
# connections for it. A test of a frontend would fail for a healthy process that has reached maxconn. The stats socket
# does not count for maxconn. bash opens the connection itself, so no package is needed.
#
# A node that does not hold a virtual address also asks the holder which configuration it serves. The node does not take
# the address while the holder serves a newer configuration, or uses other VRRP settings, so that the two nodes do not
# hear each other.
#
# usage: haproxy-check PORT             does HAProxy answer, with all its frontends open,
#                                       and may this node take the addresses?
#        haproxy-check PORT FILE        the same; corrects FILE, in which systemd notes that
#                                       HAProxy has ended, if it is wrong
#        haproxy-check PORT FILE often  the same; a node that holds an address then asks every
#                                       0.2 s whether HAProxy answers, until the next check begins
#        haproxy-check PORT members     does HAProxy see any Exchange server?
#        haproxy-check pair             prints why this node leaves the addresses to the other node; exit status 1 if so

pair_file=/etc/keepalived/pair
own_answer=/etc/haproxy/pair.http
aside_file=/run/keepalived-exchange-balancer/aside
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Whether HAProxy answers at all. The shortest command is enough: HAProxy 1.8 does not know it, and says so. An answer
# that comes just after the timeout counts, too, because the whole host may have been paused.
says_something() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show cli level\n' >&3
    IFS= read -r -t 0.4 -u 3 _ || IFS= read -r -t 0.05 -u 3 _
}

# A reload may cut one connection, so HAProxy is asked again. If it says nothing until the timeout (a status over 128),
# it hangs.
answers() {
    says_something
    local status=$?
    [ "$status" = 0 ] || { [ "$status" -le 128 ] && sleep 0.05 && says_something; }
}

# Types in `show stat`: 1 is a frontend, 4 is a server.
answer() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show stat -1 %s -1\n' "$1" >&3
    timeout 0.4 awk -F, "$2" <&3
}

# Field 18 is the status. On older versions, a frontend at its maxconn is FULL: it is busy, but works. fe_metrics and
# fe_pair carry no mail, so the address must not move if they are closed.
fronts_open() {
    # shellcheck disable=SC2016 # awk's fields
    answer 1 '
        NR == 1 { answered = ($1 == "# pxname") }
        $2 == "FRONTEND" && $1 != "fe_metrics" && $1 != "fe_pair" && $18 != "OPEN" && $18 != "FULL" { shut = 1 }
        END { exit !answered || shut }'
}

# No answer does not mean that no member is up. The other check notices if HAProxy does not answer.
members_down() {
    # shellcheck disable=SC2016
    answer 4 '
        NR == 1 { answered = ($1 == "# pxname") }
        $1 ~ /^be_exch2019_/ && $18 ~ /^(UP|DRAIN|NOLB|no check)/ { up = 1 }
        END { exit !answered || up }'
}

# Sets variables from an answer of the pair port (stdin).
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

# Connects to a port of an address. Prints "open" after the connection, then the answer.
asked() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout "$patience" bash -c 'exec 3<>"/dev/tcp/$0/$1" && echo open && { [ "$2" = connect ] || { printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3; }; }' "$@"
}

# Whether this node may take an address that it does not hold. If not, sets $aside to the reason. If no host answers at
# the address, the node may take it. If the holder is too busy to answer, the previous result is kept.
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
            # No host serves there, or HAProxy has just ended there and closes the connections that it has accepted.
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

# Whether no host serves an address, after a question without an answer that ended with a status. On a very busy host,
# the question itself may have been too slow. So a node that stays aside asks again at its next check, unless a host has
# refused the connection, or no host on the network has the address.
sure_of_nobody() {
    [ -z "$known" ] || [ -n "${asks_again:-}" ] || [ "$2" != 124 ] || [[ $known == "nobody answers"* || "$(ip neigh show to "$1")" == *@(INCOMPLETE|FAILED)* ]]
}

# Prints why this node may not take an address. The address may have moved here during a question, so it is checked
# again. A holder that is reloading is asked a second time.
reason_for() {
    local try
    for try in 1 2; do
        held "$1" && return
        [ "$try" = 1 ] || sleep 0.05
        may_take "$1" && return
        # A silent address has taken all the time that there is.
        [ "$?" != 2 ] || break
    done
    held "$1" || printf '%s\n' "$aside"
}

held() {
    [[ "$(ip -4 -o address show)" == *" $1/"* ]]
}

# Whether this node holds an address of the pair.
holds_any() {
    local word value
    [ -r "$pair_file" ] || return 1
    while read -r word value; do
        if [ "$word" = address ] && held "${value%%/*}"; then return 0; fi
    done <"$pair_file"
    return 1
}

# Sets $now to the time since the boot, in 1/100 s. bash before 5.0 has no clock with fractions.
look_at_clock() {
    read -r now _ </proc/uptime
    now=$((10#${now/./}))
}

# Whether this node may take all addresses of the pair.
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
    # A node that stays aside must not come back only because this host is slow. All addresses are asked at the same
    # time, because asking one after the other could take longer than keepalived's timeout.
    patience=0.3
    [ -z "$known" ] || patience=0.6
    read_answer <"$own_answer"
    own_language=$language own_config=$config own_generation=$generation
    aside=$(
        for address in "${addresses[@]}"; do reason_for "$address" & done | sort | head -n 1
    )
    [ -z "$aside" ]
}

# Writes the reason why this node stays aside, for people and for apply.sh. The log gets each reason once.
note() {
    [ -w "$aside_file" ] || return 0
    read -r known <"$aside_file"
    [ "$known" != "$1" ] || return 0
    printf '%s\n' "$1" >"$aside_file"
    [ -z "$1" ] || logger -t haproxy-check "this node leaves the virtual addresses to the other node: $1"
}

port=$1
if [ "$port" = pair ]; then
    # A deploy asks until it has the answer.
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
# Checked twice, because a reload may cut one connection.
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
# HAProxy runs. If the file says that it does not run, the file is wrong, and a healthy node would stay marked down.
read -r ended <"$2"
[ "$ended" = 0 ] || echo 0 >"$2"
[ "${3:-}" = often ] && holds_any || exit 0
# keepalived before 2.3 starts a check once a second at most. So this check goes on until shortly before the next one.
while [ $((now - began)) -lt 75 ]; do
    sleep 0.18
    answers || exit 1
    look_at_clock
done
exit 0
