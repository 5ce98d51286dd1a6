#!/bin/bash
# Written by cdktf-exchange-balancer. keepalived's question to HAProxy: do you answer?
#
# A connect alone would say yes for a process that is stopped, and so would
# systemctl: the kernel accepts for it. An HTTP front would say no for one that
# is well but has reached maxconn; the stats socket is not counted. bash opens
# the connection itself, so no package is needed for it.
#
# usage: haproxy-check PORT

exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'show info\n' >&3
read -r -t 2 name <&3 || exit 1
[[ $name == 'Name: HAProxy'* ]]
