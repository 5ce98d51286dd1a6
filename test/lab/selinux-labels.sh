#!/bin/sh
# In a container with the policy at /lab/policy: the labels that it gives, a line for each of /lab/work/wanted.
set -eu
contexts=/lab/policy/contexts/files/file_contexts
compiled=$(find /lab/policy/policy -name 'policy.*' | sort -V | tail -n 1)
while read -r id kind what; do
    case $kind in
    port) label=$(seinfo --flat "--portcon=$what" "$compiled" | awk '$2 == "tcp"' | awk '{ split($3, range, "-"); width = (range[2] == "" ? range[1] : range[2]) - range[1]; if (best == "" || width < least) { least = width; best = $NF } } END { sub(/;$/, "", best); print best }') ;;
    *) label=$(matchpathcon -n -m "$kind" -f "$contexts" "$what") ;;
    esac
    echo "$id $label"
done </lab/work/wanted >/lab/work/labels
