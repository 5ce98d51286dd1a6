#!/bin/sh
# Runs in a throw-away container that has the real programs. Below /lab/jobs each folder is one question:
# program (its name), files/ (laid over /) and interfaces. Leaves output and status in /lab/results/JOB.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

ask() {
	case $1 in
	haproxy) haproxy -c -V -f /etc/haproxy/haproxy.cfg ;;
	keepalived) keepalived -t -f /etc/keepalived/keepalived.conf ;;
	rsyslog) rsyslogd -N1 ;;
	logrotate) logrotate --debug /etc/logrotate.conf ;;
	version-of-haproxy) haproxy -v ;;
	version-of-keepalived) keepalived -v ;;
	version-of-rsyslog) rsyslogd -v ;;
	version-of-logrotate) logrotate --version ;;
	esac
}

mkdir -p /run/haproxy
for job in /lab/jobs/*; do
	results=/lab/results/${job##*/}
	mkdir "$results"
	cp -R "$job/files/." /
	# keepalived wants the interfaces it is told of to exist. One end of a veth pair does.
	number=0
	while read -r interface address; do
		number=$((number + 1))
		ip link add "$interface" type veth peer name "peer$number"
		ip addr add "$address" dev "$interface"
		ip link set "peer$number" up
		ip link set "$interface" up
	done <"$job/interfaces"
	# What systemd makes in /run at boot.
	for file in "$job"/files/etc/tmpfiles.d/*; do
		[ ! -e "$file" ] || systemd-tmpfiles --create "${file#"$job/files"}"
	done
	ask "$(cat "$job/program")" >"$results/output" 2>&1
	echo $? >"$results/status"
	while read -r interface address; do
		ip link delete "$interface"
	done <"$job/interfaces"
	# The next question is about its own files alone.
	(cd "$job/files" && find . -type f) | while read -r file; do rm -f "/$file"; done
done
