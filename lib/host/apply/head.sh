#!/bin/sh
# Written by cdktf-exchange-balancer. Brings this host to the state that FOLDER
# describes, all of its parts in one transaction, or leaves it as it was and says why.
#
# usage: apply.sh FOLDER
#        apply.sh --first-boot FOLDER
#                              the same from user data, see first-boot.sh
#        apply.sh --receive-secrets FOLDER
#                              keeps secrets for the delivery that needs them, see
#                              secrets.sh
#        apply.sh --recover    at boot: undoes a swap that was cut off
#        apply.sh --drift      names all that somebody changed since the last deploy: files,
#                              services, unit files, firewall openings, trust, packages;
#                              the exit status is 3 if there is anything
#        apply.sh --status     says how the host does, a word and what it says a line
#        apply.sh --leave POLICY IDENTITY HOST
#                              this library lets go of the host, see leaving.sh
#
# FOLDER holds: host (its address, for messages), identity (of the resource that
# delivers), manifest (a line a thing, see manifest.ts), files (a line of base64 a
# file, in the manifest's order) and secrets-key (the name of the secrets that were
# sent before). It is removed in the end, whatever happens.
#
# Order: everything that can fail without effect comes first (system, packages,
# space, the new files checked by the programs that will read them). Then the
# files are swapped and the services read them. If one does not serve, the
# previous files are restored and the services read those. A journal on disk lets
# the next run undo a swap that was cut off.

set -eu
# A login's own variables change what programs print and where they write: POSIXLY_CORRECT, SYSTEMD_COLORS, TMPDIR, BASH_ENV.
# What names a proxy is kept for the package manager. bash refuses to unset its two.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    case "$name" in
        HOME | PATH | PWD | SHLVL | _ | SHELLOPTS | BASHOPTS | SSH_CONNECTION | *_proxy | *_PROXY) ;;
        *) unset "$name" ;;
    esac
done
# What packages and the CA trust write must be readable for all; everything of
# ours lies in a folder that is root's alone.
umask 022
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# In a mount namespace of its own: shows the checked program the new folders in
# the place of the old ones, then becomes it. Called by view_of_new.
if [ "${1:-}" = --in-view ]; then
    view=$2
    folders=$3
    shift 3
    while read -r path; do
        mount --bind "$view$path" "$path"
    done <"$folders"
    exec "$@"
fi

# A session that dies must not cut the work in two: what has begun is finished.
trap '' HUP PIPE

root=/var/lib/cdktf-exchange-balancer
# The copy of this script that stays, for the boot, for questions, for the end.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
recovery=cdktf-exchange-balancer-recovery.service
work=$root/work
stage=$work/stage
view=$work/view
journal=$root/journal
installed=$root/installed
folder=''
