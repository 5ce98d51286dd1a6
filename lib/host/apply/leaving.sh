# --- leaving -------------------------------------------------------------------------------

# A policy is retain (the host keeps running), release (its services are stopped, so that the address moves; its files
# stay) or destroy (like release, and the state from before the first deploy is restored).

# Writes $work/leaving, one line "part policy" for each part that is removed by this delivery (with the manifest's
# policy) or was removed earlier; $work/leaving-now has only the names of the parts that are removed by this delivery.
find_leaving() {
    : >"$work/leaving"
    : >"$work/leaving-now"
    policy=$(values leave)
    for part in $({ sed -n 's/^part //p' "$root/manifest" || :; } 2>/dev/null); do
        ! grep -qxF "part $part" "$manifest" || continue
        printf '%s %s\n' "$part" "$(own_policy_of "$part")" >>"$work/leaving"
        printf '%s\n' "$part" >>"$work/leaving-now"
    done
    for part in $({ sed -n 's/^part //p' "$root/retained" || :; } 2>/dev/null); do
        grep -qxF "part $part" "$manifest" || printf '%s retain\n' "$part" >>"$work/leaving"
    done
}

# A part may have its own policy for the time when its prop is turned off.
own_policy_of() {
    own=$(manifest=$root/manifest values_of_part "$1" ends)
    echo "${own:-${policy:-retain}}"
}

policy_of() {
    sed -n "s/^$1 //p" "$work/leaving"
}

# The services of parts that are removed now, except services that another part needs, in reverse order.
leaving_services() {
    services_of "$manifest" >"$work/staying"
    while read -r part; do
        manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" | grep -vxFf "$work/staying" | sed '1!G;h;$!d'
}

# Those of these services that must be stopped.
ending_services() {
    while read -r part; do
        [ "$(policy_of "$part")" != retain ] || manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" >"$work/running-on"
    leaving_services | grep -vxFf "$work/running-on"
}

# Called after all other services serve, and before the commit. A failure rolls back everything.
stop_leaving_services() {
    [ -s "$work/leaving-now" ] || return 0
    for service in $(ending_services); do
        say "stopping $service"
        changed=yes
        hook stop "$service" || roll_back "$service could not be stopped."
    done
}

# The manifest lines of the parts that were removed but still run, for the records.
retained_parts() {
    for kept in "$root/retained" "$root/manifest"; do
        [ ! -f "$kept" ] || awk '
            FILENAME == ARGV[1] { if ($2 != "destroy") gone[$1] = 1; next }
            $1 == "part" { on = $2 in gone }
            on' "$work/leaving" "$kept"
    done
}

# After the commit: a part that was removed with DESTROY leaves nothing behind.
forget_leaving_parts() {
    while read -r part; do
        say "$part: $(what_became "$(policy_of "$part")")"
        changed=yes
        [ "$(policy_of "$part")" = destroy ] || continue
        services_as_before "$part"
        sed -n "s/^returned [^ ]* //p" "$work/verdicts" | while read -r path; do rm -f "$root/original$path"; done
        sed -n "/^$part /p" "$root/booleans" >"$work/to-turn-off" 2>/dev/null || :
        [ ! -s "$work/to-turn-off" ] || turn_off_booleans "$work/to-turn-off"
        sed "/^$part /d" "$root/before" >"$work/before-left"
        cp "$work/before-left" "$root/before"
    done <"$work/leaving-now"
}

what_became() {
    case "$1" in
        retain) echo "keeps running as it is; this library no longer manages it" ;;
        release) echo "stopped and disabled; its files are still here" ;;
        destroy) echo "removed; the state from before the first deploy is restored. Packages stay." ;;
    esac
}

# The lines of a record, without the lines of parts that were removed before, because these are no longer this
# library's.
still_ours() {
    [ ! -f "$1" ] || awk 'FILENAME == ARGV[1] { if ($1 == "part") gone[$2] = 1; next } !($1 in gone)' "$root/retained" "$1"
}

