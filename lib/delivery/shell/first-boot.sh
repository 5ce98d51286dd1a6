# shellcheck shell=sh
# What cloud-init runs on a host at its first boot. Everything in it is packed by itself, since the whole must be small; apply.sh
# wants files as base64, a line each. Neither base64 nor a command in it can end a here-document.
set -eu
umask 077
folder=$(mktemp -d /run/cdktf-exchange-balancer.XXXXXX)
base64 -d <<'==' | gzip -d >"$folder/apply.sh"
@APPLY@
==
base64 -d <<'==' | gzip -d >"$folder/manifest"
@MANIFEST@
==
while read -r packed; do
    printf '%s' "$packed" | base64 -d | gzip -d | base64 -w 0
    echo
done >"$folder/files" <<'=='
@FILES@
==
cat >"$folder/secret-commands" <<'=='
@SECRET_COMMANDS@
==
exec sh "$folder/apply.sh" --first-boot "$folder"
