# --- HAProxy -----------------------------------------------------------------------

version_haproxy() {
    haproxy -v 2>/dev/null | sed -n 's/^HA-*Proxy version \([0-9.]*\).*/\1/p'
}

# The unit may load more files than haproxy.cfg: EL's unit loads /etc/haproxy/conf.d and uses $OPTIONS, Debian's unit
# uses $EXTRAOPTS. If HAProxy rejects such a file, this check must fail, not the reload.
check_files_haproxy() {
    conf=/etc/haproxy/haproxy.cfg
    check_capacity
    unit_arguments haproxy | awk "$awk_loaded_arguments" >"$work/arguments"
    loaded=$(awk '$0 == "-f" { getline; print }' "$work/arguments" | paste -s -d ' ')
    case " $loaded " in
        *" $conf "* | *" ${conf%/*} "* | *" ${conf%/*}/ "*) ;;
        *) loads_other haproxy "$loaded" ;;
    esac
    # shellcheck disable=SC2046 # one word a line
    set -- $(cat "$work/arguments")
    ! view_of_new haproxy -c "$@" >"$work/complaint" 2>&1 || return 0
    others=''
    for other in $loaded; do
        [ "$other" = "$conf" ] || ! grep -qF "$other" "$work/complaint" || others="$others $other"
    done
    refused "haproxy -c" "$conf${others:+ together with$others, which haproxy.service also loads}"
}

# SERVICE LOADED: the unit loads other files than $conf, or none. Without its setting, the service would load $conf at the
# next restart. Before the first deploy, this may be the package's example, and mail would stop.
loads_other() {
    if [ -f "$root/manifest" ]; then
        remedy="Remove that setting, run systemctl daemon-reload, restart $1 in a maintenance window, and deploy again."
    else
        remedy="Do not only remove that setting: $conf might be the package's example. Move your configuration to $conf first (docs/adopting.md, A service that loads another file), and deploy again."
    fi
    fail "$1.service loads ${2:-no file} instead of $conf$(set_by "$1" "$2"). $nothing $remedy"
}

# haproxy -c does not check whether this host has the resources for maxconn. Otherwise the reload would fail, or the
# kernel would kill HAProxy under load.
check_capacity() {
    [ -f "$stage$conf" ] || return 0
    awk "$awk_capacity" "$stage$conf" >"$work/capacity"
    maxconn=$(sed -n 's/^maxconn //p' "$work/capacity")
    [ -n "$maxconn" ] || return 0
    files=$(sed -n 's/^files //p' "$work/capacity")
    may=$(systemctl show --property=LimitNOFILE --value haproxy.service)
    # Without a limit, systemd prints a word or 2^64 - 1.
    case "$may" in '' | *[!0-9]* | ????????????*) may=$(kernel_says fs/nr_open) ;; esac
    [ "$files" -le "$may" ] || may_open "$files" ||
        fail "maxconn $maxconn needs $files open files, but haproxy can open only $may on this host. $nothing Lower maxconn, or raise LimitNOFILE of haproxy.service (at most fs.nr_open, $(kernel_says fs/nr_open)), and deploy again."
    kilobytes=$(sed -n 's/^kilobytes \([0-9]*\) .*/\1/p' "$work/capacity")
    each=$(sed -n 's/^kilobytes [0-9]* //p' "$work/capacity")
    memory=$(memory_kb)
    [ "$kilobytes" -le "$memory" ] ||
        fail "maxconn $maxconn needs $((kilobytes / 1024)) MB of memory when all connections are open ($each kB each), but this host has only $((memory / 1024)) MB. $nothing Lower maxconn, or give the host more memory, and deploy again."
    range=$(kernel_says net/ipv4/ip_local_port_range | awk '{ print $2 - $1 + 1 }')
    # Mail must go on while one server is down.
    awk -v range="${range:-28232}" '$1 == "ports" { most = ($4 > 1 ? $4 - 1 : 1) * range; if ($3 > most) print $2, $3, $4, most }' "$work/capacity" >"$work/few-ports"
    while read -r frontend places targets most; do
        while_down=''
        [ "$targets" -eq 1 ] || while_down=" while one server is down"
        say "$frontend accepts $places connections, but this host has only $range source ports to each of its $targets servers, so connections beyond $most fail$while_down. Widen net.ipv4.ip_local_port_range, or add members"
    done <"$work/few-ports"
}

# As root, HAProxy raises its limit itself, unless this right was taken away.
may_open() {
    # shellcheck disable=SC3045 # dash and bash know both
    (ulimit -S -n 256 && ulimit -H -n "$1") 2>/dev/null
}

kernel_says() {
    cat "/proc/sys/$1"
}

