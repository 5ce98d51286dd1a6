# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Stores the name of the secrets that a delivery was planned with.
base64 -d >"$folder/secrets-key" <<'=='
@SECRETS_KEY@
==
