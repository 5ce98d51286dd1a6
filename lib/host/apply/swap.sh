# --- the swap: the new files replace the old ones ----------------------------

# Replaces the file $2 by a copy of $1, in one step. The copy has the owner, mode and type of $1.
put_in_place() {
    # All commands are in one condition, because callers use this function in conditions, where set -e has no effect.
    if ! { make_folder "${2%/*}" && rm -f "$2.cdktf~" && cp -a "$1" "$2.cdktf~" && mv -f "$2.cdktf~" "$2"; }; then
        rm -f "$2.cdktf~"
        return 1
    fi
    set_label "$2"
}

recorded() {
    [ -f "$installed" ] && awk -v path="$1" '$5 == path { found = 1 } END { exit !found }' "$installed"
}

# The files in $root that describe the last deploy. A rollback restores them together with the delivered files.
records='installed manifest identity retained delivered'

# Called before a file changes. Saves the file, and prints the line for the journal that says how to restore it.
will_move() {
    if is_there "$2"; then
        mkdir -p "$root/previous${2%/*}"
        cp -a "$2" "$root/previous$2"
        printf 'restore %s %s\n' "$1" "$2"
    else
        printf 'remove %s %s\n' "$1" "$2"
    fi
}

# Replaces the files. The journal must be complete on disk before the first file changes.
swap() {
    rm -rf "$root/previous"
    mkdir -p "$root/previous"
    cat "$work/changed" "$work/removed" >"$work/moving"
    {
        while read -r user path; do
            will_move "$user" "$path"
            # This library has not written the file, so it is the host's own file. It is kept, and restored when the
            # host is removed from the stack.
            if is_there "$path" && ! recorded "$path"; then
                mkdir -p "$root/original${path%/*}"
                rm -f "$root/original$path"
                cp -a "$path" "$root/original$path"
            fi
        done <"$work/moving"
        for record in $records; do will_move none "$root/$record"; done
        { services_of "$root/manifest"; services_of "$manifest"; } | awk '!seen[$0]++' | while read -r service; do
            if systemctl is-active --quiet "$service"; then echo "active $service -"; else echo "inactive $service -"; fi
            if systemctl is-enabled --quiet "$service" 2>/dev/null; then echo "enabled $service -"; else echo "disabled $service -"; fi
        done
    } >"$work/journal"
    cp "$work/journal" "$journal.new"
    sync
    mv "$journal.new" "$journal"
    sync
    swapping=yes
    while read -r _ path; do
        put_in_place "$stage$path" "$path"
    done <"$work/changed"
    while read -r _ path; do
        rm -f "$path"
    done <"$work/removed"
}

# Restores the files that the journal names. Then reloads or starts the services that ran before. If a file cannot be
# restored, restore fails, and the journal stays for the next run. $unwell gets the names of the services that do not
# run with the restored files.
restore() {
    swapping=no
    unwell=''
    [ -f "$journal" ] || return 0
    # Services that this deploy has started are stopped first, because the restore may remove their unit files.
    [ "$booting" = yes ] || stop_newcomers
    stuck=''
    while read -r verb _ path; do
        case "$verb" in
            restore) put_in_place "$root/previous$path" "$path" || stuck="$stuck $path" ;;
            remove) rm -f "$path" || stuck="$stuck $path" ;;
        esac
    done <"$journal"
    if [ -n "$stuck" ]; then
        say "these files could not be restored:$stuck. The previous files are in $root/previous. Make room on the disk and deploy again. The deploy restores these files first."
        return 1
    fi
    readers=" $(sed -n 's/^\(restore\|remove\) \([^ ]*\) .*/\2/p' "$journal" | sort -u | tr '\n' ' ')"
    case "$readers" in *" trust "*) update_trust >/dev/null 2>&1 || unwell="$unwell ca-trust" ;; esac
    case "$readers" in *" systemd "*) systemctl daemon-reload || : ;; esac
    [ "$booting" = yes ] || restore_services
    rm -f "$journal"
    if [ -z "$unwell" ]; then
        say "restored the previous files"
    else
        say "restored the previous files, but these services do not run with them:$unwell"
    fi
}

