# --- the services ------------------------------------------------------------

# Calls the function for an action on a program. For example, `hook reload rsyslog` calls reload_rsyslog, which is in
# rsyslog.sh. If a program has no function of its own, hook calls the general function, such as reload_any. These
# actions exist:
#   version       prints the program's version
#   check_files   lets the program check its new files in the view; stops the deploy if the program rejects them
#   also_reads    prints other file users, such as trust; if their files change, the program must be reloaded, too
#   remember      stores the program's state before a reload or start
#   reload        makes the program read its files without an interruption
#   serves        checks that the program works with the new files; if not, sets $why
#   satisfied     checks that the program serves as well as before; if not, sets $why
#   stop          stops the program when its part is removed
hook() {
    own=$1_$2
    while :; do
        case "$own" in
            *[!A-Za-z0-9_]*) own=${own%%[!A-Za-z0-9_]*}_${own#*[!A-Za-z0-9_]} ;;
            *) break ;;
        esac
    done
    command -v "$own" >/dev/null 2>&1 || own=$1_any
    "$own" "$2"
}

also_reads_any() { :; }
remember_any() { :; }
satisfied_any() { :; }

reload_any() {
    systemctl reload-or-restart "$1"
}

stop_any() {
    systemctl disable --now --quiet "$1" 2>/dev/null
}

# The general function for the action `serves`. The service must be active. If the service is the last one of its part,
# a process must listen on each port of the part.
serves_any() {
    why="$1 did not stay up."
    end=$(($(date +%s) + 20))
    while :; do
        if systemctl is-active --quiet "$1" && ports_are_open "$1"; then return 0; fi
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.1
    done
}

ports_are_open() {
    of=$(part_of_service "$1")
    [ "$1" = "$(values_of_part "$of" service | tail -n 1)" ] || return 0
    values_of_part "$of" listen >"$work/ports"
    listeners >"$work/listeners"
    while read -r port; do
        grep -q "^$port " "$work/listeners" || { why="nothing listens on port $port 20 s after $1 was started or reloaded." && return 1; }
    done <"$work/ports"
}

# Prints the arguments with which a service starts its program, one on each line. Replaces variables of the unit's
# environment and environment files, as systemd does (unit-arguments.awk).
unit_arguments() {
    {
        systemctl show --property=Environment --value "$1" | xargs -r -n 1 printf '%s\n'
        systemctl show --property=EnvironmentFiles --value "$1" | sed 's/ (ignore_errors=.*//' | while read -r file; do
            [ ! -r "$file" ] || sed -n 's/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*\)=[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1=\2/p' "$file" |
                sed "s/=\"\(.*\)\"\$/=\1/; s/='\(.*\)'\$/=\1/"
        done
    } >"$work/variables"
    systemctl show --property=ExecStart --value "$1" | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | awk "$awk_unit_arguments" "$work/variables" -
}

# Finds the file of the service $1 that sets one of the words in $2. Prints ", which comes from FILE (LINE)", for the
# end of a sentence.
set_by() {
    {
        systemctl show --property=FragmentPath --value "$1"
        systemctl show --property=DropInPaths --value "$1" | tr ' ' '\n'
        systemctl show --property=EnvironmentFiles --value "$1" | sed 's/ (ignore_errors=.*//'
    } | while read -r file; do
        for word in $2; do
            line=$(grep -F -- "$word" "$file" 2>/dev/null | grep -v '^[[:space:]]*#' | head -n 1)
            [ -z "$line" ] || printf ', which comes from %s (%s)' "$file" "$line"
        done
    done
}

# Prints the processes that listen on the TCP ports in $work/ports: one line "port pid name" for each.
listeners() {
    ss -Hltnp | awk "$awk_listeners" "$work/ports" - | sort -u
}

# Stops the deploy if another program uses a port of this deploy. Without this check, the service would find this only
# at its reload or start, and would then not serve.
check_ports() {
    for part in $(values part); do
        values_of_part "$part" listen >"$work/ports"
        [ -s "$work/ports" ] || continue
        values_of_part "$part" service >"$work/own"
        listeners >"$work/listeners"
        # Usually one process listens on all ports, so the same process is not checked twice in a row.
        known=none
        while read -r port pid name; do
            [ "$pid" != "$known" ] || continue
            known=$pid
            is_one_of_ours "$pid" || fail "port $port is used by \"$name\",pid=$pid. $nothing Stop that program, or use another port."
        done <"$work/listeners"
    done
}

