# shellcheck shell=sh
# cloud-init runs this script at the first boot of a host. Each text in it is compressed, because the whole must be
# small. apply.sh expects files as base64, one on each line. Neither base64 nor a command in it can end a here-document.
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
