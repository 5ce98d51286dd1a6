# --- SELinux -------------------------------------------------------------------------

has_selinux() {
    command -v selinuxenabled >/dev/null && selinuxenabled
}

# A boolean that this library has turned on is recorded first, as "part name".
set_booleans() {
    has_selinux || return 0
    values_by_part sebool >"$work/lines"
    while read -r part name; do
        case "$(getsebool "$name")" in *" on") continue ;; esac
        say "SELinux: turning on $name"
        printf '%s %s\n' "$part" "$name" >>"$work/booleans"
        printf '%s %s\n' "$part" "$name" >>"$root/booleans"
        setsebool -P "$name" on || fail "SELinux did not turn on $name. $nothing Deploy again."
        changed=yes
    done <"$work/lines"
}

undo_booleans() {
    [ ! -s "$work/booleans" ] || turn_off_booleans "$work/booleans"
}

# Those of a list that no part needs any more.
turn_off_booleans() {
    while read -r part name; do
        grep -vxF "$part $name" "$root/booleans" >"$work/booleans-left" || :
        cp "$work/booleans-left" "$root/booleans"
        ! grep -q " $name\$" "$root/booleans" || continue
        has_selinux || continue
        say "SELinux: turning off $name"
        setsebool -P "$name" off || say "SELinux did not turn off $name"
    done <"$1"
}
