# shellcheck shell=sh
# The first part of every script that Terraform runs on a host. The script removes itself at its end, and again 3 s
# later, because Terraform writes an empty file in its place after a success.
set -eu
trap 'trap "" HUP; rm -f "$0"; (sleep 3; rm -f "$0") >/dev/null 2>&1 </dev/null &' EXIT
