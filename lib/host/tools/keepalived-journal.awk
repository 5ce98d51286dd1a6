# Keeps the state of the VRRP instances up to date from keepalived's log. First file: the lines "NAME STATE TRANSITIONS
# DELTA" from the last run. Second file: the new log lines. Prints the updated lines. TRANSITIONS counts the changes of
# state. DELTA is the current priority minus the configured priority.
FILENAME == ARGV[1] { state[$1] = $2; transitions[$1] = $3; delta[$1] = $4; next }
# A new keepalived process starts with the configured priorities.
/Starting VRRP child process/ { for (name in delta) delta[name] = 0; next }
match($0, /\([A-Za-z0-9_.-]+\)/) {
    name = substr($0, RSTART + 1, RLENGTH - 2)
    rest = substr($0, RSTART + RLENGTH)
    if (match(rest, /Entering (MASTER|BACKUP|FAULT) STATE/)) {
        to = tolower(substr(rest, RSTART + 9, RLENGTH - 15))
        if (name in state && state[name] != to) transitions[name]++
        state[name] = to
    } else if (match(rest, /[Cc]hanging effective priority from [0-9]+ to [0-9]+/)) {
        split(substr(rest, RSTART, RLENGTH), word, " ")
        delta[name] += word[7] - word[5]
    }
}
END { for (name in state) print name, state[name], transitions[name] + 0, delta[name] + 0 }
