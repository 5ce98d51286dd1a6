# --- the firewall: opening and closing ports -----------------------------------------------

# Other files call these functions: open_firewall, close_firewall, close_openings, undo_firewall, firewall_as_before.
# An opening is a permission in the firewall. It is written as in the manifest after the word `open`: "tcp 443",
# "tcp 443 from 10.0.0.0/8", "vrrp from 10.12.8.12". If its zone is not the default zone, " in ZONE" follows (zone.sh).
# "interface ens192" is an opening, too. It comes from a line `forward ens192` in the manifest. It adds the interface to
# the zone, because firewalld forwards packets only for interfaces that a zone names.
# $root/firewall has one line "part opening" for each opening that this library has added. For the ssh port, the part is
# `host`.

zone=''
zone_name=none
in_zone=''
# The name of the default zone. Empty until find_serving_zone has asked firewalld.
default=''

# firewalld has a running and a permanent configuration. An opening is added to each of them separately. firewalld is
# not reloaded, because a reload would lose openings that somebody has added only to the running configuration.
open_firewall() {
    managed=$(values firewall)
    [ -n "$managed" ] || return 0
    start_firewalld "${managed#* }"
    find_serving_zone
    wanted_openings >"$work/openings"
    touch "$root/firewall"
    for where in permanent running; do
        find_absent "$where" || firewalld_refused "firewalld does not say whether $opening is open"
        [ -s "$work/absent" ] || continue
        # The opening is recorded before it is added, so that no added opening is without a record. Only recorded
        # openings may be closed later.
        sed "s/^/$where /" "$work/absent" >>"$work/opened"
        record_openings "$work/absent"
        cut -d' ' -f2- "$work/absent" | awk '!seen[$0]++' >"$work/adding"
        while read -r opening; do
            [ "$where" = permanent ] || say "firewall: opening $opening"
            firewalld add "$where" "$opening" >"$work/complaint" 2>&1 || firewalld_refused "firewalld did not open $opening"
            to_be_undone
        done <"$work/adding"
        changed=yes
    done
}

# Finds the openings of $work/openings that firewalld does not have yet, and writes them to $work/absent. $1: permanent
# or running. firewalld is first asked once for each kind of opening (port, rich rule, interface). This is enough for
# most openings. firewalld is asked again about each opening that is still unclear, because firewalld may write it in
# other words (openings-there.awk). If firewalld does not answer, find_absent fails, and $opening is the opening without
# an answer. Such an opening must not count as absent: it might exist, and a failed run closes all openings that it
# found absent.
find_absent() {
    : >"$work/absent"
    kinds=''
    while read -r part opening; do
        in_words_of_firewalld "$opening"
        case " $kinds " in *" $kind "*) ;; *) kinds="$kinds $kind" ;; esac
        printf '%s\t%s\t%s\n' "$kind" "$words${protocol:+/$protocol}" "$part $opening"
    done <"$work/openings" >"$work/in-words"
    of_zone=${in_zone#" in "}
    for kind in $kinds; do
        ask_zone "$1" "get${kind}s" '' >/dev/null 2>&1 || break
        printf '%s %s\n' "$kind" "$said"
    done >"$work/there"
    awk "$awk_openings_there" "$work/there" "$work/in-words" >"$work/sorted"
    while read -r verdict part opening; do
        if [ "$verdict" = ask ]; then
            case "$(firewalld query "$1" "$opening" 2>"$work/complaint")" in
                "b true") continue ;;
                "b false") ;;
                *) return 1 ;;
            esac
        fi
        printf '%s %s\n' "$part" "$opening" >>"$work/absent"
    done <"$work/sorted"
}

firewalld_refused() {
    sed "s/^/    /" "$work/complaint"
    fail "$1 (output above). $nothing Look at journalctl -u firewalld and deploy again."
}

record_openings() {
    sort -u "$root/firewall" "$1" >"$work/ours"
    cp "$work/ours" "$root/firewall"
}

stop_firewalld() {
    systemctl stop firewalld || say "firewalld could not be stopped. firewalld did not run before a deploy started it, so stop firewalld by hand: systemctl stop firewalld"
    [ "$1" = yes ] || systemctl disable --quiet firewalld 2>/dev/null || :
    zone_name=none
}

# Undoes the openings that this run has added. Openings that existed before stay, such as a port that somebody has
# opened only in the running configuration.
undo_firewall() {
    if [ -e "$work/firewalld-started" ]; then
        say "stopping firewalld, which did not run before this deploy"
        stop_firewalld "$(cat "$work/firewalld-started")"
        disarm_watchdog
        rm -f "$work/firewalld-started"
        sed 's/^/permanent /' "$work/ssh-opening" >>"$work/opened" 2>/dev/null || :
    fi
    [ -s "$work/opened" ] || return 0
    mv "$work/opened" "$work/to-close"
    while read -r where part opening; do
        say "firewall: closing $opening again ($where)"
        close_opening "$where" "$opening"
        forget_opening "$part $opening"
    done <"$work/to-close"
}

# Called after the commit. Closes the openings that this library has added and that no part wants any more. If the
# manifest does not contain a firewall, this library does not manage it, and all openings stay.
close_firewall() {
    [ -n "$(values firewall)" ] && [ -s "$root/firewall" ] || return 0
    wanted_openings | cut -d' ' -f2- >"$work/openings"
    awk "$awk_unwanted_openings" "$work/openings" "$work/leaving" "$root/firewall" >"$work/to-close"
    close_openings "$work/to-close"
}

