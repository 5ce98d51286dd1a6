# --- undoing changes that are not files ----------------------------------------------

# Called if the run fails. Undoes the changes of this run to firewall openings and SELinux booleans.
undo_host() {
    undo_firewall
    undo_booleans
}

forget_undo() {
    rm -f "$work/opened" "$work/firewalld-started" "$work/booleans"
}
