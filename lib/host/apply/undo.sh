# --- what was changed on the host beside the files ----------------------------------

# Undoes the changes of this run to SELinux booleans and firewall openings, if the run fails.
undo_host() {
    undo_firewall
    undo_booleans
}

forget_undo() {
    rm -f "$work/opened" "$work/firewalld-started" "$work/booleans"
}
