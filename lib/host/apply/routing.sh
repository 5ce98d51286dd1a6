# --- routing for the members -----------------------------------------------------------------

# Undoes the routing when its part is removed. At that time, the part's files and its unit are already gone, so
# systemctl stop no longer undoes the routing.
stop_exchange_balancer_routing() {
    [ ! -f /run/exchange-balancer-routing/undo ] || sh /run/exchange-balancer-routing/undo
    stop_any "$1"
}
