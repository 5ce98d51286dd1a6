# --- which Terraform state delivers to this host ---------------------------------------------

# The check in this file prevents two administrators from undoing each other's changes. This could happen if they have
# different Terraform states, or two copies of one state. They would not even see a difference in the plan.
# $root/delivered describes the last delivery to this host: its id, the Terraform state that it was planned from, its
# time, and the address that it came from. Each delivery brings $folder/origin: its own id, its state, and the ids of
# the earlier deliveries that its state knows.
delivered=$root/delivered

# Called when the changes are known. If nothing changes, a delivery from any state is allowed.
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
        # An old copy is possible only if the state is in a file, and only if the state has known this host before.
        ! grep -qxF 'knows unknown' "$folder/origin" && grep -qxF own "$folder/origin" || return 0
        found="$given, and this copy of the Terraform state does not know that configuration"
        advice="Deploy with the state and the code of that deploy. If they are lost, or if the host was restored from a backup"
    fi
    delivered_at=$(line_of at "$delivered")
    overrule=$(values overrule)
    if [ "$(printf '%s\n' "$delivered_at" "$overrule" | sort | tail -n 1)" = "$overrule" ]; then
        say "$found. The deploy does not stop, because the prop overrule allows this deploy"
        return 0
    fi
    # The message proposes the current time, and not the time of the last delivery to this node: the other node may have
    # got its last delivery later, and the proposed time must also be enough for that node.
    fail "$found. $nothing $advice, set overrule: \"$(date -u '+%Y-%m-%dT%H:%M:%SZ')\" and deploy again. That deploy replaces everything that was delivered until the time in overrule."
}

# Whether the new manifest and the last manifest have the same contents. The lines library, overrule and take-over may
# differ.
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
