#!/bin/sh
# Written by cdktf-exchange-balancer. Brings this host to the state that FOLDER describes, with all of its parts in one
# transaction. If a step fails, the script prints the reason, and restores the state from before.
#
# usage: apply.sh FOLDER        delivers the contents of FOLDER
#        apply.sh --first-boot FOLDER
#                              the same from user data, see first-boot.sh
#        apply.sh --receive-secrets FOLDER
#                              stores secrets for a later delivery, see secrets.sh
#        apply.sh --recover    at boot: undoes a swap that was cut off
#        apply.sh --drift      prints all changes since the last deploy: files,
#                              services, unit files, firewall openings, trust, packages;
#                              exit status 3 if there are changes
#        apply.sh --status     prints the host's state, one fact on each line
#        apply.sh --leave POLICY IDENTITY HOST
#                              removes the host from this library, see leaving.sh
#
# FOLDER contains these files:
#   host         the host's address, for messages
#   identity     identifies the Terraform resource that delivers
#   manifest     see manifest.ts
#   files        one line of base64 for each file, in the order of the manifest
#   secrets-key  the name under which the host has stored the secrets of this delivery
# FOLDER is always removed at the end.
#
# The order of a delivery:
#   1. All checks that can fail: system, packages, space, and the new files. The programs that will read the new files
#      check them. If a check fails, the delivery ends before it touches the running services.
#   2. The swap: the new files replace the old ones.
#   3. The services load the new files. If a service does not serve, the previous files are restored, and the services
#      load the previous files.
# A journal on disk lets the next run undo a swap that was interrupted.

set -eu
# Unsets the environment variables of the login, because some of them change what programs print and where programs
# write: POSIXLY_CORRECT, SYSTEMD_COLORS, TMPDIR, BASH_ENV. The package manager needs the proxy variables, so they are
# kept. SHELLOPTS and BASHOPTS are kept, because bash cannot unset them.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    case "$name" in
        HOME | PATH | PWD | SHLVL | _ | SHELLOPTS | BASHOPTS | SSH_CONNECTION | *_proxy | *_PROXY) ;;
        *) unset "$name" ;;
    esac
done
# Files of packages and of the CA trust must be readable for all users. This library's own records need no stricter
# umask, because only root can enter their folder.
umask 022
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# view_of_new runs this script with --in-view in a new mount namespace. There, the script mounts the folders below $view
# over the real folders. Then it runs the program that checks the new files.
if [ "${1:-}" = --in-view ]; then
    view=$2
    folders=$3
    shift 3
    while read -r path; do
        mount --bind "$view$path" "$path"
    done <"$folders"
    exec "$@"
fi

# If the ssh session dies, this script continues to its end.
trap '' HUP PIPE

root=/var/lib/cdktf-exchange-balancer
# The copy of this script that stays on the host. It runs at boot (--recover), for --drift and --status, and to remove
# the host (--leave).
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
recovery=cdktf-exchange-balancer-recovery.service
work=$root/work
stage=$work/stage
view=$work/view
journal=$root/journal
installed=$root/installed
folder=''
