# shellcheck shell=sh
# Runs when a host is removed from the stack. A host without apply.sh has nothing to restore.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
[ -f "$script" ] || exit 0
as=''
[ "$(id -u)" = 0 ] || as='sudo -n'
host=$(printf %s '@HOST@' | base64 -d)
# Terraform uses the policy in its state, from the last deploy. The policy in the stack may have changed since then.
policy='@POLICY@'
stated='@STATED@'
[ "$stated" != retain ] || policy=retain
if [ "$policy" != "$stated" ]; then
    echo "[$host] FAILED: removalPolicy is '$stated' in the stack, and '$policy' in the state. Nothing was changed on this host. Deploy first, then destroy."
    exit 1
fi
# shellcheck disable=SC2086 # two words, or none
$as sh "$script" --leave "$policy" '@IDENTITY@' "$host"
