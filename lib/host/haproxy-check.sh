#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived's question to HAProxy: do you serve?
#
# A connect alone would say yes for a process that is stopped, and so would
# systemctl: the kernel accepts for it. An HTTP front would say no for one that
# is well but has reached maxconn; the stats socket is not counted. bash opens
# the connection itself, so no package is needed for it.
#
# A node that does not hold a virtual address also asks the node that does which
# configuration it serves. It leaves the address alone while the holder serves a newer
# one, or speaks another VRRP, which would not be heard.
#
# usage: haproxy-check PORT          does HAProxy answer, with all its fronts open,
#                                    and may this node take the addresses?
#        haproxy-check PORT FILE     the same; FILE, where systemd has noted that
#                                    HAProxy ended, is put right if it is behind
#        haproxy-check PORT members  does HAProxy see any Exchange server?
#        haproxy-check pair          prints why this node stands aside; the exit status is 1 if it does

pair_file=/etc/keepalived/pair
own_answer=/etc/haproxy/pair.http
aside_file=/run/keepalived-exchange-balancer/aside
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Types of `show stat`: 1 fronts, 4 servers.
answer() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show stat -1 %s -1\n' "$1" >&3
    timeout 0.4 awk -F, "$2" <&3
}

# Field 18 is the status. A front at its maxconn is FULL on older versions: busy, not gone.
# fe_metrics and fe_pair carry no mail: shut, they must not move the address.
fronts_open() {
    # shellcheck disable=SC2016 # awk's fields
    answer 1 '
        NR == 1 { answered = ($1 == "# pxname") }
        $2 == "FRONTEND" && $1 != "fe_metrics" && $1 != "fe_pair" && $18 != "OPEN" && $18 != "FULL" { shut = 1 }
        END { exit !answered || shut }'
}

# Who gives no answer has not said that there is none: the other check sees to that.
members_down() {
    # shellcheck disable=SC2016
    answer 4 '
        NR == 1 { answered = ($1 == "# pxname") }
        $1 ~ /^be_exch2019_/ && $18 ~ /^(UP|DRAIN|NOLB|no check)/ { up = 1 }
        END { exit !answered || up }'
}

# Sets the variables of an answer of the pair port, on stdin.
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

# What answers on a port of an address: "open" once it is connected, then what it says.
asked() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout "$patience" bash -c 'exec 3<>"/dev/tcp/$0/$1" && echo open && { [ "$2" = connect ] || { printf "GET / HTTP/1.0\r\n\r\n" >&3 && cat <&3; }; }' "$@"
}

# Whether this node may take an address that it does not hold. Sets $aside to the reason why not. Nobody at the address:
# nothing speaks against it. A holder that is too busy to answer: what was known before holds.
may_take() {
    aside=''
    said=$(asked "$1" "$pair_port" ask)
    status=$?
    read_answer <<<"$said"
    if [ -n "$language" ]; then
        if [ "$language" != "$own_language" ]; then
            aside="$holder, which holds $1, speaks another VRRP"
        elif [ "$config" != "$own_config" ] && [[ $generation =~ ^[0-9]+$ ]] && [ "$generation" -gt "$own_generation" ]; then
            aside="$holder, which holds $1, serves a newer configuration"
        fi
    elif [ "$said" = open ] && [ "$status" = 124 ]; then
        aside=$known
    elif [ "$(asked "$1" 443 connect)" != open ]; then
        # Nobody serves there, or HAProxy has just ended there: it closes what it has accepted without a word.
        return 0
    elif [ "$said" = open ]; then
        aside="the node that holds $1 does not answer this one on port $pair_port"
    else
        aside="the node that holds $1 answers on port 443, and not on port $pair_port"
    fi
    [ -z "$aside" ]
}

# Prints why this node may not take an address. The second look: it may have come here while we asked. A holder that is
# reloading is asked once more.
reason_for() {
    held "$1" || may_take "$1" || held "$1" || { sleep 0.05; may_take "$1"; } || printf '%s\n' "$aside"
}

held() {
    [[ "$(ip -4 -o address show)" == *" $1/"* ]]
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
    # Whoever stands aside must not come back because this host is slow. All addresses are asked at the same time, since
    # nobody may hold any of them: one after the other that would take longer than keepalived's timeout.
    patience=0.3
    [ -z "$known" ] || patience=0.6
    read_answer <"$own_answer"
    own_language=$language own_config=$config own_generation=$generation
    aside=$(
        for address in "${addresses[@]}"; do reason_for "$address" & done | sort | head -n 1
    )
    [ -z "$aside" ]
}

# People and apply.sh read there why this node stands aside; the log gets it once.
note() {
    [ -w "$aside_file" ] || return 0
    read -r known <"$aside_file"
    [ "$known" != "$1" ] || return 0
    printf '%s\n' "$1" >"$aside_file"
    [ -z "$1" ] || logger -t haproxy-check "this node leaves the virtual addresses to the other one: $1"
}

port=$1
if [ "$port" = pair ]; then
    may_take_all 2>/dev/null || { printf '%s\n' "$aside"; exit 1; }
    exit 0
fi
exec 2>/dev/null
if [ "${2:-}" = members ]; then
    ! members_down
    exit
fi
# Asked twice: a reload may cut one connection off.
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
# HAProxy runs. If the file says that it does not, whoever writes it did not come
# to it, and a healthy node would stay marked down.
read -r ended <"$2"
[ "$ended" = 0 ] || echo 0 >"$2"
exit 0
