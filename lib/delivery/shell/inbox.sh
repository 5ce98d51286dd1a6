# shellcheck shell=sh
# Makes the folder in which a delivery lies until apply.sh has read it: in the home folder, private to
# the user. The resource's own random id is in the name, so two deploys at once never share a folder.
folder=.cdktf-exchange-balancer-inbox-'@ID@'
umask 077
# Left behind by deploys that were cut off.
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
