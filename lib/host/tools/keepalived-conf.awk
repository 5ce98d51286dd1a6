# Reads keepalived.conf. Prints its VRRP instances, one fact on each line: "instance NAME PRIORITY", "address NAME
# ADDRESS" (without prefix length), "peer NAME ADDRESS".
$1 == "vrrp_instance" { name = $2; next }
$1 == "virtual_ipaddress" || $1 == "virtual_ipaddress_excluded" { inside = "address"; next }
$1 == "unicast_peer" { inside = "peer"; next }
$1 == "}" { inside = ""; next }
$1 == "priority" { print "instance", name, $2; next }
inside != "" && NF > 0 && $1 !~ /^[#!]/ { sub(/\/.*/, "", $1); print inside, name, $1 }
