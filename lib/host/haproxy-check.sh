#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived's question to HAProxy: do you answer?
#
# A connect alone would say yes for a process that is stopped, and so would
# systemctl: the kernel accepts for it. bash opens the connection itself, so no
# package is needed for it.
#
# usage: haproxy-check PORT

exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
read -r -t 2 status <&3 || exit 1
[[ $status == HTTP/1.[01]' 200 '* ]]
