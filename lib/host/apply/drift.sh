# --- drift: changes on the host since the last deploy ------------------------

# Compares the host with everything that this library has set there, and prints a line for each difference. Files of
# parts that were removed from the stack are not compared.
drift() {
    host=$(uname -n)
    drifted=no
    manifest=$root/manifest
    if [ ! -f "$manifest" ]; then
        differs "no deploy to this host has finished. Deploy; if the plan shows no change, set the prop redeliver to another text."
        exit 3
    fi
    # The comparison uses a new folder, and not the folder of a deploy, because a deploy may run at the same time.
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    changed_files
    missing_packages
    changed_services
    closed_openings
    turned_off_booleans
    distrusted_cas
    [ "$drifted" = no ] || exit 3
    say "nothing has changed since the deploy by version $(values library) of the library"
}

differs() {
    say "$*"
    drifted=yes
}

changed_files() {
    retained=/dev/null
    [ ! -f "$root/retained" ] || retained=$root/retained
    ours=''
    [ ! -f "$installed" ] || ours=$(awk '$1 == "part" { gone[$2] = 1 } FILENAME == ARGV[2] && !($4 in gone)' "$retained" "$installed")
    now=$(printf '%s\n' "$ours" | cut -d' ' -f5- | fingerprints)
    while read -r content owner _ _ path; do
        [ -n "$content" ] || continue
        if [ ! -f "$path" ]; then
            differs "$path was removed"
        elif ! printf '%s\n' "$now" | grep -qxF "$content $owner $path"; then
            differs "$path was edited"
        fi
    done <<RECORDS
$ours
RECORDS
    [ -f "$script" ] || differs "$script was removed"
    [ "$(systemctl is-enabled "$recovery" 2>/dev/null)" = enabled ] || differs "$recovery was disabled"
}

missing_packages() {
    for package in $(packages_missing); do differs "package $package was removed"; done
}

changed_services() {
    for service in $(services_of "$manifest"); do
        systemctl is-active --quiet "$service" || differs "$service is not running ($(systemctl is-active "$service" 2>/dev/null || :))"
        [ "$(systemctl is-enabled "$service" 2>/dev/null)" = enabled ] || differs "$service is not enabled ($(systemctl is-enabled "$service" 2>/dev/null || :))"
        [ "$(systemctl show --property=NeedDaemonReload --value "$service")" != yes ] || differs "$service: systemd has not read its changed unit files"
        [ -f "$root/units" ] || continue
        for path in $(unit_files_of "$service"); do
            grep -qxF "$service $path" "$root/units" || differs "$service has a unit file that did not exist at the last deploy: $path"
        done
    done
}

# Prints the path of a service's unit file, and the paths of its drop-ins.
unit_files_of() {
    systemctl show --property=FragmentPath --property=DropInPaths --value "$1"
}

# Stores the paths of the unit files, so that --drift can compare them later.
record_units() {
    for service in $(services_of "$manifest"); do
        for path in $(unit_files_of "$service"); do printf '%s %s\n' "$service" "$path"; done
    done >"$work/units"
    # A drop-in that is not from this library can override this library's settings.
    while read -r service path; do
        case "$path" in
            /etc/*.conf | /run/*.conf)
                recorded "$path" || say "$service has a drop-in that is not from this library: $path"
                ;;
        esac
    done <"$work/units"
    cp "$work/units" "$root/units"
}

closed_openings() {
    [ -n "$(values firewall)" ] || return 0
    if ! systemctl is-active --quiet firewalld; then
        differs "firewalld is not running"
        return 0
    fi
    # $root/zone names the zone in which the last deploy opened ports. It is empty for the default zone.
    in_zone=$(sed 's/^\(.\)/ in \1/' "$root/zone" 2>/dev/null || :)
    wanted_openings >"$work/openings"
    for where in permanent running; do
        find_absent "$where" || differs "firewall: firewalld does not say whether $opening is open ($where)"
        while read -r _ opening; do
            differs "firewall: $opening is not open ($where)"
        done <"$work/absent"
    done
}

turned_off_booleans() {
    has_selinux || return 0
    for name in $(values sebool); do
        case "$(getsebool "$name")" in *" on") ;; *) differs "SELinux: $name is off" ;; esac
    done
}

distrusted_cas() {
    for path in $(distrusted); do differs "$path is not among the CAs that this host trusts"; done
}

# Prints this library's CA files with a certificate that is missing in the host's CA bundle. A certificate is recognized
# by its last line of full length (64 characters). This line is part of the certificate's signature.
distrusted() {
    case "$(values os)" in
        redhat*) bundle=/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem ;;
        *) bundle=/etc/ssl/certs/ca-certificates.crt ;;
    esac
    { sed -n 's/^file [^ ]* trust //p' "$manifest"; } | while read -r path; do
        [ -f "$path" ] || continue
        awk 'length($0) == 64 { whole = $0 } /-----END/ { print whole }' "$path" | while read -r line; do
            grep -qF -- "$line" "$bundle" 2>/dev/null || printf '%s\n' "$path"
        done
    done | sort -u
}
