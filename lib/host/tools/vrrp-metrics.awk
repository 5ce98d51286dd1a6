# Prints the VRRP metrics. First file: lines "NAME STATE TRANSITIONS DELTA". Second file: the output of
# keepalived-conf.awk. Third file: the addresses that this host holds, one on each line. The variable `running` is 1 if
# keepalived runs.
function series(name, labels, value) { printf "%s{%s} %d\n", name, labels, value }
FILENAME == ARGV[1] { state[$1] = $2; transitions[$1] = $3; delta[$1] = $4; next }
FILENAME == ARGV[3] { here[$1] = 1; next }
$1 == "instance" { order[++n] = $2; priority[$2] = $3 }
$1 == "address" { addresses[++m] = $3; of[m] = $2 }
END {
    if (n == 0) exit
    print "# HELP exchange_balancer_vrrp_state 1 for the state that keepalived is in."
    print "# TYPE exchange_balancer_vrrp_state gauge"
    count = split("master backup fault stopped", states, " ")
    for (i = 1; i <= n; i++) {
        name = order[i]
        now = running ? (name in state ? state[name] : "backup") : "stopped"
        for (j = 1; j <= count; j++) series("exchange_balancer_vrrp_state", "vrrp_instance=\"" name "\",state=\"" states[j] "\"", now == states[j])
    }
    print "# HELP exchange_balancer_vrrp_priority The priority that keepalived bids with now."
    print "# TYPE exchange_balancer_vrrp_priority gauge"
    for (i = 1; i <= n; i++) series("exchange_balancer_vrrp_priority", "vrrp_instance=\"" order[i] "\"", priority[order[i]] + (order[i] in delta ? delta[order[i]] : 0))
    print "# HELP exchange_balancer_vrrp_transitions_total Changes of state since the boot."
    print "# TYPE exchange_balancer_vrrp_transitions_total counter"
    for (i = 1; i <= n; i++) series("exchange_balancer_vrrp_transitions_total", "vrrp_instance=\"" order[i] "\"", order[i] in transitions ? transitions[order[i]] : 0)
    print "# HELP exchange_balancer_virtual_address_held 1 if an interface of this host has the virtual address."
    print "# TYPE exchange_balancer_virtual_address_held gauge"
    for (i = 1; i <= m; i++) series("exchange_balancer_virtual_address_held", "vrrp_instance=\"" of[i] "\",address=\"" addresses[i] "\"", addresses[i] in here)
}
