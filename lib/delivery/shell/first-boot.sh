# shellcheck shell=sh
# cloud-init runs this script at the first boot of a host. Each text in it is compressed, because user data must be
# small. apply.sh expects each file as one line of base64. All here-documents contain base64, even those with the
# commands for secrets. So no value can end a here-document.
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
