# --- secrets -------------------------------------------------------------------

# Secrets are sent before the delivery that needs them, and only if they have changed. FOLDER contains these files:
#   host          the host's address, for messages
#   manifest      the os line only
#   fingerprints  for each secret, the first six digits of its SHA-256
#   secrets-key   the name under which the delivery will look for these secrets
#   secrets       a named pipe
# receive_secrets runs all checks that can fail while Terraform's ssh connection can still show an error. Then it starts
# a root process and ends. Terraform writes one line of base64 for each secret into the pipe. The root process reads the
# pipe, stores the secrets so that only root can read them, and removes FOLDER in any case. So no secret is ever written
# to a home folder.
receive_secrets() {
    folder=$1
    clean_up_at_exit
    as_root --receive-secrets "$folder"
    manifest=$folder/manifest
    make_root || no_room
    check_os
    check_space
    # The script is stored now, because a later run (--leave) needs it to remove the secrets.
    keep_copy
    # The path must be absolute, because the root process has another current folder.
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

# The root process that stores the secrets. If it fails, the delivery prints the reason. The process writes to a
# temporary file and renames the file when it is complete, so the process needs no lock. With a lock, the process would
# have to wait for a running deploy.
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

# Whether the file $1 has as many secrets as there are fingerprints, and each secret matches its fingerprint.
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
    # Perhaps Terraform opens the pipe only after this failure. Without a reader, Terraform would wait forever. So this
    # process opens both ends of the pipe. Terraform can then begin to write, and fails when this process ends.
    rm -rf "$folder.late"
    mv "$folder" "$folder.late"
    folder=$folder.late
    if [ -p "$folder/secrets" ]; then
        exec 5<>"$folder/secrets"
        sleep 0.2
    fi
    fail "the secrets could not be stored: $1."
}

# Sets $secrets to the file that contains the secrets of this delivery. Fails if the file does not exist.
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
    ! why=$(cat "$secrets.failed" 2>/dev/null) || fail "the secrets could not be stored: $why. $nothing Set the prop redeliver to another text and deploy again."
    fail "the secrets for $(cut -d' ' -f3- "$work/lines" | paste -s -d ' ') are missing on this host. The host was reinstalled, or somebody removed the secrets. $nothing Set the prop redeliver to another text and deploy again. If you also set the prop instanceId, the library will notice the next new VM by itself."
}

# Removes old secrets. Secrets that are newer than this delivery's secrets belong to another deploy and stay. If this
# delivery has no secrets, the stored secrets stay for now. The next delivery without secrets removes them. The reason:
# the deploy to the other node may fail, and the stack may then be rolled back. This host then needs the old secrets,
# but Terraform does not send them again, because it still has them in its state.
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
