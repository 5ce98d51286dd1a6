# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Makes apply.sh wait for the secrets. Terraform's next step writes them into the pipe, and a root process reads them,
# so they are never in the home folder. A pipe is used because Terraform's `file` gives a new file the mode of the
# user's umask.
base64 -d >"$folder/fingerprints" <<'=='
@FINGERPRINTS@
==
mkfifo -m 600 "$folder/secrets"
sh "$folder/apply.sh" --receive-secrets "$folder"