# Brings the services of one part (with "", of all parts) to their state from before the first deploy, except services
# that other parts need.
services_as_before() {
    touch "$root/retained"
    still_ours "$root/before" >"$work/as-before"
    # Another name, because the caller's loop uses the variable "part".
    while read -r of service active enabled; do
        [ "$service" != firewalld ] || continue
        case "$1" in "" | "$of") ;; *) continue ;; esac
        ! grep -qxF "$service" "$work/staying" 2>/dev/null || continue
        if [ "$enabled" = yes ]; then
            systemctl enable --quiet "$service" 2>/dev/null || say "$service could not be enabled as it was before"
        else
            systemctl disable --quiet "$service" 2>/dev/null || :
        fi
        if [ "$active" = no ]; then
            systemctl stop "$service" 2>/dev/null || :
        elif systemctl is-active --quiet "$service"; then
            hook reload "$service" || say "$service could not load its previous files"
        else
            systemctl start "$service" || say "$service could not be started with its previous files"
        fi
    done <"$work/as-before"
}

# No delivery to this host has finished. Only the remains of a first delivery are here, and they are removed with every
# policy.
leave_unfinished() {
    if [ -d "$root" ]; then
        restore || fail "Nothing else was done. Make room on the disk, and deploy or destroy again."
        mkdir -p "$work"
        : >"$work/staying"
        touch "$root/retained"
        firewall_as_before
        turn_off_all_booleans
    fi
    forget
    say "this library has nothing on this host"
}

# Removes everything of this library from the host.
forget() {
    systemctl disable --quiet "$recovery" 2>/dev/null || :
    rm -f "/etc/systemd/system/$recovery"
    systemctl daemon-reload
    rm -rf "$root" "${script%/*}"
}

leave() {
    policy=$1
    host=$3
    if [ ! -d "$root" ]; then
        say "this library has nothing on this host"
        return 0
    fi
    clean_up_at_exit
    be_alone
    [ ! -f "$root/masked" ] || installed_whole
    if [ ! -f "$root/manifest" ]; then
        leave_unfinished
        return
    fi
    if [ "$(cat "$root/identity")" != "$2" ]; then
        say "nothing was changed, because another resource delivers to this host now"
        return 0
    fi
    if [ "$policy" = retain ]; then
        give_up
        say "$(what_became retain)"
        return 0
    fi
    manifest=$root/manifest
    restore || fail "Nothing else was done. Make room on the disk and try again."
    rm -rf "$work"
    mkdir -p "$work"
    : >"$work/staying"
    for service in $(services_of "$manifest" | sed '1!G;h;$!d'); do
        say "stopping $service"
        hook stop "$service" || fail "$service could not be stopped. The files are still here. Look at systemctl status $service."
    done
    if [ "$policy" = release ]; then
        give_up
        say "$(what_became release)"
        return 0
    fi
    destroy_files
    turn_off_all_booleans
    firewall_as_before
    services_as_before ""
    forget
    say "$(what_became destroy)"
}

# Marks the host as free, so that any Terraform state may deliver to it next.
give_up() {
    sed -i '/^delivery /d; /^state /d' "$delivered" 2>/dev/null || :
}

# Without files of parts that were removed before, because these files are no longer this library's.
destroy_files() {
    trusted=no
    units=no
    while read -r _ _ user part path; do
        ! grep -qxF "part $part" "$root/retained" || continue
        if is_there "$root/original$path"; then
            say "restoring $path"
            put_in_place "$root/original$path" "$path" || fail "$path could not be restored. Make room on the disk and try again."
        else
            say "removing $path"
            rm -f "$path"
        fi
        [ "$user" != trust ] || trusted=yes
        [ "$user" != systemd ] || units=yes
    done <"$installed"
    restore_dropped_originals
    [ "$trusted" = no ] || update_trust >/dev/null 2>&1 || say "the CA trust could not be updated"
    [ "$units" = no ] || systemctl daemon-reload
}

# The host's own files that an earlier delivery replaced, and that no later delivery contained. Nothing is in their
# place now.
restore_dropped_originals() {
    [ -d "$root/original" ] || return 0
    find "$root/original" -type f -o -type l | while IFS= read -r kept; do
        path=${kept#"$root/original"}
        ! is_there "$path" || continue
        say "restoring $path"
        put_in_place "$kept" "$path" || exit 1
    done || fail "not all files could be restored. Make room on the disk and try again."
}

turn_off_all_booleans() {
    still_ours "$root/booleans" >"$work/to-turn-off"
    turn_off_booleans "$work/to-turn-off"
}
