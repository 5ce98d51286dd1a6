#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived's question to HAProxy: do you serve?
#
# A connect alone would say yes for a process that is stopped, and so would
# systemctl: the kernel accepts for it. An HTTP front would say no for one that
# is well but has reached maxconn; the stats socket is not counted. bash opens
# the connection itself, so no package is needed for it.
#
# usage: haproxy-check PORT          does HAProxy answer, with all its fronts open?
#        haproxy-check PORT FILE     the same; FILE, where systemd has noted that
#                                    HAProxy ended, is put right if it is behind
#        haproxy-check PORT members  does HAProxy see any Exchange server?

# Types of `show stat`: 1 fronts, 4 servers.
answer() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'show stat -1 %s -1\n' "$1" >&3
    timeout 0.4 awk -F, "$2" <&3
}

# Field 18 is the status. A front at its maxconn is FULL on older versions: busy, not gone.
# fe_metrics carries no mail: shut, it must not move the address.
fronts_open() {
    # shellcheck disable=SC2016 # awk's fields
    answer 1 '
        NR == 1 { answered = ($1 == "# pxname") }
        $2 == "FRONTEND" && $1 != "fe_metrics" && $18 != "OPEN" && $18 != "FULL" { shut = 1 }
        END { exit !answered || shut }'
}

# Who gives no answer has not said that there is none: the other check sees to that.
members_down() {
    # shellcheck disable=SC2016
    answer 4 '
        NR == 1 { answered = ($1 == "# pxname") }
        NR > 1 && $18 ~ /^(UP|DRAIN|NOLB|no check)/ { up = 1 }
        END { exit !answered || up }'
}

port=$1
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
[ -n "${2:-}" ] || exit 0
# HAProxy runs. If the file says that it does not, whoever writes it did not come
# to it, and a healthy node would stay marked down.
read -r ended <"$2"
[ "$ended" = 0 ] || echo 0 >"$2"
exit 0
