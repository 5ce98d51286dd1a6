# Written by cdktf-exchange-balancer. Prints this library's nftables table. First file: routing.conf. Second file: the
# networks of the interfaces through which the members are reached, one on each line. The variables drop4 and drop6 are
# yes if this library turned forwarding on for IPv4 or IPv6. For such an IP family, this node forwards packets only from
# and to members.
FNR == NR && $1 == "member" { members4 = members4 comma4 $3; comma4 = ", " }
FNR == NR && $1 == "member6" { members6 = members6 comma6 $3; comma6 = ", " }
FNR == NR { next }
/:/ { near6 = near6 near6comma $1; near6comma = ", "; next }
{ near4 = near4 near4comma $1; near4comma = ", " }

END {
    print "table inet exchange_balancer_routing"
    print "delete table inet exchange_balancer_routing"
    print "table inet exchange_balancer_routing {"
    families("sets")
    # Other packets from and to members pass without connection tracking, because this node may see only one direction
    # of their connection.
    chain("stateless", "filter", "prerouting", "raw")
    # Marks the members' answers to HAProxy, so that they are routed to this host. firewalld also checks where a packet
    # comes from, at priority 10 (-290 before firewalld 1.0). This chain comes after that check, because the check would
    # use the mark, too.
    chain("answers", "filter", "prerouting", "filter + 20")
    # Clients in a member's own network would get the member's answers directly, past this node. So their connections
    # reach the member from this node's own address.
    chain("neighbours", "nat", "postrouting", "srcnat")
    # Drops ICMP redirects of this node. They would tell a member to send its answers to another router, past the
    # balancers.
    print "  chain redirects {\n    type filter hook output priority filter; policy accept;\n    icmp type redirect drop\n    icmpv6 type nd-redirect drop\n  }"
    chain("forwarded", "filter", "forward", "filter - 10")
    print "}"
}

function chain(name, type, hook, priority) {
    print "  chain " name " {\n    type " type " hook " hook " priority " priority "; policy accept;"
    families(name)
    print "  }"
}

function families(what) {
    family(what, 4, "ip", "ipv4", members4, near4, drop4)
    family(what, 6, "ip6", "ipv6", members6, near6, drop6)
}

function family(what, number, ip, name, members, near, drop, ours) {
    if (members == "") return
    ours = "@members" number
    if (what == "sets") {
        print "  set members" number " {\n    type " name "_addr\n    elements = { " members " }\n  }"
        if (near != "") print "  set near" number " {\n    type " name "_addr\n    flags interval\n    auto-merge\n    elements = { " near " }\n  }"
    } else if (what == "stateless") {
        print "    " ip " saddr " ours " socket transparent 1 accept"
        print "    " ip " saddr " ours " fib daddr type unicast notrack"
        print "    " ip " daddr " ours " notrack"
    } else if (what == "answers") {
        print "    " ip " saddr " ours " socket transparent 1 meta mark set meta mark | 0x10000000"
    } else if (what == "neighbours" && near != "") {
        print "    " ip " daddr " ours " " ip " saddr @near" number " fib saddr type != local masquerade"
    } else if (what == "forwarded" && drop == "yes") {
        print "    " ip " saddr " ours " accept"
        print "    " ip " daddr " ours " accept"
        print "    meta nfproto " name " drop"
    }
}
