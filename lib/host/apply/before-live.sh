# --- checks that need all new files together --------------------------------

asking=''

# Starts the checks that need all new files together, such as the comparison of certificates with the members. They run
# in the background during the other checks, because members may take time to answer. A check may still run when this
# run of apply.sh has ended, so it does not inherit the lock of this run. Each run has its own folder for the result, so
# it never reads the result of an earlier run.
ask_before_live() {
    cat "$work/changed" "$work/removed" >"$work/news"
    answer=$(mktemp -d "$work/before-live.XXXXXX")
    values before-live >"$work/before-live"
    # The process gets its own process group, so that stop_asking can end it together with its child processes.
    setsid sh "$0" --ask-before-live "$answer" >"$answer/said" 2>&1 </dev/null 9>&- &
    asking=$!
}

# Runs the checks. ask_before_live calls this in the background.
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

# Ends the checks if this run of apply.sh ends before they have finished.
stop_asking() {
    [ -n "$asking" ] || return 0
    # If the process group does not exist yet, the process has no child processes. Then it is enough to end the process.
    kill -- "-$asking" 2>/dev/null || kill "$asking" 2>/dev/null || :
    wait "$asking" 2>/dev/null || :
    asking=''
}