stop_newcomers() {
    sed -n 's/^inactive \([^ ]*\) -$/\1/p' "$journal" | while read -r service; do
        systemctl stop "$service" 2>/dev/null || :
        ! grep -qxF "disabled $service -" "$journal" || systemctl disable --quiet "$service" 2>/dev/null || :
    done
}

# If a service cannot load the restored files, $root/unread gets its name. The next deploy then reloads the service even
# if no file changes.
restore_services() {
    : >"$root/unread"
    coming=${manifest:-}
    manifest=$root/manifest
    [ -f "$manifest" ] || manifest=/dev/null
    started=no
    sed -n 's/^\(in\|\)active \([^ ]*\) -$/\1active \2/p' "$journal" >"$root/unread.services"
    while read -r was service; do
        if [ "$was" = active ] && ! bring_back "$service" >/dev/null 2>&1 </dev/null; then
            unwell="$unwell $service"
            printf '%s\n' "$service" >>"$root/unread"
        fi
        if systemctl is-enabled --quiet "$service" 2>/dev/null; then now=enabled; else now=disabled; fi
        case "$now" in
            enabled) ! grep -qxF "disabled $service -" "$journal" || systemctl disable --quiet "$service" 2>/dev/null || : ;;
            disabled) ! grep -qxF "enabled $service -" "$journal" || systemctl enable --quiet "$service" 2>/dev/null || : ;;
        esac
    done <"$root/unread.services"
    rm -f "$root/unread.services"
    manifest=$coming
}

# $1: the error. $2: what to do about it. The default is to fix the cause and deploy again.
roll_back() {
    say "rolling back: $1"
    [ ! -f "$work/log" ] || tail -n 15 "$work/log" | sed "s/^/    /"
    say_denials "$since"
    undo_host
    restore || fail "$1 Not all of the previous files could be restored (see above)."
    [ -z "$unwell" ] || fail "$1 The previous files are restored, but these services do not run with them:$unwell. Check journalctl and systemctl status on the host, and deploy again."
    fail "$1 The previous files are restored, and the services run as before. ${2:-Fix the cause and deploy again.}"
}

# Prints which files this run has written and removed, in one line.
tell_changes() {
    written=$(cut -d' ' -f2- "$work/changed" | named_files)
    gone=$(cut -d' ' -f2- "$work/removed" | named_files)
    if [ -n "$written$gone" ]; then
        say "changed: ${written:+wrote $written}${written:+${gone:+; }}${gone:+removed $gone}"
    else
        say "changed: no files, only what is printed above"
    fi
}

# Names at most eight files.
named_files() {
    awk 'NR <= 8 { list = list (NR > 1 ? ", " : "") $0 } END { printf "%s%s", list, (NR > 8 ? " and " NR - 8 " more" : "") }'
}

# Ends the transaction. First the records of this deploy are written to disk, and only then the journal is removed.
# Without the journal, a rollback is no longer possible.
commit() {
    {
        cut -d' ' -f3- "$work/files" | fingerprints |
            awk 'FILENAME == ARGV[1] { users[$3] = $1 " " $2; next } { print $1, $2, users[$3], $3 }' "$work/files" -
        cat "$work/kept"
    } >"$work/installed"
    retained_parts >"$work/retained"
    cp "$manifest" "$work/manifest"
    cp "$folder/identity" "$work/identity"
    record_delivery
    sync
    for record in $records; do
        cp "$work/$record" "$root/$record~"
        mv -f "$root/$record~" "$root/$record"
    done
    sync
    swapping=no
    rm -f "$journal" "$root/unread"
    forget_undo
    sync
    # The previous files may include a private key that is no longer used. It must not stay on disk.
    rm -rf "$root/previous"
    settle_secrets
}
