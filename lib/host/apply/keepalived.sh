# --- keepalived --------------------------------------------------------------------

version_keepalived() {
    keepalived --version 2>&1 | sed -n 's/^Keepalived v\([0-9.]*\).*/\1/p'
}

# The script_user in keepalived.conf crashes the check `keepalived -t` of version 2.2.7 (status 143). The check does not
# depend on this user. So the copy of keepalived.conf in the view names root as the script_user.
check_files_keepalived() {
    conf=/etc/keepalived/keepalived.conf
    loaded=$(unit_arguments keepalived | awk '$0 == "-f" || $0 == "--use-file" { getline; print } /^--use-file=/ { print substr($0, 12) } /^-f./ { print substr($0, 3) }' | tail -n 1)
    [ "${loaded:-$conf}" = "$conf" ] || loads_other keepalived "$loaded"
    if sed "s/^\( *script_user\) .*/\1 root/" "$view$conf" >"$work/as-root" &&
        cp "$work/as-root" "$view$conf" &&
        view_of_new keepalived -t -f "$conf" >"$work/complaint" 2>&1 &&
        # keepalived 2.1.5 prints errors, but its exit status is 0. For a correct file, the output is empty on all
        # versions.
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

# After a start, systemd marks keepalived as active before keepalived has started its child processes. If a child
# process fails, it does so soon after it has opened its socket. So serves_keepalived waits for the socket and for 0.3 s
# more. After a reload, the sockets of the previous configuration are still there, so they show nothing about the new
# files.
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
