# --- packages ----------------------------------------------------------------

# Those of the manifest's packages that are not here, a name a line.
packages_missing() {
    values package | sort -u >"$work/wanted"
    [ -s "$work/wanted" ] || return 0
    if command -v dpkg-query >/dev/null; then
        # shellcheck disable=SC2046 # one word a package
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(cat "$work/wanted") 2>/dev/null | sed -n 's/^installed //p' || :
    else
        while read -r package; do
            ! rpm -q --quiet "$package" || printf '%s\n' "$package"
        done <"$work/wanted"
    fi >"$work/here"
    grep -vxFf "$work/here" "$work/wanted" || :
}

# Services must not start with a distribution's default files: a firewall that
# comes up without this host's ssh port would shut us out. So those that are not
# here yet are masked. The list is on disk before the first mask: if this run is
# killed, the next one removes the masks. A reboot removes them anyway.
install_packages() {
    packages_missing >"$work/missing"
    missing=$(sed 's/^/ /' "$work/missing" | tr -d '\n')
    [ -n "$missing" ] || return 0
    say "installing$missing"
    for service in $(services_of "$manifest") firewalld; do
        systemctl cat "$service" >/dev/null 2>&1 || printf '%s\n' "$service"
    done >"$work/masks"
    cp "$work/masks" "$root/masked~"
    sync
    mv "$root/masked~" "$root/masked"
    mask
    nothing='Packages may have been installed; nothing else was changed.'
    if command -v apt-get >/dev/null; then
        apt-get -q -o DPkg::Lock::Timeout=300 update >"$work/packages.log" 2>&1 ||
            say "apt-get update failed, so the package lists on this host are used: $(tail -n 1 "$work/packages.log")"
        # shellcheck disable=SC2086 # one word a package
        DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
            -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
            install $missing >>"$work/packages.log" 2>&1 </dev/null || packages_failed
    else
        # shellcheck disable=SC2086 # one word a package
        dnf -q -y install $missing >"$work/packages.log" 2>&1 </dev/null || packages_failed
    fi
    unmask
    nothing="Installed$missing; nothing else was changed."
    changed=yes
    # The packages have taken some.
    check_space
}

packages_failed() {
    sed "s/^/    /" "$work/packages.log" | tail -n 15
    fail "cannot install$missing (output above). The running services were not touched. Give this host a working package source and deploy again."
}

mask() {
    while read -r service; do
        systemctl mask --runtime --quiet "$service" 2>/dev/null || :
    done <"$root/masked"
}

unmask() {
    [ -f "$root/masked" ] || return 0
    while read -r service; do
        systemctl unmask --runtime --quiet "$service" 2>/dev/null || :
    done <"$root/masked"
    rm -f "$root/masked"
}

# An earlier run was killed during an installation. What it left half configured is finished with the masks in
# place, even where a reboot has removed them, so that nothing starts with default files.
finish_installation() {
    [ -f "$root/masked" ] || return 0
    say "an earlier deploy was cut off while it installed packages; finishing that first"
    mask
    if command -v dpkg >/dev/null; then
        # An apt-get that outlived its deploy still holds the lock.
        tries=0
        until DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a >"$work/packages.log" 2>&1 </dev/null; do
            tries=$((tries + 1))
            if [ "$tries" -ge 60 ] || ! grep -q 'lock' "$work/packages.log"; then
                sed "s/^/    /" "$work/packages.log" | tail -n 15
                fail "dpkg --configure -a failed (output above). The running services were not touched. Repair the packages on this host and deploy again."
            fi
            sleep 5
        done
    fi
    unmask
}
