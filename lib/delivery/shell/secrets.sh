# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Makes apply.sh wait for the secrets. Terraform's next step writes the secrets into a pipe in the folder, and a root
# process reads them from the pipe, so they are never stored in the home folder. Without the pipe, Terraform's `file`
# would create a file whose mode depends on the user's umask.
base64 -d >"$folder/fingerprints" <<'=='
@FINGERPRINTS@
==
mkfifo -m 600 "$folder/secrets"
sh "$folder/apply.sh" --receive-secrets "$folder"