memory_kb() {
    sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

also_reads_haproxy() {
    echo trust
}

# haproxy is never restarted, because that would cut every connection.
reload_haproxy() {
    systemctl reload haproxy
}

haproxy_ports() {
    values_of_part "$(part_of_service haproxy)" listen >"$work/ports"
}

# Stores the state with the previous files, for the comparison after the reload.
remember_haproxy() {
    : >"$work/members-before"
    echo none >"$work/old-listeners"
    served=no
    systemctl is-active --quiet haproxy || return 0
    served=yes
    [ ! -f "$root/manifest" ] || members "$(sed -n 's/^stats-port //p' "$root/manifest")" >"$work/members-before"
    remember_listeners
}

remember_listeners() {
    mkdir -p "$work"
    haproxy_ports
    { echo none; listeners | sed 's/^[0-9]* \([0-9]*\) .*/pid=\1/'; } >"$work/old-listeners"
}

# systemctl reload returns before the new worker serves. If the new worker fails, the old worker continues to listen. So
# each port must have a listener that did not exist before.
serves_haproxy() {
    why="haproxy did not start to serve with the new files within 20 s."
    haproxy_ports
    end=$(($(date +%s) + 20))
    while :; do
        listeners >"$work/listeners"
        awk "$awk_unserved" "$work/old-listeners" "$work/listeners" "$work/ports" >"$work/unserved"
        if [ ! -s "$work/unserved" ] && systemctl is-active --quiet haproxy; then return 0; fi
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.05
    done
}

# HAProxy's own state of its servers (members.awk). Empty if HAProxy does not answer, or if a process of
# $work/old-listeners answers.
members() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "show info;show stat\n" >&3 && cat <&3' _ "$1" >"$work/answer" 2>/dev/null || :
    pid=$(sed -n 's/^Pid: /pid=/p' "$work/answer")
    ! grep -qxF "${pid:-none}" "$work/old-listeners" || return 0
    awk -F, "$awk_members" "$work/answer"
}

# The members with the reason for each, in one line.
in_words() {
    awk "$awk_in_words" "$1"
}

satisfied_haproxy() {
    limit=$(values members-up-within)
    stats=$(values stats-port)
    [ -n "$limit" ] || return 0
    began=$(date +%s)
    told=$began
    while :; do
        members "$stats" >"$work/members-now"
        awk -v served="$served" "$awk_awaited" "$work/members-before" "$work/members-now" >"$work/awaited"
        [ -s "$work/members-now" ] && [ ! -s "$work/awaited" ] && break
        now=$(date +%s)
        if [ "$((now - began))" -ge "$limit" ]; then
            if [ ! -s "$work/members-now" ]; then
                why="HAProxy did not answer on 127.0.0.1:$stats within $limit s, so it is unknown whether the members are up."
                return 1
            elif grep -q '^lost ' "$work/awaited"; then
                why="still down $limit s after the reload: $(in_words "$work/awaited"). If a member is meant to be down, set its state to MemberState.MAINTENANCE."
                return 1
            fi
            break
        fi
        if [ "$((now - told))" -ge 5 ]; then
            told=$now
            if [ -s "$work/members-now" ]; then
                say "waiting for members: $(in_words "$work/awaited"), $((now - began)) s of $limit s"
            else
                say "waiting for HAProxy's answer on 127.0.0.1:$stats, $((now - began)) s of $limit s"
            fi
        fi
        sleep 0.05
    done
    awk '$3 == "DOWN" { print "down", $1, $2, $4 }' "$work/members-now" >"$work/down"
    say "members up: $(grep -c ' UP ' "$work/members-now") of $(grep -c . "$work/members-now")$([ ! -s "$work/down" ] || printf ', down: '; in_words "$work/down")"
}

# Prints the members with the backends that are down, and the reasons, at the end of the deploy. The deploy does not
# wait for members that were down before, but prints them.
tell_members() {
    stats=$(values stats-port | head -n 1)
    [ -n "$stats" ] && systemctl is-active --quiet haproxy || return 0
    echo none >"$work/old-listeners"
    members "$stats" >"$work/members-now"
    awk -F, "$awk_servers_in_words" "$work/answer" >"$work/servers-now"
    while IFS= read -r line; do say "$line"; done <"$work/servers-now"
}

# Asks new members before anything changes, because HAProxy would treat a new member as up until its first check. Not at
# the first deploy, because the host does not serve yet, and members may come later.
ask_new_members() {
    conf=/etc/haproxy/haproxy.cfg
    [ -f "$stage$conf" ] && [ -f "$root/manifest" ] && [ -f "$conf" ] || return 0
    systemctl is-active --quiet haproxy || return 0
    awk '$1 == "server" { print $2 }' "$conf" | sort -u >"$work/known-members"
    awk "$awk_servers" "$stage$conf" >"$work/servers"
    awk 'FILENAME == ARGV[1] { known[$1] = 1; next } !($2 in known) && !seen[$2 " " $3 " " $4]++ { print $2, $3, $4 }' "$work/known-members" "$work/servers" >"$work/new-members"
    silent=''
    while read -r member address port; do
        # If only HAProxy's own resolvers can resolve the name, HAProxy's health checks find out later.
        getent ahosts "$address" >/dev/null 2>&1 || continue
        # shellcheck disable=SC2016 # for the bash that is called
        timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>/dev/null || silent="$silent $member ($address:$port)"
    done <"$work/new-members"
    [ -z "$silent" ] || fail "these new members do not answer:$silent. $nothing Start these members, or set their state to MemberState.MAINTENANCE, and deploy again."
}
