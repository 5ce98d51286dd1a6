# --- what was changed on the host beside the files ----------------------------------

# SELinux booleans and firewall openings that this run has changed, taken back when it does not come to its end.
undo_host() {
    undo_firewall
    undo_booleans
}

forget_undo() {
    rm -f "$work/opened" "$work/firewalld-started" "$work/booleans"
}
