# --- one run: its messages, and its cleanup -------------------

say() {
    printf '[%s] %s\n' "$host" "$*" || :
}

fail() {
    say "FAILED: $*"
    exit 1
}

# What a failure before the swap has changed, for messages.
nothing='Nothing was changed.'

# Called after the first change that a failed run undoes at its end.
to_be_undone() {
    nothing='The changes of this deploy to the firewall and to SELinux were undone.'
}

# The time at which the swap began.
since=now

# What must be undone if this run ends before the commit.
swapping=no
masking=no
alone=no
# At boot, the services start after this script, so it must not wait for them.
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

# Called before the first folder is made, so that none is left behind.
clean_up_at_exit() {
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Two runs may create the folder at the same time.
make_root() {
    [ -d "$root" ] || [ -w "${root%/*}" ] || fail "${root%/*} cannot be written. $nothing Mount it writable and deploy again."
    [ -d "$root" ] || { mkdir -m 0700 "$root" 2>/dev/null && set_label "$root"; } || [ -d "$root" ]
}

# Only one run at a time, because two runs would restart each other's services.
be_alone() {
    (: >>"$root/lock") 2>/dev/null || fail "$root cannot be written. $nothing Check whether its file system is mounted read-only, or is full, and deploy again."
    exec 9>"$root/lock"
    flock -w 600 9 || fail "another deploy has been running on this host for 10 minutes; its process holds $root/lock. $nothing Wait until it ends, or end it, and deploy again."
    alone=yes
}

# Continues as root with the same arguments.
as_root() {
    host=$(cat "$folder/host")
    # Stored in a file, because sudo removes the variable.
    [ -z "${SSH_CONNECTION:-}" ] || echo "$SSH_CONNECTION" >"$folder/ssh-connection"
    [ "$(id -u)" != 0 ] || return 0
    command -v sudo >/dev/null ||
        fail "user $(id -un) is not root and this host has no sudo. Install sudo, or deploy as root."
    sudo -n true 2>/dev/null ||
        fail "user $(id -un) may not use sudo without a password. Add \"$(id -un) ALL=(ALL) NOPASSWD: ALL\" to /etc/sudoers.d, or deploy as root."
    exec sudo -n sh "$0" "$@"
}
