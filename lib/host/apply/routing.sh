# --- routing for the members -----------------------------------------------------------------

# When the part is removed, its files and its unit are gone before it is stopped, so it is undone here.
stop_exchange_balancer_routing() {
    [ ! -f /run/exchange-balancer-routing/undo ] || sh /run/exchange-balancer-routing/undo
    stop_any "$1"
}