# Closes the openings in a file with "part opening" lines.
close_openings() {
    while read -r part opening; do
        say "firewall: closing $opening"
        close_opening permanent "$opening"
        close_opening running "$opening"
        forget_opening "$part $opening"
        changed=yes
    done <"$1"
}

close_opening() {
    if systemctl is-active --quiet firewalld; then
        firewalld remove "$1" "$2" >/dev/null 2>&1 || :
    elif [ "$1" = permanent ]; then
        remove_offline "$2"
    fi
}

forget_opening() {
    grep -vxF "$1" "$root/firewall" >"$work/ours" || :
    cp "$work/ours" "$root/firewall"
}

# Called when the host is removed from the stack. Closes the openings of this library. If firewalld did not run before
# the first deploy, stops firewalld, so that everything that was reachable then is reachable again. The ssh port is
# closed only after firewalld has stopped.
firewall_as_before() {
    was=$(sed -n 's/^host firewalld //p' "$root/before" 2>/dev/null | head -n 1)
    case "$was" in
        no*)
            say "stopping firewalld, which did not run before the first deploy"
            stop_firewalld "${was#* }"
            ;;
    esac
    [ -s "$root/firewall" ] || return 0
    still_ours "$root/firewall" >"$work/to-close"
    close_openings "$work/to-close"
}

# --- how firewalld writes an opening

# Translates an opening into firewalld's terms. Sets of_zone, kind (Port, RichRule or Interface) and words. Sets
# protocol to the protocol of a Port, or to "" for the other kinds.
in_words_of_firewalld() {
    split_zone "$1"
    kind=RichRule
    protocol=''
    family=''
    source=''
    what=${bare_opening%% from *}
    case "$bare_opening" in
        interface\ *)
            kind=Interface
            words=${bare_opening#* }
            return 0
            ;;
        *" from "*)
            source=${bare_opening##* from }
            family=ipv4
            case "$source" in *:*) family=ipv6 ;; esac
            ;;
        tcp\ * | udp\ *)
            kind=Port
            words=${bare_opening#* }
            protocol=${bare_opening%% *}
            return 0
            ;;
    esac
    case "$what" in
        tcp\ * | udp\ *) words="port port=\"${what#* }\" protocol=\"${what%% *}\"" ;;
        *) words="protocol value=\"$what\"" ;;
    esac
    words="rule ${source:+family=\"$family\" source address=\"$source\" }$words accept"
}

# Sets $zone to the D-Bus object with the permanent configuration of the zone $1. If $1 is empty, the zone is the
# default zone.
find_zone() {
    [ "$zone_name" != "$1" ] || return 0
    zone=${1:-$default}
    [ -n "$zone" ] || zone=$(ask_firewalld '' getDefaultZone) || return 1
    zone=$(ask_bus "$firewalld_bus" "$firewalld_path/config" "$firewalld_bus.config" getZoneByName s "$zone") || return 1
    zone_name=$1
    zone=${zone#o \"}
    zone=${zone%\"}
}

# Calls a D-Bus method with busctl, and prints the answer. Sets $said to the answer, too. A call may fail with
# "recipient disconnected" (seen on Debian 12): firewalld asks polkit about each call, and polkit ends whenever it has
# nothing to do. So a call that fails is repeated.
ask_bus() {
    tries=0
    until said=$(busctl call "$@" 2>&1); do
        tries=$((tries + 1))
        case "$said" in
            *ALREADY_ENABLED* | *NOT_ENABLED*) return 0 ;;
        esac
        if [ "$tries" -ge 5 ]; then
            printf '%s\n' "$said" >&2
            return 1
        fi
        sleep 0.2
    done
    printf '%s\n' "$said"
}

# Asks firewalld by D-Bus about an opening, because firewall-cmd is a Python program and takes a third of a second for
# each call. $1: query, add or remove. $2: permanent or running. $3: the opening.
firewalld() {
    in_words_of_firewalld "$3"
    # An addition to the running configuration has a timeout. 0 means no timeout.
    time=''
    [ "$1 $2" != "add running" ] || [ "$kind" = Interface ] || time=0
    ask_zone "$2" "$1$kind" "${protocol:+s}s${time:+i}" "$words" ${protocol:+"$protocol"} ${time:+"$time"}
}

# Calls a D-Bus method for the zone $of_zone. If $of_zone is empty, the zone is the default zone. $1: permanent or
# running. $2: the method. The other arguments are the method's signature and its arguments.
ask_zone() {
    place=$1
    method=$2
    signature=$3
    shift 3
    if [ "$place" = permanent ]; then
        find_zone "$of_zone" || return 1
        ask_bus "$firewalld_bus" "$zone" "$firewalld_bus.config.zone" "$method" ${signature:+"$signature"} "$@"
    else
        ask_bus "$firewalld_bus" "$firewalld_path" "$firewalld_bus.zone" "$method" "s$signature" "$of_zone" "$@"
    fi
}

# Removes an opening while firewalld does not run: changes firewalld's files.
remove_offline() {
    command -v firewall-offline-cmd >/dev/null || return 0
    in_words_of_firewalld "$1"
    case "$kind" in
        Interface) option=interface ;;
        Port) option=port ;;
        RichRule) option=rich-rule ;;
    esac
    firewall-offline-cmd ${of_zone:+"--zone=$of_zone"} "--remove-$option=$words${protocol:+/$protocol}" >/dev/null 2>&1 || :
}
