# --- SELinux and AppArmor -------------------------------------------------------------------------

has_selinux() {
    command -v selinuxenabled >/dev/null && selinuxenabled
}

# Creates a folder, and gives it the SELinux label that it would have if a package had created it. mkdir alone gives the
# folder the label of its parent folder.
make_folder() {
    made=''
    missing_folder=$1
    while [ ! -d "$missing_folder" ]; do
        made=$missing_folder
        missing_folder=${missing_folder%/*}
        missing_folder=${missing_folder:-/}
    done
    [ -n "$made" ] || return 0
    mkdir -p "$1" || return 1
    set_label "$made"
}

set_label() {
    ! command -v restorecon >/dev/null || restorecon -RF "$1" 2>/dev/null || :
}

has_apparmor() {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]
}

# Prints what SELinux or AppArmor has refused to haproxy, keepalived and rsyslog since the time $1. Prints the kernel's
# messages, because the program itself often reports a different error. The messages are in auditd's log or in the
# journal.
say_denials() {
    judge=''
    ! has_apparmor || judge=AppArmor
    ! has_selinux || judge=SELinux
    [ -n "$judge" ] || return 0
    {
        journalctl --no-pager --quiet --output cat --since "$1" _TRANSPORT=audit + _TRANSPORT=kernel 2>/dev/null || :
        ! command -v ausearch >/dev/null || ausearch --raw -m AVC,USER_AVC,SELINUX_ERR -ts recent 2>/dev/null |
            awk -v since="$(date --date "$1" +%s)" 'match($0, /audit\([0-9]+/) && substr($0, RSTART + 6, RLENGTH - 6) + 0 >= since + 0'
    } | grep -E '(denied|apparmor="DENIED").*(haproxy|keepalived|rsyslogd|syslogd)' | sed 's/.*avc: */avc: /; s/.*apparmor=/apparmor=/' | sort -u >"$work/denials" || :
    [ -s "$work/denials" ] || return 0
    say "$judge refused these accesses during the deploy:"
    tail -n 10 "$work/denials" | sed "s/^/    /"
    more=$(($(wc -l <"$work/denials") - 10))
    [ "$more" -le 0 ] || say "and $more more. To see all of them, run: journalctl _TRANSPORT=audit + _TRANSPORT=kernel"
}

# Turns on the SELinux booleans of all parts. Before a boolean is turned on, $root/booleans gets the line "part name"
# for it.
set_booleans() {
    has_selinux || return 0
    values_by_part sebool >"$work/lines"
    while read -r part name; do
        case "$(getsebool "$name")" in *" on") continue ;; esac
        say "turning on the SELinux boolean $name"
        printf '%s %s\n' "$part" "$name" >>"$work/booleans"
        printf '%s %s\n' "$part" "$name" >>"$root/booleans"
        setsebool -P "$name" on || fail "setsebool could not turn on the SELinux boolean $name. $nothing Deploy again."
        to_be_undone
        changed=yes
    done <"$work/lines"
}

undo_booleans() {
    [ ! -s "$work/booleans" ] || turn_off_booleans "$work/booleans"
}

# Reads a list of "part name" lines. Turns off each of these SELinux booleans, unless another part needs it.
turn_off_booleans() {
    while read -r part name; do
        grep -vxF "$part $name" "$root/booleans" >"$work/booleans-left" || :
        cp "$work/booleans-left" "$root/booleans"
        ! grep -q " $name\$" "$root/booleans" || continue
        has_selinux || continue
        say "turning off the SELinux boolean $name"
        setsebool -P "$name" off || say "setsebool could not turn off the SELinux boolean $name"
    done <"$1"
}
