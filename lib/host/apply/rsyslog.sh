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
    say "rsyslogd -N1 finds fault with other files than this library's (output above); rsyslog runs without those lines"
}

# It reads its rules only when it starts.
reload_rsyslog() {
    systemctl restart rsyslog
}

# It is the host's, and logs for others too.
stop_rsyslog() { :; }
