# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Has apply.sh wait for the secrets. Terraform's next step writes them into the pipe, whose reader is root:
# so they never lie in the home folder. The pipe takes the place of a file because Terraform's `file` gives a
# new file the mode that the user's umask leaves it.
base64 -d >"$folder/fingerprints" <<'=='
@FINGERPRINTS@
==
mkfifo -m 600 "$folder/secrets"
sh "$folder/apply.sh" --receive-secrets "$folder"
