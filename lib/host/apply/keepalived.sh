# --- keepalived --------------------------------------------------------------------

version_keepalived() {
    keepalived --version 2>&1 | sed -n 's/^Keepalived v\([0-9.]*\).*/\1/p'
}

# keepalived.conf has a script user, which crashes keepalived 2.2.7 -t (143). The user does not matter for the check, so
# the copy in the view has root.
check_files_keepalived() {
    conf=/etc/keepalived/keepalived.conf
    loaded=$(unit_arguments keepalived | awk '$0 == "-f" || $0 == "--use-file" { getline; print } /^--use-file=/ { print substr($0, 12) } /^-f./ { print substr($0, 3) }' | tail -n 1)
    [ "${loaded:-$conf}" = "$conf" ] || loads_other keepalived "$loaded"
    if sed "s/^\( *script_user\) .*/\1 root/" "$view$conf" >"$work/as-root" &&
        cp "$work/as-root" "$view$conf" &&
        view_of_new keepalived -t -f "$conf" >"$work/complaint" 2>&1 &&
        # keepalived 2.1.5 prints errors but exits with 0. All versions print nothing for a correct file.
        [ ! -s "$work/complaint" ]; then return 0; fi
    refused "keepalived -t" "$conf"
}

reload_keepalived() {
    if speaks_anew; then
        reload_in_new_language
    else
        systemctl reload keepalived
    fi
}

# keepalived starts its child processes after systemd has marked it as active. A child that fails does so soon after it
# has opened its socket. After a reload, the socket shows nothing about the new files.
serves_keepalived() {
    why="keepalived did not stay up."
    [ "$started" = no ] || vrrp_began=yes
    tries=0
    while [ "$tries" -lt 20 ]; do
        sleep 0.05
        tries=$((tries + 1))
        if [ "$started" = yes ] && ss -Hanwp | grep -q '"keepalived"'; then
            sleep 0.3
            break
        fi
    done
    systemctl is-active --quiet keepalived
}
