# Finds the packet filters on this host. Reads the output of filter_facts (filters.sh). Each section begins with an @
# line:
#   @unit NAME ACTIVE ENABLED    a systemd unit; ACTIVE and ENABLED are yes or no. No more lines follow.
#   @ufw TEXT                    ufw is on; TEXT says where this is configured. No more lines follow.
#   @nft                         then the output of nft list ruleset
#   @iptables PROGRAM            then the output of PROGRAM-save, such as iptables-save
#   @saved UNIT FILE             then FILE, in the format of iptables-save. The unit loads these rules at boot.
# Prints one line for each filter: its name, a tab, and what was found. A ruleset is a filter if incoming packets pass a
# chain that has the policy drop, or a rule that drops or rejects. Rules that ban single addresses (such as those of
# fail2ban) do not count.
function found(what) {
    if ((scope, what) in seen) return
    seen[scope, what] = 1
    evidence[scope] = evidence[scope] (evidence[scope] == "" ? "" : ", ") what
}
function bans(name) { return name ~ /^(f2b|fail2ban|crowdsec|sshguard|SSHGUARD|CROWDSEC|KUBE-|LIBVIRT_)/ }

# Finds all chains that incoming packets can reach, by following the jumps from chain to chain. Notes those that refuse
# packets.
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

# Lines of nft list ruleset: "table inet site {", "chain input {", "type filter hook input priority filter; policy
# drop;".
kind == "nft" && $1 == "table" {
    judge()
    label = "table " $2 " " $3
    skipping = bans($3) || $3 == "firewalld"
    next
}
kind == "nft" && skipping { next }
kind == "nft" && $1 == "chain" { chain = $2; next }
kind == "nft" && $1 == "type" && / hook (input|prerouting|ingress) / {
    # A chain at the input hook sees only packets to this host, so its rules count. Chains at prerouting and ingress
    # also see packets to other hosts. Of such a chain, only the policy drop counts.
    if (/ hook input /) reached[chain] = 1
    if (/policy drop/) { reached[chain] = 1; refuses[chain] = "(policy drop)" }
    next
}
kind == "nft" {
    rule(chain, $0)
    if (/(^|[ \t])(drop|reject)([ \t]|$)/ && !bans(chain) && !(chain in refuses)) refuses[chain] = "(a rule drops or rejects)"
    next
}

# Lines of iptables-save: "*filter", ":INPUT DROP [0:0]", "-A INPUT -p tcp --dport 22 -j ACCEPT".
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
    # Each of the following services replaces all rules when it starts. firewalld stops these services when it starts.
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
