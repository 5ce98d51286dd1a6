# --- first boot: a delivery from user data ----------------------------------------------------

# cloud-init runs first_boot once for each instance. No user is logged in, so the messages go to cloud-init's log and to
# the journal. If first_boot fails, `cloud-init status --long` shows an error, and the boot continues.
# FOLDER contains no identity and no origin, because no Terraform state owns the host until the first deploy over ssh.
# Instead, FOLDER contains the file secret-commands. This file has one line of base64 for each secret: the command from
# the prop secretCommands. The command prints the secret. The file is empty if the secrets come over ssh.
first_boot() {
    folder=$1
    clean_up_at_exit
    uname -n >"$folder/host"
    echo cloud-init >"$folder/identity"
    as_root --first-boot "$folder"
    manifest=$folder/manifest
    make_root || fail "$root cannot be created. $nothing Check the disk (is it full, or read-only?) and deploy over ssh."
    be_alone
    # $root/manifest exists in two cases: a deploy over ssh was faster than cloud-init, or the instance has a new id and
    # still its old disk.
    if [ -f "$root/manifest" ]; then
        say "an earlier deploy has already configured this host, so the user data is not used"
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

# yes if the secrets will come later, over ssh.
waiting=no

# If the secrets will come later, over ssh: installs the packages. Then ends the run without starting a service. The
# deploy over ssh then takes less time.
wait_for_secrets() {
    [ "$waiting" = yes ] || return 0
    remember_services
    install_packages
    check_versions
    say "packages are installed. No service is started, because $(cut -d' ' -f3- "$folder/secret-files" | paste -s -d ' ') will come with the first deploy over ssh."
    exit 0
}

# Runs the commands of secretCommands and stores the secrets in the same way as receive_secrets, but in the file
# "cloud-init". The next deploy over ssh replaces this file. Each command is tried several times, because the network or
# a secret store may need some time after a boot.
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
# The pause between two tries in seconds.
fetch_pause=5
