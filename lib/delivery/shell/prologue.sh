# shellcheck shell=sh
# The first part of every script that Terraform runs on a host. When the script ends, it deletes its own file. After a
# successful script, Terraform writes an empty file at the same path. So the script deletes this path again 3 s later.
set -eu
trap 'trap "" HUP; rm -f "$0"; (sleep 3; rm -f "$0") >/dev/null 2>&1 </dev/null &' EXIT
