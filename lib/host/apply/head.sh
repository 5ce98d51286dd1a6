#!/bin/sh
# Written by cdktf-exchange-balancer. Brings this host to the state that FOLDER describes, with all of its parts in one
# transaction. If this fails, the host stays as it was, and the reason is printed.
#
# usage: apply.sh FOLDER
#        apply.sh --first-boot FOLDER
#                              the same from user data, see first-boot.sh
#        apply.sh --receive-secrets FOLDER
#                              keeps secrets for the delivery that needs them, see
#                              secrets.sh
#        apply.sh --recover    at boot: undoes a swap that was cut off
#        apply.sh --drift      prints all changes since the last deploy: files,
#                              services, unit files, firewall openings, trust, packages;
#                              exit status 3 if there are changes
#        apply.sh --status     prints the host's state, one fact on each line
#        apply.sh --leave POLICY IDENTITY HOST
#                              removes the host from this library, see leaving.sh
#
# FOLDER holds: host (its address, for messages), identity (of the resource that delivers), manifest (see manifest.ts),
# files (one line of base64 for each file, in the manifest's order) and secrets-key (the name of the secrets that were
# sent before). FOLDER is always removed at the end.
#
# Order: every check that can fail before anything has changed comes first (system, packages, space, and the new files,
# which are checked by the programs that will read them). Then the files are swapped, and the services read them. If a
# service does not serve, the previous files are restored, and the services read these. A journal on disk lets the next
# run undo an interrupted swap.

set -eu
# Variables of a login change what programs print and where they write: POSIXLY_CORRECT, SYSTEMD_COLORS, TMPDIR,
# BASH_ENV. Proxy variables are kept for the package manager. SHELLOPTS and BASHOPTS are skipped, because bash cannot
# unset them.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    case "$name" in
        HOME | PATH | PWD | SHLVL | _ | SHELLOPTS | BASHOPTS | SSH_CONNECTION | *_proxy | *_PROXY) ;;
        *) unset "$name" ;;
    esac
done
# Files from packages and of the CA trust must be readable for all. This library's own files are in a folder that only
# root can enter.
umask 022
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# In a separate mount namespace: mounts the new folders over the old folders, then runs the program that checks them.
# view_of_new calls this.
if [ "${1:-}" = --in-view ]; then
    view=$2
    folders=$3
    shift 3
    while read -r path; do
        mount --bind "$view$path" "$path"
    done <"$folders"
    exec "$@"
fi

# If the ssh session dies, the work that has begun is finished.
trap '' HUP PIPE

root=/var/lib/cdktf-exchange-balancer
# The copy of this script that stays on the host, for the boot, for questions, and for the removal of the host.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
recovery=cdktf-exchange-balancer-recovery.service
work=$root/work
stage=$work/stage
view=$work/view
journal=$root/journal
installed=$root/installed
folder=''
