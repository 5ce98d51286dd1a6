# --- removing parts, or the whole host -------------------------------------------------------

# The removal policies are:
#   retain   the services keep running
#   release  the services are stopped, so that the virtual address moves to the other node; the files stay
#   destroy  like release, and in addition the state from before the first deploy is restored

# Writes $work/leaving: one line "part policy" for each part that this delivery removes, or that an earlier delivery
# removed and left running. Writes $work/leaving-now: the names of the parts that this delivery removes.
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

# Prints the policy with which a part is removed: the part's own policy (the line `ends` in the last manifest) if it has
# one, else the policy of this delivery.
own_policy_of() {
    own=$(manifest=$root/manifest values_of_part "$1" ends)
    echo "${own:-${policy:-retain}}"
}

policy_of() {
    sed -n "s/^$1 //p" "$work/leaving"
}

# Prints the services of the parts that this delivery removes, except services that another part needs. The last service
# to start comes first.
leaving_services() {
    services_of "$manifest" >"$work/staying"
    while read -r part; do
        manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" | grep -vxFf "$work/staying" | sed '1!G;h;$!d'
}

# Prints those of leaving_services that must be stopped: all except services of parts with the policy retain.
ending_services() {
    while read -r part; do
        [ "$(policy_of "$part")" != retain ] || manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" >"$work/running-on"
    leaving_services | grep -vxFf "$work/running-on"
}

# Called before the commit, when all other services serve. If a service cannot be stopped, everything is rolled back.
stop_leaving_services() {
    [ -s "$work/leaving-now" ] || return 0
    for service in $(ending_services); do
        say "stopping $service"
        changed=yes
        hook stop "$service" || roll_back "$service could not be stopped."
    done
}

# Prints the manifest lines of the parts that were removed with retain or release. This output becomes $root/retained.
retained_parts() {
    for kept in "$root/retained" "$root/manifest"; do
        [ ! -f "$kept" ] || awk '
            FILENAME == ARGV[1] { if ($2 != "destroy") gone[$1] = 1; next }
            $1 == "part" { on = $2 in gone }
            on' "$work/leaving" "$kept"
    done
}

# After the commit: removes what is left of a part that was removed with destroy.
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

# Prints the lines of a record ("part ..."), without the lines of parts that an earlier delivery removed. This library
# no longer manages those parts.
still_ours() {
    [ ! -f "$1" ] || awk 'FILENAME == ARGV[1] { if ($1 == "part") gone[$2] = 1; next } !($1 in gone)' "$root/retained" "$1"
}

# Restores the state of services from before the first deploy: whether they were enabled and running. $1: the part with
# the services, or "" for all parts. Services that other parts need are left out.
services_as_before() {
    touch "$root/retained"
    still_ours "$root/before" >"$work/as-before"
    # The variable is called "of", because the caller's loop uses "part".
    while read -r of service active enabled; do
        [ "$service" != firewalld ] || continue
        case "$1" in "" | "$of") ;; *) continue ;; esac
        ! grep -qxF "$service" "$work/staying" 2>/dev/null || continue
        if [ "$enabled" = yes ]; then
            systemctl enable --quiet "$service" 2>/dev/null || say "$service could not be enabled again"
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

# Removes the host if no delivery to it has finished. Then the host has only the remains of a first delivery. These
# remains are removed under every policy.
leave_unfinished() {
    if [ -d "$root" ]; then
        restore || fail "The host was not removed, because not all of the previous files could be restored (see above). Make room on the disk, and deploy or destroy again."
        mkdir -p "$work"
        : >"$work/staying"
        touch "$root/retained"
        firewall_as_before
        turn_off_all_booleans
    fi
    forget
    say "this host has no files of this library"
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
        say "this host has no files of this library"
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
    restore || fail "The host was not removed, because not all of the previous files could be restored (see above). Make room on the disk and try again."
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

# Marks the host as free: any Terraform state may deliver to it next.
give_up() {
    sed -i '/^delivery /d; /^state /d' "$delivered" 2>/dev/null || :
}

# Removes this library's files, or restores the files that they replaced. Leaves out the files of parts that an earlier
# delivery removed, because this library no longer manages those parts.
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

# Restores files of the host whose paths are free now. Such a path became free in two steps: one delivery replaced the
# host's file by a file of this library, and a later delivery removed the file of this library.
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
