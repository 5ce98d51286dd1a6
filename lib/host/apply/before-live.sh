# --- the last check before the swap ----------------------------------------

asking=''

# Starts checks that need all new files together, such as the comparison of certificates with the members. They run in
# the background during the other checks, because members may take time to answer. They run without this run's lock,
# because they may outlive it. The answer is in a folder of this run only, so the answer of an old process is never
# used.
ask_before_live() {
    cat "$work/changed" "$work/removed" >"$work/news"
    answer=$(mktemp -d "$work/before-live.XXXXXX")
    values before-live >"$work/before-live"
    # In its own process group, so that all of its processes can be ended.
    setsid sh "$0" --ask-before-live "$answer" >"$answer/said" 2>&1 </dev/null 9>&- &
    asking=$!
}

# The background process that runs the checks.
asks_before_live() {
    while read -r asked; do
        view_of_new sh "$asked" --before-live "$work/news" </dev/null || {
            printf '%s\n' "${asked##*/}" >"$1/stopped-by"
            return 0
        }
    done <"$work/before-live"
    : >"$1/may-go-on"
}

before_live() {
    wait "$asking" || :
    asking=''
    while IFS= read -r line; do say "$line"; done <"$answer/said"
    [ -e "$answer/may-go-on" ] || fail "$(cat "$answer/stopped-by" 2>/dev/null || echo 'the check before going live') stopped this deploy (output above). $nothing The running services were not touched."
}

# Ends the checks if the run ends before their answer.
stop_asking() {
    [ -n "$asking" ] || return 0
    # Without a process group, it has no child processes yet.
    kill -- "-$asking" 2>/dev/null || kill "$asking" 2>/dev/null || :
    wait "$asking" 2>/dev/null || :
    asking=''
}
