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
        # apt-get calls a source that does not answer a warning, and succeeds.
        ignored=$(sed -n 's/^W: Failed to fetch \([^ ]*\).*/\1/p' "$work/packages.log" | sort -u | tr '\n' ' ')
        [ -z "$ignored" ] || say "these package sources could not be read, so what this host knows of them is used: ${ignored% }"
        # shellcheck disable=SC2086 # one word a package
        DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove \
            -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
            install $missing >>"$work/packages.log" 2>&1 </dev/null || packages_failed
    else
        dnf_install || packages_failed
    fi
    installed_whole
    nothing="Installed$missing; nothing else was changed."
    changed=yes
    # The packages have taken some.
    check_space
}

# dnf fails altogether where one repository is out of reach, and waits for its lock in silence and for ever. Here it
# does as apt-get does: goes on without that repository, and waits for 300 s.
dnf_install() {
    began=$(date +%s)
    told=no
    while :; do
        code=0
        # shellcheck disable=SC2086 # one word a package
        dnf -y --setopt='*.skip_if_unavailable=1' --setopt=exit_on_lock=1 install $missing >"$work/packages.log" 2>&1 </dev/null || code=$?
        # 200: dnf's own lock is held. rpm's lock is not dnf's.
        if [ "$code" != 200 ] && { [ "$code" = 0 ] || ! grep -q 'transaction lock on' "$work/packages.log"; }; then break; fi
        holder=$(lock_holder)
        if [ "$(($(date +%s) - began))" -ge "$lock_limit" ]; then
            installed_whole
            fail "cannot install$missing: $holder has held the package manager's lock for $lock_limit s. Nothing was changed. Wait for it or end it, and deploy again."
        fi
        [ "$told" = "$holder" ] || say "waiting for the package manager's lock, which $holder holds"
        told=$holder
        sleep 2
    done
    ignored=$(sed -n 's/^Ignoring repositories: //p' "$work/packages.log")
    [ -z "$ignored" ] || say "these repositories could not be read and were left out: $ignored"
    return "$code"
}

# Seconds.
lock_limit=300

# The process that holds the lock: dnf names it for its own, the kernel knows it for rpm's.
lock_holder() {
    pid=$(sed -n 's/.*already locked by \([0-9]*\).*/\1/p' "$work/packages.log" | head -n 1)
    if [ -z "$pid" ]; then
        file=$(sed -n 's/.*transaction lock on \([^ ]*\).*/\1/p' "$work/packages.log" | head -n 1)
        inode=$(stat -c %i "$file" 2>/dev/null || echo none)
        pid=$(awk -v inode="$inode" '{ n = split($6, of, ":") } of[n] == inode { print $5; exit }' /proc/locks)
    fi
    name=$(cat "/proc/${pid:-none}/comm" 2>/dev/null || echo "another program")
    printf '"%s",pid=%s' "$name" "${pid:-unknown}"
}

packages_failed() {
    # The package manager has come to its end, so there is nothing to finish.
    installed_whole
    sed "s/^/    /" "$work/packages.log" | tail -n 15
    ! grep -q 'remove is disabled' "$work/packages.log" ||
        fail "cannot install$missing without removing packages that this host has (output above). The running services were not touched. If it is another syslog server, set logs: HaproxyLogs.remote({ address: \"127.0.0.1\" }) or HaproxyLogs.journal(); else remove them by hand. Deploy again."
    fail "cannot install$missing (output above). The running services were not touched. Give this host a working package source and deploy again."
}

mask() {
    masking=yes
    while read -r service; do
        systemctl mask --runtime --quiet "$service" 2>/dev/null || :
    done <"$root/masked"
}

# The list stays: what was cut off has to be finished, even where the masks are gone.
unmask() {
    while read -r service; do
        systemctl unmask --runtime --quiet "$service" 2>/dev/null || :
    done <"$root/masked"
    masking=no
}

installed_whole() {
    unmask
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
    installed_whole
}
