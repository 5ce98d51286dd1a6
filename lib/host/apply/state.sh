# --- the Terraform state that a delivery was planned from ------------------------------------

# $root/delivered says what this host was last given: the id of the delivery, the state that it was planned from, when,
# and by a connection from where. A delivery comes with $folder/origin: its own id, its state, and the ids of the
# deliveries that this state knew before. Two administrators with a state each, or with two copies of one, would undo each
# other's changes, and each would be told that there is no difference.
delivered=$root/delivered

# Called when the changes are known: whoever brings what is there already may go on, from whatever state.
check_state() {
    last=$(line_of delivery "$delivered")
    [ -n "$last" ] && [ -s "$folder/origin" ] || return 0
    ! grep -qxF "knows $last" "$folder/origin" || return 0
    [ -s "$work/changed" ] || [ -s "$work/removed" ] || ! same_manifest || return 0
    given="this host was given another configuration at $(line_of at "$delivered")$(sed -n 's/^from / by a deploy from /p' "$delivered")"
    if [ "$(line_of state "$delivered")" != "$(line_of state "$folder/origin")" ]; then
        found="$given, which is in another Terraform state than this deploy's"
        advice="Deploy with that state. If it is lost"
    else
        # Where the state is no file, it has no copies. One that does not know this host yet, or any more, is not behind.
        ! grep -qxF 'knows unknown' "$folder/origin" && grep -qxF own "$folder/origin" || return 0
        found="$given, which this copy of the Terraform state does not know"
        advice="Deploy with the state and the code that were used then. If they are lost, or the host was restored from a backup"
    fi
    at=$(line_of at "$delivered")
    overrule=$(values overrule)
    if [ "$(printf '%s\n' "$at" "$overrule" | sort | tail -n 1)" = "$overrule" ]; then
        say "$found; continuing, because overrule allows it"
        return 0
    fi
    fail "$found. $nothing $advice, set overrule: \"$at\", which replaces what was given up to then, and deploy again."
}

# Whether the manifest asks for what the last one asked for.
same_manifest() {
    for one in "$root/manifest" "$manifest"; do sed '/^library /d; /^overrule /d; /^take-over /d' "$one" 2>/dev/null | sha256sum; done | uniq | awk 'END { exit NR != 1 }'
}

record_delivery() {
    {
        sed -n '/^delivery /p; /^state /p' "$folder/origin" 2>/dev/null || :
        date -u '+at %Y-%m-%dT%H:%M:%SZ'
        ! [ -s "$folder/ssh-connection" ] || awk '{ print "from", $1 }' "$folder/ssh-connection"
    } >"$work/delivered"
}
