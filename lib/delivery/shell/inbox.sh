# shellcheck shell=sh
# Creates a folder in the user's home folder, private to the user, for the delivery until apply.sh has read it. Its name
# contains the resource's random id, so that two deploys at the same time never share a folder.
folder=.cdktf-exchange-balancer-inbox-'@ID@'
umask 077
# Removes folders of interrupted deploys.
find . -maxdepth 1 -name '.cdktf-exchange-balancer-inbox-*' -mmin +60 -exec rm -rf {} + || :
rm -rf "$folder"
mkdir "$folder"
# base64 can neither end a here-document nor begin a command.
base64 -d <<'==' | gzip -d >"$folder/apply.sh"
@APPLY@
==
base64 -d >"$folder/host" <<'=='
@HOST@
==
base64 -d >"$folder/manifest" <<'=='
@MANIFEST@
==
