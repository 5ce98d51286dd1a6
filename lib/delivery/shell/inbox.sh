# shellcheck shell=sh
# In the home folder of the ssh user, creates a folder that only this user can read. The folder holds the delivery until
# apply.sh has read it. The folder's name contains the resource's random id, so that two deploys at the same time never
# share a folder.
folder=.cdktf-exchange-balancer-inbox-'@ID@'
umask 077
# Removes folders that interrupted deploys left behind.
find . -maxdepth 1 -name '.cdktf-exchange-balancer-inbox-*' -mmin +60 -exec rm -rf {} + || :
rm -rf "$folder"
mkdir "$folder"
# The values are in base64, so a value can neither end a here-document nor run as a command.
base64 -d <<'==' | gzip -d >"$folder/apply.sh"
@APPLY@
==
base64 -d >"$folder/host" <<'=='
@HOST@
==
base64 -d >"$folder/manifest" <<'=='
@MANIFEST@
==
