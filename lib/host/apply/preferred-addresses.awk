# Reads keepalived.conf. Prints the virtual addresses that this node takes as soon as it serves: those of instances with
# state MASTER. (An instance with `nopreempt` or `preempt_delay` has state BACKUP on both nodes.) Prints one address on
# each line, without prefix length.
$1 == "vrrp_instance" { preferred = 0 }
$1 == "state" { preferred = ($2 == "MASTER") }
$1 == "virtual_ipaddress" { inside = 1; next }
$1 == "}" { inside = 0; next }
inside && preferred && NF > 0 && $1 !~ /^[#!]/ { sub(/\/.*/, "", $1); print $1 }