# Whether a process belongs to one of the services in $work/own.
is_one_of_ours() {
    while read -r service; do
        ! grep -qF "/$service.service" "/proc/$1/cgroup" 2>/dev/null || return 0
    done <"$work/own"
    # If the process has ended in the meantime, it uses no port.
    [ ! -d "/proc/$1" ]
}

journal_since() {
    journalctl --no-pager --quiet --output cat --unit "$1" --since "$2" >"$work/log" 2>/dev/null || :
}

# Whether files have changed that a service must read.
has_news() {
    for user in "$1" $(hook also_reads "$1"); do
        ! touches "$user" || return 0
    done
    # $root/unread names the services that could not read their previous files after a rollback.
    grep -qxF "$1" "$root/unread" 2>/dev/null
}

activate() {
    if touches trust || [ -n "$(distrusted)" ]; then
        say "updating the CA trust"
        update_trust >"$work/log" 2>&1 || roll_back "the CA trust could not be updated (output above)."
    fi
    if touches systemd; then
        say "systemd: reading its units"
        systemctl daemon-reload >"$work/log" 2>&1 || roll_back "systemd could not load the new units (output above)."
    fi
    for service in $(services_of "$manifest"); do
        bring_up "$service"
    done
    let_go_of_services
    # Prints refused accesses also after a success, because some programs do not report them: keepalived, for example,
    # silently reads 0 from a file that it may not read.
    say_denials "$since"
    stop_leaving_services
}

# Reloads services that have lost their last file of this library, although their part stays. An example is rsyslog, if
# the log now goes elsewhere. These services continue to run.
let_go_of_services() {
    # The services of a removed part are left out here. stop_leaving_services stops them, or they keep running.
    : >"$work/leaving-services"
    [ ! -s "$work/leaving-now" ] || leaving_services >"$work/leaving-services"
    services_of "$manifest" >"$work/needed-services"
    for service in $(services_of "$root/manifest"); do
        ! grep -qxF "$service" "$work/needed-services" || continue
        ! grep -qxF "$service" "$work/leaving-services" || continue
        if ! touches "$service" || ! systemctl is-active --quiet "$service"; then continue; fi
        say "reloading $service, which no longer has files of this library"
        changed=yes
        hook reload "$service" >"$work/log" 2>&1 || { journal_since "$service" "$since"; roll_back "$service could not load the new files (output above)."; }
    done
}

bring_up() {
    # The service is enabled only if necessary, because systemctl enable takes half a second for a service with a SysV
    # script.
    case "$(systemctl is-enabled "$1" 2>/dev/null)" in
        enabled) ;;
        *)
            if [ -f "$root/manifest" ] && services_of "$root/manifest" | grep -qxF "$1"; then
                say "$1 was disabled on the host; enabling it"
                changed=yes
            fi
            # systemctl enable fails for a masked service. So the mask is removed first.
            systemctl unmask --quiet "$1" 2>/dev/null || :
            systemctl enable --quiet "$1" 2>/dev/null || roll_back "$1 could not be enabled."
            ;;
    esac
    started=no
    if ! systemctl is-active --quiet "$1"; then
        say "starting $1"
        hook remember "$1"
        changed=yes
        started=yes
        systemctl reset-failed "$1" 2>/dev/null || :
        systemctl start "$1" >"$work/log" 2>&1 || { journal_since "$1" "$since"; roll_back "$1 did not start (output above)."; }
    elif has_news "$1"; then
        say "reloading $1"
        hook remember "$1"
        changed=yes
        hook reload "$1" >"$work/log" 2>&1 || { journal_since "$1" "$since"; roll_back "$1 could not load the new files (output above)."; }
    else
        return 0
    fi
    why="$1 did not stay up."
    hook serves "$1" || { journal_since "$1" "$since"; roll_back "$why"; }
    hook satisfied "$1" || roll_back "$why"
    systemctl is-active --quiet "$1" || { journal_since "$1" "$since"; roll_back "$1 did not stay up."; }
}

# Called during a rollback for each service that ran before the deploy. Makes the service run with the previous files.
bring_back() {
    remember_listeners
    if ! systemctl is-active --quiet "$1"; then
        systemctl reset-failed "$1" 2>/dev/null || :
        systemctl start "$1" || return 1
    else
        unread=no
        for user in "$1" $(hook also_reads "$1"); do
            case "$readers" in *" $user "*) unread=yes ;; esac
        done
        [ "$unread" = yes ] || return 0
        hook reload "$1" || return 1
    fi
    hook serves "$1"
}
