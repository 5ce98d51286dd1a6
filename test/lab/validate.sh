#!/bin/sh
# Runs in a throw-away container that has the real haproxy, keepalived, rsyslog and logrotate of one
# Debian. Lays the files in /lab/files over it and asks each program whether it accepts what is meant
# for it. Leaves NAME.output and NAME.status in /lab/results.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

cp -R /lab/files/. /

# keepalived wants the interfaces it is told of to exist. One end of a veth pair does.
number=0
while read -r interface address; do
	number=$((number + 1))
	ip link add "$interface" type veth peer name "peer$number"
	ip addr add "$address" dev "$interface"
	ip link set "peer$number" up
	ip link set "$interface" up
done </lab/interfaces

# judge NAME FILE COMMAND...: nothing to judge where the file is not there.
judge() {
	name=$1
	file=$2
	shift 2
	[ -e "$file" ] || return 0
	"$@" >"/lab/results/$name.output" 2>&1
	echo $? >"/lab/results/$name.status"
}

mkdir -p /run/haproxy
# What systemd makes in /run at boot.
for file in /lab/files/etc/tmpfiles.d/*; do
	[ ! -e "$file" ] || systemd-tmpfiles --create "/${file#/lab/files/}"
done
judge haproxy /etc/haproxy/haproxy.cfg haproxy -c -V -f /etc/haproxy/haproxy.cfg
judge keepalived /etc/keepalived/keepalived.conf keepalived -t -f /etc/keepalived/keepalived.conf
judge rsyslog /etc/rsyslog.conf rsyslogd -N1
judge logrotate /etc/logrotate.conf logrotate --debug /etc/logrotate.conf
