# --- routing for the members -----------------------------------------------------------------

# When its part leaves, its files are gone before it is stopped, and its unit with them.
stop_exchange_balancer_routing() {
    [ ! -f /run/exchange-balancer-routing/undo ] || sh /run/exchange-balancer-routing/undo
    stop_any "$1"
}
