# --- the firewall -----------------------------------------------------------------------

# The interface of this file: open_firewall, close_firewall, close_openings, undo_firewall, firewall_as_before.
# An opening is what the manifest has after `open`: "tcp 443", "tcp 443 from 10.0.0.0/8", "vrrp from 10.12.8.12", and
# " in ZONE" after it where that is not the default zone (zone.sh). The manifest's `forward` makes one, too: "interface
# ens192" has the zone name that interface, without which firewalld forwards nothing from it and to it.
# $root/firewall has a line "part opening" for each that this library added, and part `host` for the ssh port.

zone=''
zone_name=none
in_zone=''
# The name of the default zone, once it is known.
default=''

# An opening is added to the running firewall and to the permanent one: a reload
# would throw away what others have added to the running one alone.
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
        # Recorded first: an opening that is ours may be closed by us.
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

# Writes those of $work/openings that the permanent or the running firewall does not have to $work/absent. A question
# for each kind of opening tells most of them, and firewalld is asked about those that are left, since it may write them
# in other words (openings-there.awk). No answer is not a no: what is taken for absent is closed again when this run
# fails. So this fails where firewalld does not say, with that opening in $opening.
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
    systemctl stop firewalld || say "firewalld could not be stopped, although it did not run before"
    [ "$1" = yes ] || systemctl disable --quiet firewalld 2>/dev/null || :
    zone_name=none
}

# Takes back what this run has opened, and nothing that was open before: somebody may have opened a port in the running
# firewall alone.
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

# After a commit: the openings that this library added and that no part wants any more. Where the manifest says nothing
# of a firewall, it is none of our business any more, and stays as it is.
close_firewall() {
    [ -n "$(values firewall)" ] && [ -s "$root/firewall" ] || return 0
    wanted_openings | cut -d' ' -f2- >"$work/openings"
    awk "$awk_unwanted_openings" "$work/openings" "$work/leaving" "$root/firewall" >"$work/to-close"
    close_openings "$work/to-close"
}

# Closes what is in a list of "part opening".
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

# At the end of all: closes our openings; if firewalld did not run before our first deploy, it is stopped, so that
# whatever was served then can be reached again. While it still runs, the ssh port is not touched.
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

# --- firewalld's own words

# What firewalld calls an opening: sets of_zone, kind, words, and protocol, which is "" unless the kind is Port.
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

# A zone's permanent settings on the bus; $1 empty: the default zone's.
find_zone() {
    [ "$zone_name" != "$1" ] || return 0
    zone=${1:-$default}
    [ -n "$zone" ] || zone=$(ask_firewalld '' getDefaultZone) || return 1
    zone=$(ask_bus "$firewalld_bus" "$firewalld_path/config" "$firewalld_bus.config" getZoneByName s "$zone") || return 1
    zone_name=$1
    zone=${zone#o \"}
    zone=${zone%\"}
}

# firewalld asks polkit about every call, and polkit ends when it has had nothing to do: a call that comes in at that
# moment is answered with "recipient disconnected" (seen on Debian 12). So a call is tried again. The answer is also in
# $said.
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

# Asks the firewall's service itself: firewall-cmd, being Python, takes a third of a
# second a call. $1: query, add or remove; $2: permanent or running; $3: an opening.
firewalld() {
    in_words_of_firewalld "$3"
    # What is added to the running one stays for a time; 0 is for as long as it runs.
    time=''
    [ "$1 $2" != "add running" ] || [ "$kind" = Interface ] || time=0
    ask_zone "$2" "$1$kind" "${protocol:+s}s${time:+i}" "$words" ${protocol:+"$protocol"} ${time:+"$time"}
}

# A method of the zone $of_zone; without one the default zone is meant, as by firewall-cmd. $1: permanent or running; $2:
# the method, then its signature and arguments.
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

# Where firewalld does not run, its files are changed.
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
