# shellcheck shell=sh
# The head of every script that Terraform runs on a host. The script removes itself when it ends, and
# once more 3 s later: after a success, Terraform writes an empty file in its place.
set -eu
trap 'trap "" HUP; rm -f "$0"; (sleep 3; rm -f "$0") >/dev/null 2>&1 </dev/null &' EXIT
