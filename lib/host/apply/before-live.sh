# --- the last question before the swap ----------------------------------------

asking=''

# What only the new files together can tell, such as whether the certificate is the one that the members present. Asked
# while the other checks run, since members may take their time; without this run's lock, since it may be left behind.
# The answer lies in a folder of this run alone: a process that outlives its run answers nobody.
ask_before_live() {
    cat "$work/changed" "$work/removed" >"$work/news"
    answer=$(mktemp -d "$work/before-live.XXXXXX")
    values before-live >"$work/before-live"
    # A group of its own, so that it can be ended with all that it has started.
    setsid sh "$0" --ask-before-live "$answer" >"$answer/said" 2>&1 </dev/null 9>&- &
    asking=$!
}

# The process that asks.
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
    [ -e "$answer/may-go-on" ] || fail "$(cat "$answer/stopped-by" 2>/dev/null || echo 'the check before going live') stops this deploy (output above). $nothing The running services were not touched."
}

# A run that ends before it has heard the answer wants none.
stop_asking() {
    [ -n "$asking" ] || return 0
    # One that has no group of its own yet is alone.
    kill -- "-$asking" 2>/dev/null || kill "$asking" 2>/dev/null || :
    wait "$asking" 2>/dev/null || :
    asking=''
}
