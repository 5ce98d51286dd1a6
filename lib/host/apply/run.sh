# --- one run of this script: messages and cleanup --------------

say() {
    printf '[%s] %s\n' "$host" "$*" || :
}

fail() {
    say "FAILED: $*"
    exit 1
}

# The sentence that an error message contains if the run fails before the swap. It says what the run has changed.
nothing='Nothing was changed.'

# Called after a change that is undone if the run fails.
to_be_undone() {
    nothing='The changes of this deploy to the firewall and to SELinux were undone.'
}

# The time at which the swap began. say_denials and journal_since print messages since then.
since=now

# If one of these is yes, the run has something to undo or clean up when it ends.
swapping=no
masking=no
alone=no
# yes during --recover. The services start only after this script, so this script must not wait for the services.
booting=no

finish() {
    status=$?
    trap - EXIT
    trap '' INT TERM
    if [ "$alone" = yes ]; then
        stop_asking
        [ "$swapping" = no ] || say "this run was interrupted while it swapped the files"
        undo_host || :
        if [ "$swapping" = yes ]; then
            restore || :
            [ "$status" != 0 ] || status=1
        fi
        [ "$masking" = no ] || unmask || :
        [ "$status" = 0 ] || [ "$booting" = yes ] || tell_what_is_where || :
        rm -rf "$work"
    fi
    [ -z "$folder" ] || rm -rf "$folder"
    exit "$status"
}

# Makes this run remove its folders when it ends. Called before the run creates a folder, so that no folder stays
# behind.
clean_up_at_exit() {
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Creates $root. Another run may create it at the same time.
make_root() {
    [ -d "$root" ] || [ -w "${root%/*}" ] || fail "${root%/*} cannot be written. $nothing Mount it writable and deploy again."
    [ -d "$root" ] || { mkdir -m 0700 "$root" 2>/dev/null && set_label "$root"; } || [ -d "$root" ]
}

# Waits until no other run is active, because two runs would restart each other's services.
be_alone() {
    (: >>"$root/lock") 2>/dev/null || fail "$root cannot be written. $nothing Check whether its file system is mounted read-only, or is full, and deploy again."
    exec 9>"$root/lock"
    flock -w 600 9 || fail "another deploy has been running on this host for 10 minutes; its process holds $root/lock. $nothing Wait until that deploy ends, or end that process, and deploy again."
    alone=yes
}

# If the user is not root, starts this script again as root, with the same arguments.
as_root() {
    host=$(cat "$folder/host")
    # SSH_CONNECTION is stored in a file, because sudo removes this variable.
    [ -z "${SSH_CONNECTION:-}" ] || echo "$SSH_CONNECTION" >"$folder/ssh-connection"
    [ "$(id -u)" != 0 ] || return 0
    command -v sudo >/dev/null ||
        fail "user $(id -un) is not root and this host has no sudo. Install sudo, or deploy as root."
    sudo -n true 2>/dev/null ||
        fail "user $(id -un) may not use sudo without a password. Add \"$(id -un) ALL=(ALL) NOPASSWD: ALL\" to /etc/sudoers.d, or deploy as root."
    exec sudo -n sh "$0" "$@"
}
