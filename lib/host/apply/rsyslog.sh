# --- rsyslog ---------------------------------------------------------------------

# rsyslogd -N1 fails for any fault in any file, with which rsyslogd would run all the same. So the difference counts: what
# it says of the new files and does not say of the host as it is. A module that another file loads, too, is loaded once.
check_files_rsyslog() {
    ! view_of_new rsyslogd -N1 >"$work/complaint" 2>&1 || return 0
    rsyslogd -N1 >"$work/complaint-before" 2>&1 || :
    grep -vxFf "$work/complaint-before" "$work/complaint" | grep -v 'already in this config' >"$work/complaint-new" || :
    if [ -s "$work/complaint-new" ]; then
        refused "rsyslogd -N1" "$(sed -n 's/^rsyslog //p' "$work/changed" "$work/removed" | paste -s -d ' ')"
    fi
    sed "s/^/    /" "$work/complaint"
    say "rsyslogd -N1 reports errors in files that are not this library's (output above); rsyslog runs without those lines"
}

# It reads its rules only when it starts.
reload_rsyslog() {
    systemctl restart rsyslog
}

# A note, and no failure: HAProxy serves without a log. An rsyslog.conf that reads no folder, or another program on the
# port, would otherwise be found out on the day when somebody needs the log.
satisfied_rsyslog() {
    port=$(sed -n 's/.*type="imudp" .* port="\([0-9]*\)" ruleset="haproxy".*/\1/p' /etc/rsyslog.d/49-haproxy.conf 2>/dev/null)
    [ -n "$port" ] || return 0
    tries=0
    until ss -Hlunp "sport = :$port" 2>/dev/null | grep -q rsyslogd; do
        tries=$((tries + 1))
        if [ "$tries" -ge 20 ]; then
            say "rsyslog does not listen on 127.0.0.1:$port, so HAProxy's log lines are lost. Does /etc/rsyslog.conf include /etc/rsyslog.d/*.conf, and is the port free (ss -lunp)? To do without rsyslog, set logs."
            return 0
        fi
        sleep 0.1
    done
}

# It is the host's, and logs for others too.
stop_rsyslog() { :; }
