# --- the copy of this script on the host, and the recovery at boot ------------------------------------------------

# Stores this script on the host, as $script. Each deploy replaces it, so it always comes from the last deploy.
keep_copy() {
    cmp -s "$0" "$script" && return 0
    # Two runs with --receive-secrets may store the script at the same time, because they take no lock. So each run
    # writes a file of its own, and then renames it.
    if make_folder "${script%/*}" && copy=$(mktemp "$script.XXXXXX") && cp "$0" "$copy" && chown 0:0 "$copy" && chmod 0755 "$copy" && mv -f "$copy" "$script"; then
        set_label "$script"
    else
        rm -f "${copy:-}"
        fail "$script could not be written. $nothing Make room on the disk and deploy again."
    fi
}

# Enables the recovery service. From here on, if the host reboots during the swap, this service restores the previous
# files before the other services can start with half of the new files.
watch_over_boot() {
    keep_copy
    cat >"$work/unit" <<UNIT
# Written by cdktf-exchange-balancer.
[Unit]
Description=Undo a deploy of cdktf-exchange-balancer that was cut off
ConditionPathExists=$journal
Before=$({ services_of "$root/manifest"; services_of "$manifest"; } | awk '!seen[$0]++' | sed 's/$/.service/' | paste -s -d ' ')

[Service]
Type=oneshot
ExecStart=/bin/sh $script --recover

[Install]
WantedBy=multi-user.target
UNIT
    cmp -s "$work/unit" "/etc/systemd/system/$recovery" && return 0
    put_in_place "$work/unit" "/etc/systemd/system/$recovery" || fail "/etc/systemd/system/$recovery could not be written. $nothing Make room on the disk and deploy again."
    # systemctl enable also makes systemd read its units again.
    systemctl enable --quiet "$recovery" 2>/dev/null || fail "$recovery could not be enabled. $nothing Look at systemctl status $recovery and deploy again."
}

# Runs at boot, before the services start. They then start with the restored files.
recover() {
    host=$(uname -n)
    booting=yes
    clean_up_at_exit
    be_alone
    [ -f "$journal" ] || return 0
    say "a deploy was cut off; restoring the previous files"
    restore
}
