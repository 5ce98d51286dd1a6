# --- packages ----------------------------------------------------------------

# Prints the manifest's packages that are not installed, one name on each line.
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

# Installs the missing packages. A new service must not start with the default files of its distribution: a firewall
# without the ssh port would lock everyone out, and keepalived with an old file would take an address. So services that
# do not exist yet, or that a removed package has left masked, are masked during the installation.
# Their names are on disk before the first one is masked. If this run is killed, the next run reads the names and
# removes the masks. A reboot also removes the masks.
install_packages() {
    packages_missing >"$work/missing"
    missing=$(sed 's/^/ /' "$work/missing" | tr -d '\n')
    [ -n "$missing" ] || return 0
    say "installing$missing"
    for service in $(services_of "$manifest") firewalld; do
        # When Debian removes a package, it may leave the package's services masked. The installation unmasks them, and
        # would start them with the old files.
        case "$(systemctl cat "$service" 2>/dev/null)" in '' | "# Unit $service"*' is masked.') printf '%s\n' "$service" ;; esac
    done >"$work/masks"
    cp "$work/masks" "$root/masked~"
    sync
    mv "$root/masked~" "$root/masked"
    mask
    nothing='Packages may have been installed; nothing else was changed.'
    if command -v apt-get >/dev/null; then
        apt-get -q -o DPkg::Lock::Timeout="$lock_limit" update >"$work/packages.log" 2>&1 ||
            say "apt-get update failed, so the existing package lists on this host are used: $(tail -n 1 "$work/packages.log")"
        # If a source does not answer, apt-get prints a warning, and its exit status is still 0.
        ignored=$(sed -n 's/^W: Failed to fetch \([^ ]*\).*/\1/p' "$work/packages.log" | sort -u | tr '\n' ' ')
        [ -z "$ignored" ] || say "these package sources could not be read, so their existing lists on this host are used: ${ignored% }"
        # shellcheck disable=SC2086 # one word a package
        DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove \
            -o DPkg::Lock::Timeout="$lock_limit" -o Dpkg::Options::=--force-confold \
            install $missing >>"$work/packages.log" 2>&1 </dev/null || packages_failed
    else
        dnf_install || packages_failed
    fi
    installed_whole
    nothing="Installed$missing; nothing else was changed."
    changed=yes
    # The space is checked again, because the packages need some of it.
    check_space
}

# By default, dnf fails if one repository does not answer. Also by default, dnf waits for its lock silently and without
# a limit. Here, dnf skips a repository that does not answer, and dnf_install waits up to $lock_limit s for the lock.
# apt-get waits for the same time.
dnf_install() {
    began=$(date +%s)
    told=no
    while :; do
        code=0
        # shellcheck disable=SC2086 # one word a package
        dnf -y --setopt='*.skip_if_unavailable=1' --setopt=exit_on_lock=1 install $missing >"$work/packages.log" 2>&1 </dev/null || code=$?
        # dnf uses two locks. The exit status 200 means that dnf's own lock is held. The message "transaction lock"
        # means that rpm's lock is held.
        if [ "$code" != 200 ] && { [ "$code" = 0 ] || ! grep -q 'transaction lock on' "$work/packages.log"; }; then break; fi
        holder=$(lock_holder)
        [ "$(($(date +%s) - began))" -lt "$lock_limit" ] || lock_not_released "$holder"
        [ "$told" = "$holder" ] || say "waiting for the package manager's lock, held by $holder"
        told=$holder
        sleep 2
    done
    ignored=$(sed -n 's/^Ignoring repositories: //p' "$work/packages.log")
    [ -z "$ignored" ] || say "these repositories could not be read and were left out: $ignored"
    return "$code"
}

# How many seconds a deploy waits for the package manager's lock.
lock_limit=300

# Prints the process that holds the lock. dnf and newer releases of apt-get name the process in their message. For rpm's
# lock and for older releases of apt-get, the message has only the lock file, and /proc/locks names the process.
lock_holder() {
    # The lock of the package lists concerns only apt-get update, whose failure does not end the deploy.
    pid=$(sed -n -e '\|/apt/lists/|d' -e 's/.*already locked by \([0-9]*\).*/\1/p' -e 's/.*is held by process \([0-9]*\).*/\1/p' "$work/packages.log" | tail -n 1)
    if [ -z "$pid" ]; then
        file=$(sed -n -e 's/.*transaction lock on \([^ ]*\).*/\1/p' -e 's/.*dpkg frontend lock (\([^)]*\)).*/\1/p' "$work/packages.log" | tail -n 1)
        inode=$(stat -c %i "$file" 2>/dev/null || echo none)
        pid=$(awk -v inode="$inode" '{ n = split($6, of, ":") } of[n] == inode { print $5; exit }' /proc/locks)
    fi
    name=$(cat "/proc/${pid:-none}/comm" 2>/dev/null || echo "another program")
    printf '"%s",pid=%s' "$name" "${pid:-unknown}"
}

lock_not_released() {
    installed_whole
    fail "cannot install$missing: $1 has held the package manager's lock for $lock_limit s. Nothing was changed. Wait until that process ends, or end it, and deploy again."
}

packages_failed() {
    ! grep -q '^E: \(Could not get lock /var/\(lib/dpkg\|cache/apt\)/\|Unable to acquire the dpkg frontend lock\)' "$work/packages.log" || lock_not_released "$(lock_holder)"
    # The package manager has failed, but has not been interrupted. So the next run does not need to finish the
    # installation.
    installed_whole
    sed "s/^/    /" "$work/packages.log" | tail -n 15
    ! grep -q 'remove is disabled' "$work/packages.log" ||
        fail "cannot install$missing without removing other packages (output above). The running services were not touched. If one of the other packages is a syslog server, set logs: HaproxyLogs.remote({ address: \"127.0.0.1\" }) or HaproxyLogs.journal(); otherwise remove the other packages by hand. Deploy again."
    fail "cannot install$missing (output above). The running services were not touched. Give this host a working package source and deploy again."
}

mask() {
    masking=yes
    while read -r service; do
        systemctl mask --runtime --quiet "$service" 2>/dev/null || :
    done <"$root/masked"
}

# Removes the masks. The file $root/masked stays: it tells the next run that an installation was interrupted and must be
# finished, even if a reboot has already removed the masks.
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

# Finishes the installation of an earlier run that was killed. Packages may be only half configured. The masks are set
# again first, because a reboot may have removed them, and no service must start with default files.
finish_installation() {
    [ -f "$root/masked" ] || return 0
    say "an earlier deploy was cut off while it installed packages; finishing this installation first"
    mask
    if command -v dpkg >/dev/null; then
        # The apt-get of the earlier run may still be running and hold the lock.
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
