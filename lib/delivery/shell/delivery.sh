# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Has apply.sh bring the host to its state. The files stay base64, one a line, in the manifest's order.
base64 -d >"$folder/identity" <<'=='
@IDENTITY@
==
base64 -d >"$folder/origin" <<'=='
@ORIGIN@
==
cat >"$folder/files" <<'=='
@FILES@
==
sh "$folder/apply.sh" "$folder"
