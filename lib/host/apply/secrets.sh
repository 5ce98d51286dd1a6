# --- secrets -------------------------------------------------------------------

# Secrets come before the delivery that needs them, and only when they change. FOLDER holds host, manifest (the os
# line), fingerprints (the first six digits of each secret's SHA-256), secrets-key (the name under which the delivery
# asks for them) and a pipe, `secrets`, into which Terraform then writes a line of base64 a secret. So no secret ever
# lies in a home folder. Everything that can fail is looked at here, where the ssh connection can still say so. A
# process of root goes on after the connection: it reads the pipe, keeps the secrets for root alone and removes FOLDER,
# whether anything comes or not.
receive_secrets() {
    folder=$1
    clean_up_at_exit
    as_root --receive-secrets "$folder"
    manifest=$folder/manifest
    make_root || no_room
    check_os
    check_space
    # What removes them when the host is left.
    keep_copy
    # The process has another current folder.
    folder=$(cd "$folder" && pwd)
    (
        umask 077
        mkdir -p "$root/secrets" && : >"$root/secrets/$(cat "$folder/secrets-key").coming"
    ) || no_room
    systemd-run --quiet --collect sh "$script" --store-secrets "$folder" >"$folder/log" 2>&1 ||
        fail "systemd-run failed: $(tail -n 1 "$folder/log"). $nothing Deploy again."
    folder=''
}

no_room() {
    fail "the secrets cannot be kept in $root. $nothing Make room on that disk and deploy again."
}

# The process that goes on. What it fails with is said by the delivery. The file has its name only when it is whole,
# so this needs no lock: a deploy that runs would hold it up for longer than its own delivery waits.
store_secrets() {
    folder=$1
    host=$(cat "$folder/host")
    kept=$root/secrets/$(cat "$folder/secrets-key")
    umask 077
    clean_up_at_exit
    rm -f "$kept.failed"
    new=$(mktemp "$root/secrets/new.XXXXXX") || secrets_refused "$root has no room for them"
    timeout 60 cat "$folder/secrets" >"$new" || secrets_refused "they did not arrive within 60 s, or $root has no room for them"
    are_whole "$new" || secrets_refused "they did not arrive completely"
    sync
    mv -f "$new" "$kept" || secrets_refused "$root has no room for them"
    rm -f "$kept.coming"
}

# As many as fingerprints, each with its own.
are_whole() {
    while read -r wanted; do
        IFS= read -r content <&3 || return 1
        [ "$(printf '%s' "$content" | base64 -d 2>/dev/null | sha256sum | cut -c1-6)" = "$wanted" ] || return 1
    done <"$folder/fingerprints" 3<"$1"
    [ "$(wc -l <"$1")" = "$(wc -l <"$folder/fingerprints")" ]
}

secrets_refused() {
    rm -f "${new:-}" "$kept.coming"
    printf '%s\n' "$1" >"$kept.failed"
    # A writer that came too late is not left waiting: with both ends open here it begins, and then fails.
    rm -rf "$folder.late"
    mv "$folder" "$folder.late"
    folder=$folder.late
    if [ -p "$folder/secrets" ]; then
        exec 5<>"$folder/secrets"
        sleep 0.2
    fi
    fail "the secrets were not kept: $1."
}

# Sets secrets to what this delivery was planned with.
find_secrets() {
    values secret >"$work/lines"
    [ -s "$work/lines" ] || return 0
    key=$(cat "$folder/secrets-key")
    secrets=$root/secrets/$key
    tries=0
    while [ ! -s "$secrets" ] && [ -e "$secrets.coming" ] && [ "$tries" -lt 200 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    [ ! -s "$secrets" ] || return 0
    ! why=$(cat "$secrets.failed" 2>/dev/null) || fail "the secrets that were sent were not kept: $why. $nothing Change redeliver (any text) and deploy again."
    fail "the secrets for $(cut -d' ' -f3- "$work/lines" | paste -s -d ' ') are missing on this host. It was reinstalled, or somebody removed them. $nothing Change redeliver (any text) and deploy again. With instanceId the library notices a new VM."
}

# Whatever is newer than the secrets of this delivery, another deploy has just sent. Where a delivery has none, the
# previous ones stay until the next delivery: if the other node fails now, the rollback needs them, and Terraform,
# in whose state they still are, would not send them.
settle_secrets() {
    if [ -f "$folder/secrets-key" ]; then
        cp "$folder/secrets-key" "$root/secrets-key"
        rm -f "$root/secrets/unused"
        find "$root/secrets" -type f ! -name "$key" ! -newer "$root/secrets/$key" ! -name '*.coming' ! -name 'new.*' -delete
    elif [ -e "$root/secrets/unused" ]; then
        rm -rf "$root/secrets" "$root/secrets-key"
    elif [ -d "$root/secrets" ]; then
        touch "$root/secrets/unused"
    fi
}
