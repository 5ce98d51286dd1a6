# --- one run: what it says, and what is undone when it ends -------------------

say() {
    printf '[%s] %s\n' "$host" "$*" || :
}

fail() {
    say "FAILED: $*"
    exit 1
}

# How much a failure before the swap has changed.
nothing='Nothing was changed.'

# Said from the first change on that the end of a failed run undoes.
to_be_undone() {
    nothing='What this deploy had changed in the firewall and in SELinux is undone.'
}

# When the swap began.
since=now

# What has to be undone if this run ends before it has committed.
swapping=no
masking=no
alone=no
# At boot the services come up after us, and must not be waited for.
booting=no

finish() {
    status=$?
    trap - EXIT
    trap '' INT TERM
    if [ "$alone" = yes ]; then
        stop_asking
        [ "$swapping" = no ] || say "this run was cut off while the files were being swapped"
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

# Before the first folder is made: from here on none is left behind.
clean_up_at_exit() {
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Two runs may make it at once.
make_root() {
    [ -d "$root" ] || [ -w "${root%/*}" ] || fail "${root%/*} cannot be written. $nothing Mount it writable and deploy again."
    [ -d "$root" ] || { mkdir -m 0700 "$root" 2>/dev/null && set_label "$root"; } || [ -d "$root" ]
}

# One run at a time: two would restart each other's services.
be_alone() {
    (: >>"$root/lock") 2>/dev/null || fail "$root cannot be written: is its file system mounted read-only, or full? $nothing Mend that and deploy again."
    exec 9>"$root/lock"
    flock -w 600 9 || fail "another deploy has been running here for 10 minutes; its process holds $root/lock. $nothing Wait for it or end it, and deploy again."
    alone=yes
}

# Continues as root with the same arguments.
as_root() {
    host=$(cat "$folder/host")
    # sudo takes it away.
    [ -z "${SSH_CONNECTION:-}" ] || echo "$SSH_CONNECTION" >"$folder/ssh-connection"
    [ "$(id -u)" != 0 ] || return 0
    command -v sudo >/dev/null ||
        fail "user $(id -un) is not root and this host has no sudo. Install sudo, or deploy as root."
    sudo -n true 2>/dev/null ||
        fail "user $(id -un) may not use sudo without a password. Add \"$(id -un) ALL=(ALL) NOPASSWD: ALL\" to /etc/sudoers.d, or deploy as root."
    exec sudo -n sh "$0" "$@"
}
