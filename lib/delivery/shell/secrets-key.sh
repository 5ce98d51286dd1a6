# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Stores the name under which the host keeps the secrets of this delivery.
base64 -d >"$folder/secrets-key" <<'=='
@SECRETS_KEY@
==
