# --- HAProxy -----------------------------------------------------------------------

version_haproxy() {
    haproxy -v 2>/dev/null | sed -n 's/^HA-*Proxy version \([0-9.]*\).*/\1/p'
}

# haproxy -c checks all files that the service would load. These may include more than haproxy.cfg: EL's unit also loads
# /etc/haproxy/conf.d and uses $OPTIONS, and Debian's unit uses $EXTRAOPTS. If HAProxy rejects one of these files, this
# check fails. Without this check, the reload would fail later.
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

# Stops the deploy because a service does not load $conf. $1: the service. $2: the files that it loads instead, or "".
# The error message says what to do. After the first deploy, the unit's setting must be removed. Before the first
# deploy, the configuration must first be moved to $conf. Until then, $conf might be the package's example. If only the
# setting were removed, the service would load the example at its next restart, and mail would stop.
loads_other() {
    if [ -f "$root/manifest" ]; then
        remedy="Remove that setting, run systemctl daemon-reload, restart $1 in a maintenance window, and deploy again."
    else
        remedy="Do not only remove that setting: $conf might be the package's example. Move your configuration to $conf first (docs/adopting.md, A service that loads another file), and deploy again."
    fi
    fail "$1.service loads ${2:-no file} instead of $conf$(set_by "$1" "$2"). $nothing $remedy"
}

# Checks that this host has the open files, memory and source ports that maxconn needs, because haproxy -c does not
# check them. With too few open files, the reload would fail. With too little memory, the kernel would kill HAProxy
# under load.
check_capacity() {
    [ -f "$stage$conf" ] || return 0
    awk "$awk_capacity" "$stage$conf" >"$work/capacity"
    maxconn=$(sed -n 's/^maxconn //p' "$work/capacity")
    [ -n "$maxconn" ] || return 0
    files=$(sed -n 's/^files //p' "$work/capacity")
    may=$(systemctl show --property=LimitNOFILE --value haproxy.service)
    # If the unit has no limit, systemd prints a word or 2^64 - 1 instead of a limit.
    case "$may" in '' | *[!0-9]* | ????????????*) may=$(kernel_says fs/nr_open) ;; esac
    [ "$files" -le "$may" ] || may_open "$files" ||
        fail "maxconn $maxconn needs $files open files, but haproxy can open only $may on this host. $nothing Lower maxconn, or raise LimitNOFILE of haproxy.service (at most fs.nr_open, $(kernel_says fs/nr_open)), and deploy again."
    kilobytes=$(sed -n 's/^kilobytes \([0-9]*\) .*/\1/p' "$work/capacity")
    each=$(sed -n 's/^kilobytes [0-9]* //p' "$work/capacity")
    memory=$(memory_kb)
    [ "$kilobytes" -le "$memory" ] ||
        fail "maxconn $maxconn needs $((kilobytes / 1024)) MB of memory when all connections are open ($each kB each), but this host has only $((memory / 1024)) MB. $nothing Lower maxconn, or give the host more memory, and deploy again."
    range=$(kernel_says net/ipv4/ip_local_port_range | awk '{ print $2 - $1 + 1 }')
    # One server is left out of this calculation, because mail must also work while one server is down.
    awk -v range="${range:-28232}" '$1 == "ports" { most = ($4 > 1 ? $4 - 1 : 1) * range; if ($3 > most) print $2, $3, $4, most }' "$work/capacity" >"$work/few-ports"
    while read -r frontend places targets most; do
        while_down=''
        [ "$targets" -eq 1 ] || while_down=" while one server is down"
        say "$frontend accepts $places connections, but this host has only $range source ports to each of the frontend's $targets servers, so connections beyond $most fail$while_down. Widen net.ipv4.ip_local_port_range, or add members"
    done <"$work/few-ports"
}

# Whether HAProxy can raise its limit of open files to $1. A root process can do so, unless this host has removed that
# right.
may_open() {
    # shellcheck disable=SC3045 # dash and bash know -S and -H
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

# haproxy is only reloaded. A restart would cut all connections.
reload_haproxy() {
    systemctl reload haproxy
}

haproxy_ports() {
    values_of_part "$(part_of_service haproxy)" listen >"$work/ports"
}

# Stores the state of the members and the listening processes before the reload or start. satisfied_haproxy and
# serves_haproxy compare them with the state afterwards.
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

# Whether the new worker serves. systemctl reload returns before the new worker serves. If the new worker fails, the old
# worker continues to listen. Therefore each port must have a listening process that did not exist before the reload.
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

# Prints the state of the members as HAProxy sees them (members.awk). Prints nothing if HAProxy does not answer, or if
# the answer comes from a process in $work/old-listeners.
members() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "show info;show stat\n" >&3 && cat <&3' _ "$1" >"$work/answer" 2>/dev/null || :
    pid=$(sed -n 's/^Pid: /pid=/p' "$work/answer")
    ! grep -qxF "${pid:-none}" "$work/old-listeners" || return 0
    awk -F, "$awk_members" "$work/answer"
}

# Reads members from the file $1. Prints them in one line, with the reason for each member.
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

# Called at the end of the deploy. Prints which members are up, and which are down for which backends, with the reasons.
# Members that were already down before the deploy are printed, too, although the deploy has not waited for them.
tell_members() {
    stats=$(values stats-port | head -n 1)
    [ -n "$stats" ] && systemctl is-active --quiet haproxy || return 0
    echo none >"$work/old-listeners"
    members "$stats" >"$work/members-now"
    awk -F, "$awk_servers_in_words" "$work/answer" >"$work/servers-now"
    while IFS= read -r line; do say "$line"; done <"$work/servers-now"
}

# Stops the deploy if a new member does not answer. HAProxy would treat it as up until the first check. At the first
# deploy to a host, new members are not asked, because the host does not serve yet, and the members may be started
# later.
ask_new_members() {
    conf=/etc/haproxy/haproxy.cfg
    [ -f "$stage$conf" ] && [ -f "$root/manifest" ] && [ -f "$conf" ] || return 0
    systemctl is-active --quiet haproxy || return 0
    awk '$1 == "server" { print $2 }' "$conf" | sort -u >"$work/known-members"
    awk "$awk_servers" "$stage$conf" >"$work/servers"
    awk 'FILENAME == ARGV[1] { known[$1] = 1; next } !($2 in known) && !seen[$2 " " $3 " " $4]++ { print $2, $3, $4 }' "$work/known-members" "$work/servers" >"$work/new-members"
    silent=''
    while read -r member address port; do
        # If this host cannot resolve the name, the member is not asked. Perhaps only HAProxy's own resolvers know the
        # name. HAProxy's health checks then show whether the member answers.
        getent ahosts "$address" >/dev/null 2>&1 || continue
        # shellcheck disable=SC2016 # for the bash that is called
        timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>/dev/null || silent="$silent $member ($address:$port)"
    done <"$work/new-members"
    [ -z "$silent" ] || fail "these new members do not answer:$silent. $nothing Start these members, or set their state to MemberState.MAINTENANCE, and deploy again."
}
