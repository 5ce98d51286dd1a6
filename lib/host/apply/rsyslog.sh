# --- rsyslog ---------------------------------------------------------------------

# rsyslogd -N1 fails for any error in any file, although rsyslogd would start. So only errors count that do not exist
# without the new files. If another file also loads a module, rsyslogd loads it once.
check_files_rsyslog() {
    ! view_of_new rsyslogd -N1 >"$work/complaint" 2>&1 || return 0
    rsyslogd -N1 >"$work/complaint-before" 2>&1 || :
    grep -vxFf "$work/complaint-before" "$work/complaint" | grep -v 'already in this config' >"$work/complaint-new" || :
    if [ -s "$work/complaint-new" ]; then
        refused "rsyslogd -N1" "$(sed -n 's/^rsyslog //p' "$work/changed" "$work/removed" | paste -s -d ' ')"
    fi
    sed "s/^/    /" "$work/complaint"
    say "rsyslogd -N1 reports errors in files that are not from this library (output above). rsyslog ignores those lines"
}

# rsyslog reads its rules only when it starts.
reload_rsyslog() {
    systemctl restart rsyslog
}

# A message, but no failure, because HAProxy also serves without a log. Otherwise nobody would notice a wrong
# rsyslog.conf, or another program on the port, until the log is needed.
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

# rsyslog belongs to the host and also logs for other programs, so it is not stopped.
stop_rsyslog() { :; }
