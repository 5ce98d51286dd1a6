# --- the Terraform state that a delivery was planned from ------------------------------------

# $root/delivered describes the last delivery to this host: the delivery's id, the Terraform state that it was planned
# from, its time, and the address that it came from. A delivery comes with $folder/origin: its own id, its state, and
# the ids of the deliveries that this state knew before. Without this check, two administrators with different states,
# or with two copies of one state, would undo each other's changes, and neither would see a difference.
delivered=$root/delivered

# Called after the changes are known. A delivery without changes is allowed from any state.
check_state() {
    last=$(line_of delivery "$delivered")
    [ -n "$last" ] && [ -s "$folder/origin" ] || return 0
    ! grep -qxF "knows $last" "$folder/origin" || return 0
    [ -s "$work/changed" ] || [ -s "$work/removed" ] || ! same_manifest || return 0
    given="this host received another configuration at $(line_of at "$delivered")$(sed -n 's/^from / by a deploy from /p' "$delivered")"
    if [ "$(line_of state "$delivered")" != "$(line_of state "$folder/origin")" ]; then
        found="$given, and that configuration is in another Terraform state"
        advice="Deploy with that state. If it is lost"
    else
        # A state that is not a file has no copies. A state that does not know this host is not an old copy.
        ! grep -qxF 'knows unknown' "$folder/origin" && grep -qxF own "$folder/origin" || return 0
        found="$given, and this copy of the Terraform state does not know that configuration"
        advice="Deploy with the state and the code of that deploy. If they are lost, or if the host was restored from a backup"
    fi
    delivered_at=$(line_of at "$delivered")
    overrule=$(values overrule)
    if [ "$(printf '%s\n' "$delivered_at" "$overrule" | sort | tail -n 1)" = "$overrule" ]; then
        say "$found; continuing, because overrule allows it"
        return 0
    fi
    # The other node got its last delivery later than this node, so the message has the current time.
    fail "$found. $nothing $advice, set overrule: \"$(date -u '+%Y-%m-%dT%H:%M:%SZ')\", which replaces everything that was delivered until that time, and deploy again."
}

# Whether the manifest has the same contents as the last manifest.
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
