# --- leaving -------------------------------------------------------------------------------

# A policy is retain (it runs on), release (its services are stopped, so that it lets go of the address; its files stay)
# or destroy (as release, and what was here before the first deploy is restored).

# Parts that leave in this delivery, by its manifest's policy, and parts that left earlier: $work/leaving, a line
# "part policy" each; $work/leaving-now has the names of the former.
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

# A part may say itself what becomes of it when its prop is turned off.
own_policy_of() {
    own=$(manifest=$root/manifest values_of_part "$1" ends)
    echo "${own:-${policy:-retain}}"
}

policy_of() {
    sed -n "s/^$1 //p" "$work/leaving"
}

# The services of parts that leave now, with which no other part has to do: last up, first down.
leaving_services() {
    services_of "$manifest" >"$work/staying"
    while read -r part; do
        manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" | grep -vxFf "$work/staying" | sed '1!G;h;$!d'
}

# Those among them that do not run on.
ending_services() {
    while read -r part; do
        [ "$(policy_of "$part")" != retain ] || manifest=$root/manifest values_of_part "$part" service
    done <"$work/leaving-now" >"$work/running-on"
    leaving_services | grep -vxFf "$work/running-on"
}

# Called when everything else serves, and before the commit: a failure brings all of it back.
stop_leaving_services() {
    [ -s "$work/leaving-now" ] || return 0
    for service in $(ending_services); do
        say "stopping $service"
        changed=yes
        hook stop "$service" || roll_back "$service could not be stopped."
    done
}

# The manifest's sections of the parts that were let go, for the records.
retained_parts() {
    for kept in "$root/retained" "$root/manifest"; do
        [ ! -f "$kept" ] || awk '
            FILENAME == ARGV[1] { if ($2 != "destroy") gone[$1] = 1; next }
            $1 == "part" { on = $2 in gone }
            on' "$work/leaving" "$kept"
    done
}

# After the commit: a part that left by destroy leaves nothing behind.
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
        retain) echo "keeps running as it is, and this library no longer manages it" ;;
        release) echo "stopped and disabled; its files are still here" ;;
        destroy) echo "removed; what was here before the first deploy is restored. Packages stay." ;;
    esac
}

# The lines of a record that are none of a part that was let go before: it belongs to somebody else now.
still_ours() {
    [ ! -f "$1" ] || awk 'FILENAME == ARGV[1] { if ($1 == "part") gone[$2] = 1; next } !($1 in gone)' "$root/retained" "$1"
}

# The services of one part, or with "" of all, as they were before our first deploy, except those that staying parts need.
services_as_before() {
    touch "$root/retained"
    still_ours "$root/before" >"$work/as-before"
    # The caller's loop has a variable "part".
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
            hook reload "$service" || say "$service did not take its previous files"
        else
            systemctl start "$service" || say "$service could not be started with its previous files"
        fi
    done <"$work/as-before"
}

# No delivery has ever come to its end: only what a first one has left behind is here, and nobody needs
# that, whatever the policy.
leave_unfinished() {
    if [ -d "$root" ]; then
        restore || fail "Nothing else was done. Deploy or leave again when there is room."
        mkdir -p "$work"
        : >"$work/staying"
        touch "$root/retained"
        firewall_as_before
        turn_off_all_booleans
    fi
    forget
    say "this library has nothing on this host"
}

# Nothing of ours is left.
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
        say "left alone, because another resource delivers to this host now"
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

# No Terraform state has this host any more: whichever delivers to it next undoes nobody's work.
give_up() {
    sed -i '/^delivery /d; /^state /d' "$delivered" 2>/dev/null || :
}

# Not those of parts that were let go before: they belong to somebody else now.
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

# Files of the host's that an earlier delivery replaced, and that no delivery has had since: nothing is in their place.
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
