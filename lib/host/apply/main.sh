# --- the whole delivery --------------------------------------------------------------------------------

bring() {
    folder=$1
    clean_up_at_exit
    as_root "$folder"
    manifest=$folder/manifest
    make_root || fail "$root cannot be created. $nothing Check the disk (is it full, or read-only?) and deploy again."
    be_alone
    deliver
}

# Delivers the contents of FOLDER. Called when no other run is active on this host.
deliver() {
    changed=no
    if [ -f "$journal" ]; then
        say "an earlier deploy was cut off; restoring the previous files first"
        mkdir -p "$work"
        restore || fail "Not all of the previous files could be restored (see above). This deploy ended before its first step."
    fi
    rm -rf "$work"
    mkdir -p "$work"
    finish_installation

    say_what_was_taken_back
    check_clock
    check_library
    check_os
    check_interfaces
    check_filters
    check_adoption
    check_space
    wait_for_secrets
    find_secrets
    find_leaving
    remember_services
    install_packages
    check_versions
    stage_files
    stamp_pair
    check_old_pair
    find_changes
    check_writable
    check_state
    make_view
    ask_new_members
    mend_trust
    ask_before_live
    check_ports
    make_run_files
    validate
    before_live
    watch_over_boot
    set_booleans
    open_firewall
    since=$(date '+%Y-%m-%d %H:%M:%S')
    if [ -s "$work/changed" ] || [ -s "$work/removed" ]; then
        changed=yes
        while read -r _ path; do say "writing $path"; done <"$work/changed"
        while read -r _ path; do say "removing $path"; done <"$work/removed"
        swap
    elif [ -s "$work/leaving-now" ]; then
        swap
    fi
    activate
    settle_language
    commit
    record_units
    close_firewall
    forget_leaving_parts
    if [ "$changed" = yes ]; then
        say "done"
        tell_changes
    else
        say "nothing to change, nothing reloaded"
    fi
    tell_members
    tell_holders
}

case "$1" in
    --recover) recover ;;
    --drift) drift ;;
    --status) status ;;
    --leave)
        shift
        leave "$@"
        ;;
    --first-boot) first_boot "$2" ;;
    --receive-secrets) receive_secrets "$2" ;;
    --store-secrets) store_secrets "$2" ;;
    --ask-before-live) asks_before_live "$2" ;;
    *) bring "$1" ;;
esac
