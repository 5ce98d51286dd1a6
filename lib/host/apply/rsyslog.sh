# --- rsyslog ---------------------------------------------------------------------

# rsyslogd -N1 fails if any file of rsyslog has an error, even an error with which rsyslogd would start. So this
# compares two runs, with and without the new files, and only additional errors count. The message that another file
# already loads a module is no error, because rsyslogd then loads the module only once.
check_files_rsyslog() {
    ! view_of_new rsyslogd -N1 >"$work/complaint" 2>&1 || return 0
    rsyslogd -N1 >"$work/complaint-before" 2>&1 || :
    grep -vxFf "$work/complaint-before" "$work/complaint" | grep -v 'already in this config' >"$work/complaint-new" || :
    if [ -s "$work/complaint-new" ]; then
        refused "rsyslogd -N1" "$(sed -n 's/^rsyslog //p' "$work/changed" "$work/removed" | paste -s -d ' ')"
    fi
    sed "s/^/    /" "$work/complaint"
    say "rsyslogd -N1 reports errors in files that are not from this library (output above). rsyslog ignores the lines with the errors"
}

# rsyslog reads its rules only when it starts.
reload_rsyslog() {
    systemctl restart rsyslog
}

# Prints a message if rsyslog does not listen on the port. The cause may be a wrong rsyslog.conf, or another program on
# the port. Without the message, people would notice the problem only when they need the log. The deploy does not fail,
# because HAProxy also serves without a log.
satisfied_rsyslog() {
    port=$(sed -n 's/.*type="imudp" .* port="\([0-9]*\)" ruleset="haproxy".*/\1/p' /etc/rsyslog.d/49-haproxy.conf 2>/dev/null)
    [ -n "$port" ] || return 0
    tries=0
    until ss -Hlunp "sport = :$port" 2>/dev/null | grep -q rsyslogd; do
        tries=$((tries + 1))
        if [ "$tries" -ge 20 ]; then
            say "rsyslog does not listen on 127.0.0.1:$port, so HAProxy's log lines are lost. Check that /etc/rsyslog.conf includes /etc/rsyslog.d/*.conf, and that no other program uses the port (ss -lunp). To log without rsyslog, set the prop logs."
            return 0
        fi
        sleep 0.1
    done
}

# rsyslog keeps running, because it belongs to the host and also logs for other programs.
stop_rsyslog() { :; }
