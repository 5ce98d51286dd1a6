# shellcheck shell=sh
# Runs when a host is removed from the stack. If apply.sh is not on the host, there is nothing to restore.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
[ -f "$script" ] || exit 0
as=''
[ "$(id -u)" = 0 ] || as='sudo -n'
host=$(printf %s '@HOST@' | base64 -d)
# $policy is the policy in the Terraform state, from the last deploy. $stated is the policy in the stack, which may have
# changed since then.
policy='@POLICY@'
stated='@STATED@'
[ "$stated" != retain ] || policy=retain
if [ "$policy" != "$stated" ]; then
    echo "[$host] FAILED: removalPolicy is '$stated' in the stack, and '$policy' in the state. Nothing was changed on this host. Deploy first, then destroy."
    exit 1
fi
# shellcheck disable=SC2086 # $as is empty, or the two words sudo -n
$as sh "$script" --leave "$policy" '@IDENTITY@' "$host"
