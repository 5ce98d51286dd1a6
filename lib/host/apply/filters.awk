# Decides who filters what comes in to this host. Reads the facts that find_filters (filters.sh) collects: a line that
# begins with @ says what the lines after it are.
#   @unit NAME ACTIVE ENABLED    of systemctl: yes or no
#   @ufw TEXT                    ufw is on; the text says where that is written
#   @nft                         what nft list ruleset prints
#   @iptables PROGRAM            what iptables-save and its kin print
#   @saved UNIT FILE             rules in iptables-save's form that the unit loads at boot
# Prints a line an owner: its name, a tab, what was found. A ruleset filters if what comes in to the host passes a chain
# whose policy is drop, or a rule that drops or rejects. What bans single addresses (fail2ban and the like) does not.
function found(what) {
    if ((scope, what) in seen) return
    seen[scope, what] = 1
    evidence[scope] = evidence[scope] (evidence[scope] == "" ? "" : ", ") what
}
function bans(name) { return name ~ /^(f2b|fail2ban|crowdsec|sshguard|SSHGUARD|CROWDSEC|KUBE-|LIBVIRT_)/ }

# Follows the jumps from the chains that the kernel calls itself.
function judge(    chain, more, parts, count, i) {
    do {
        more = 0
        for (chain in reached) {
            if (chain in followed) continue
            followed[chain] = 1
            more = 1
            count = split(jumps[chain], parts, " ")
            for (i = 1; i <= count; i++) reached[parts[i]] = 1
        }
    } while (more)
    for (chain in reached) if (chain in refuses) found(label " " refuses[chain])
    for (chain in reached) delete reached[chain]
    for (chain in followed) delete followed[chain]
    for (chain in refuses) delete refuses[chain]
    for (chain in jumps) delete jumps[chain]
}
function rule(chain, text,    words, count, i) {
    count = split(text, words, " ")
    for (i = 1; i < count; i++)
        if ((words[i] == "jump" || words[i] == "goto" || words[i] == "-j" || words[i] == "-g") && !bans(words[i + 1])) jumps[chain] = jumps[chain] " " words[i + 1]
}

/^@/ {
    judge()
    kind = substr($1, 2)
    label = ""
    scope = "now"
    if (kind == "unit") { active[$2] = $3; enabled[$2] = $4 }
    if (kind == "ufw") ufw = substr($0, 6)
    if (kind == "iptables") label = $2
    if (kind == "saved") { scope = $2; label = $3 }
    next
}

# nft list ruleset: "table inet site {", "chain input {", "type filter hook input priority filter; policy drop;".
kind == "nft" && $1 == "table" {
    judge()
    label = "table " $2 " " $3
    skipping = bans($3) || $3 == "firewalld"
    next
}
kind == "nft" && skipping { next }
kind == "nft" && $1 == "chain" { chain = $2; next }
kind == "nft" && $1 == "type" && / hook (input|prerouting|ingress) / {
    # Before the host is chosen, only a policy of drop says for sure that the host is meant.
    if (/ hook input /) reached[chain] = 1
    if (/policy drop/) { reached[chain] = 1; refuses[chain] = "(policy drop)" }
    next
}
kind == "nft" {
    rule(chain, $0)
    if (/(^|[ \t])(drop|reject)([ \t]|$)/ && !bans(chain) && !(chain in refuses)) refuses[chain] = "(a rule drops or rejects)"
    next
}

# iptables-save: "*filter", ":INPUT DROP [0:0]", "-A INPUT -p tcp --dport 22 -j ACCEPT".
kind == "iptables" || kind == "saved" {
    if (/^[*]/) { judge(); filters = $1 == "*filter"; next }
    if (!filters) next
    if ($1 == ":INPUT") { reached["INPUT"] = 1; if ($2 == "DROP") refuses["INPUT"] = "(policy DROP)" }
    if ($1 == "-A") {
        rule($2, $0)
        if (/ -[jg] (DROP|REJECT)( |$)/ && !bans($2) && !($2 in refuses)) refuses[$2] = "(a rule drops or rejects)"
    }
}

END {
    judge()
    now = evidence["now"]
    if (active["firewalld"] == "yes") owner("firewalld", "it is running")
    if (ufw != "") owner("ufw", ufw)
    # These take the place of all rules when they start, and firewalld stops them.
    service("nftables", 1)
    service("iptables", 1)
    service("ip6tables", 1)
    service("netfilter-persistent", now != "" || evidence["netfilter-persistent"] != "")
    if (now != "" && owners == (active["firewalld"] == "yes")) owner("rules that no service owns", now)
}
function owner(name, what) { printf "%s\t%s\n", name, what; owners++ }
function service(name, filters) {
    if (!filters || (active[name] != "yes" && enabled[name] != "yes")) return
    if (active[name] != "yes") owner(name ".service", "it is enabled")
    else owner(name ".service", "it is active" (now == "" ? "" : ": " now))
}
