# shellcheck shell=sh disable=SC2154 # folder is set by inbox.sh
# Makes apply.sh configure the host. $folder/files has one line for each file: the file in base64. The lines are in the
# order of the manifest.
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
