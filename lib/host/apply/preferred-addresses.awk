# Prints the virtual addresses that this node gets as soon as it serves, from keepalived.conf: the addresses of
# instances with state MASTER. An instance with `nopreempt` or `preempt_delay` is BACKUP on both nodes. One address on
# each line, without prefix length.
$1 == "vrrp_instance" { preferred = 0 }
$1 == "state" { preferred = ($2 == "MASTER") }
$1 == "virtual_ipaddress" { inside = 1; next }
$1 == "}" { inside = 0; next }
inside && preferred && NF > 0 && $1 !~ /^[#!]/ { sub(/\/.*/, "", $1); print $1 }
