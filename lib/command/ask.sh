# shellcheck shell=sh
# Runs the host's own copy of apply.sh as root. With --status, apply.sh prints the host's status.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
if [ ! -f "$script" ]; then
    echo 'wrong this library has never deployed to this host'
elif [ "$(id -u)" = 0 ]; then
    exec sh "$script" --status
else
    exec sudo -n sh "$script" --status
fi
