# Reads haproxy.cfg. Prints what HAProxy needs when all connections that maxconn allows are open:
#   maxconn N
#   files N                           open files
#   kilobytes N EACH                  memory for all connections, and for each connection
#   ports FRONTEND CONNECTIONS N      for each frontend: its maxconn, and the number of servers that get its sessions
#                                     at the same time. A host has separate source ports for each server.
# The memory of a connection was measured: npm run bench -- proxy --held (docs/sizes.md).
/^[a-z]/ { section = $1 == "frontend" || $1 == "backend" || $1 == "listen" ? $2 : $1; next }
section == "global" && $1 == "maxconn" { maxconn = $2 }
$1 == "bind" && / ssl / { front = 1 }
$1 == "maxconn" && section != "global" { places[section] = $2; order[++count] = section }
$1 == "use_backend" || $1 == "default_backend" { uses[section] = uses[section] " " $2 }
$1 == "server" && section ~ /^be_/ {
    servers++
    if (/ ssl /) back = 1
    if (!/ disabled( |$)| backup( |$)| weight 0 /) targets[section] = targets[section] " " $3
}
END {
    if (maxconn == "") exit
    each = front && back ? 50 : front ? 26 : 12
    print "maxconn", maxconn
    print "files", 2 * maxconn + servers + 100
    print "kilobytes", maxconn * each, each
    for (i = 1; i <= count; i++) {
        split("", known)
        number = 0
        backends = split(uses[order[i]], name, " ")
        for (j = 1; j <= backends; j++) {
            all = split(targets[name[j]], one, " ")
            for (k = 1; k <= all; k++) if (!(one[k] in known)) { known[one[k]] = 1; number++ }
        }
        if (number > 0) print "ports", order[i], places[order[i]], number
    }
}
