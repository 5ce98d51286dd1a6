# shellcheck shell=sh
# Asks the copy of apply.sh on a host how the host does, as root, whoever has logged in.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
if [ ! -f "$script" ]; then
    echo 'wrong nothing was ever delivered here'
elif [ "$(id -u)" = 0 ]; then
    exec sh "$script" --status
else
    exec sudo -n sh "$script" --status
fi
