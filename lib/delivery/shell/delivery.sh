# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Makes apply.sh bring the host to its state. The files are base64, one on each line, in the manifest's order.
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
