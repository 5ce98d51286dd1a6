# --- rsyslog ---------------------------------------------------------------------

check_files_rsyslog() {
    view_of_new rsyslogd -N1 >"$work/complaint" 2>&1 || refused "rsyslogd -N1" "$(sed -n 's/^rsyslog //p' "$work/changed" "$work/removed" | paste -s -d ' ')"
}

# It reads its rules only when it starts.
reload_rsyslog() {
    systemctl restart rsyslog
}

# It is the host's, and logs for others too.
stop_rsyslog() { :; }
