# --- the first boot, from user data ----------------------------------------------------------

# cloud-init runs this once for each instance. No user is logged in, so its messages are in cloud-init's log and in the
# journal. A failure is an error in `cloud-init status --long`, and the boot continues. FOLDER has no identity and no
# origin, because the host belongs to no Terraform state until the first deploy over ssh. Instead it has
# secret-commands: for each secret, one line of base64 with the user's command that prints the secret. The file is empty
# if the secrets come over ssh.
first_boot() {
    folder=$1
    clean_up_at_exit
    uname -n >"$folder/host"
    echo cloud-init >"$folder/identity"
    as_root --first-boot "$folder"
    manifest=$folder/manifest
    make_root || fail "$root cannot be created. $nothing Check the disk (is it full, or read-only?) and deploy over ssh."
    be_alone
    # A deploy over ssh can be faster than cloud-init. Also, a new instance id on an old disk is not a new host.
    if [ -f "$root/manifest" ]; then
        say "this host has been deployed to already; its user data is not used"
        return 0
    fi
    values secret >"$folder/secret-files"
    if [ ! -s "$folder/secret-files" ]; then
        deliver
    elif grep -q . "$folder/secret-commands"; then
        fetch_secrets
        deliver
    else
        waiting=yes
        deliver
    fi
}

# Whether the secrets have not arrived yet.
waiting=no

# Does everything that is possible without the secrets, so that the deploy with the secrets is short. No service is
# started.
wait_for_secrets() {
    [ "$waiting" = yes ] || return 0
    remember_services
    install_packages
    check_versions
    say "packages are installed. Nothing serves yet, because $(cut -d' ' -f3- "$folder/secret-files" | paste -s -d ' ') will come with the first deploy over ssh."
    exit 0
}

# Stores the secrets as receive_secrets does, under another name. The next deploy over ssh replaces them. Each command
# is tried several times, because the network or a secret store may need some time after a boot.
fetch_secrets() {
    echo cloud-init >"$folder/secrets-key"
    : >"$folder/secrets"
    while read -r command <&3 && read -r _ _ path <&4; do
        printf '%s' "$command" | base64 -d >"$folder/command"
        say "fetching $path with the command in the user data"
        tries=1
        until timeout 60 sh "$folder/command" >"$folder/secret" </dev/null 3<&- 4<&- 9>&- && [ -s "$folder/secret" ]; do
            tries=$((tries + 1))
            [ "$tries" -le "$fetch_tries" ] || fail "the secretCommands entry for $path failed or printed nothing in $fetch_tries tries (its output is above). Nothing was changed. Deploy over ssh, which brings the secrets, or correct the command and create the VM again."
            sleep "$fetch_pause"
        done
        { base64 -w 0 "$folder/secret" && echo; } >>"$folder/secrets"
    done 3<"$folder/secret-commands" 4<"$folder/secret-files"
    (
        umask 077
        mkdir -p "$root/secrets" && cp "$folder/secrets" "$root/secrets/new.cloud-init" && mv -f "$root/secrets/new.cloud-init" "$root/secrets/cloud-init"
    ) || no_room
}

fetch_tries=5
# Seconds.
fetch_pause=5
