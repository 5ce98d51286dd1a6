# The virtual addresses that keepalived.conf gives this node as soon as it serves: those of an instance that is MASTER.
# One with `nopreempt` or `preempt_delay` is BACKUP on both nodes. Prints them without their prefix length, one a line.
$1 == "vrrp_instance" { preferred = 0 }
$1 == "state" { preferred = ($2 == "MASTER") }
$1 == "virtual_ipaddress" { inside = 1; next }
$1 == "}" { inside = 0; next }
inside && preferred && NF > 0 && $1 !~ /^[#!]/ { sub(/\/.*/, "", $1); print $1 }
