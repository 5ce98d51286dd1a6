# --- secrets -------------------------------------------------------------------

# Secrets are sent before the delivery that needs them, and only when they change. FOLDER holds host, manifest (the os
# line), fingerprints (the first six digits of each secret's SHA-256), secrets-key (the name of these secrets for the
# delivery) and a pipe, `secrets`. Terraform then writes one line of base64 for each secret into the pipe. So no secret
# is ever in a home folder. All checks that can fail run here, while the ssh connection can still show the error. A root
# process continues after the connection: it reads the pipe, stores the secrets for root only, and always removes
# FOLDER.
receive_secrets() {
    folder=$1
    clean_up_at_exit
    as_root --receive-secrets "$folder"
    manifest=$folder/manifest
    make_root || no_room
    check_os
    check_space
    # The script that later removes the secrets.
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

# The root process that stores the secrets. The delivery prints its errors. The file gets its name only when it is
# complete, so no lock is needed; a lock would make this process wait for a running deploy.
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

# Whether there are as many secrets as fingerprints, and each matches its fingerprint.
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
    # A writer that comes too late must not wait forever. With both ends open here, it can begin to write, and then
    # fails.
    rm -rf "$folder.late"
    mv "$folder" "$folder.late"
    folder=$folder.late
    if [ -p "$folder/secrets" ]; then
        exec 5<>"$folder/secrets"
        sleep 0.2
    fi
    fail "the secrets could not be stored: $1."
}

# Sets secrets to the file of the secrets that this delivery was planned with.
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
    ! why=$(cat "$secrets.failed" 2>/dev/null) || fail "the secrets could not be stored: $why. $nothing Change redeliver (any text) and deploy again."
    fail "the secrets for $(cut -d' ' -f3- "$work/lines" | paste -s -d ' ') are missing on this host. The host was reinstalled, or somebody removed the secrets. $nothing Change redeliver (any text) and deploy again. Set instanceId, so that the library notices a new VM."
}

# Removes secrets that are no longer used. Newer secrets come from another deploy and stay. If a delivery has no
# secrets, the previous secrets stay until the next delivery: if the other node fails now, the rollback needs them, and
# Terraform, which still has them in its state, would not send them again.
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
