# shellcheck shell=sh
# Runs when a host leaves. apply.sh lies on the host since the first deploy; a host without it has nothing to give back.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
[ -f "$script" ] || exit 0
as=''
[ "$(id -u)" = 0 ] || as='sudo -n'
host=$(printf %s '@HOST@' | base64 -d)
# Terraform leaves by the policy of its state, which the last deploy has written. The stack may say another one by now.
policy='@POLICY@'
stated='@STATED@'
[ "$stated" != retain ] || policy=retain
if [ "$policy" != "$stated" ]; then
    echo "[$host] FAILED: removalPolicy is '$stated' in the stack, and '$policy' in the state. Nothing was changed on this host. Deploy first, and destroy then."
    exit 1
fi
# shellcheck disable=SC2086 # two words, or none
$as sh "$script" --leave "$policy" '@IDENTITY@' "$host"
