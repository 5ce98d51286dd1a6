# --- other packet filters than firewalld ------------------------------------------------------------

# Two packet filters on one host conflict. One drops what the other allows, or removes the other filter's rules. Either
# can close the port of this ssh connection. So apply.sh looks for filters before it changes anything. It uses
# firewalld, and starts firewalld only if the host has no other filter.
check_filters() {
    [ -n "$(values firewall)" ] || return 0
    [ "$(systemctl is-enabled firewalld 2>/dev/null)" != masked ] ||
        fail "firewalld is masked on this host, so it cannot be started. $nothing Set firewall: HostFirewallMode.UNMANAGED, or run systemctl unmask firewalld, and deploy again."
    filter_facts >"$work/filter-facts" 2>/dev/null
    awk "$awk_filters" "$work/filter-facts" >"$work/filters"
    [ -s "$work/filters" ] || return 0
    if grep -q '^firewalld	' "$work/filters"; then
        check_backend
        sed '/^firewalld	/d' "$work/filters" >"$work/others"
        while IFS='	' read -r name found; do
            say "in addition to firewalld, $name may filter packets on this host ($found). This deploy opens ports only in firewalld."
        done <"$work/others"
        return 0
    fi
    refuse_filters
}

# If firewalld is restarted with another FirewallBackend, the rules of the old backend stay. firewalld opens no ports in
# these old rules.
check_backend() {
    grep -q '^table inet firewalld ' "$work/filter-facts" && grep -q '^:INPUT_ZONES ' "$work/filter-facts" || return 0
    case "$(sed -n 's/^FirewallBackend=//p' /etc/firewalld/firewalld.conf 2>/dev/null)" in
        iptables) remedy='Run nft delete table inet firewalld' ;;
        *) remedy='Restart the host' ;;
    esac
    fail "firewalld has rules in nftables and in iptables, which shows that firewalld was restarted with another FirewallBackend. The rules of the old FirewallBackend block the ports that firewalld opens. $nothing $remedy, and deploy again."
}

refuse_filters() {
    names=$(cut -f1 "$work/filters" | paste -s -d , | sed 's/,/ and /g')
    found=$(cut -f2 "$work/filters" | paste -s -d ';' | sed 's/;/; /g')
    verb=filters
    [ "$(grep -c . "$work/filters")" = 1 ] || verb=filter
    case "$names" in rules*) verb=filter ;; esac
    say "to open this host's ports in its packet filter ($names), use these commands or rules:"
    cut -f1 "$work/filters" | while read -r name; do
        values open | openings_in_words "$name" | sort -u | sed 's/^/    /'
    done
    fail "$names $verb this host ($found). firewalld would disable the existing rules, or these rules would block the ports that firewalld opens. $nothing Set firewall: HostFirewallMode.UNMANAGED and open the ports by hand with the commands or rules above; or turn off every packet filter except firewalld, so that firewalld can be started, and deploy again."
}

# Prints the input for filters.awk.
filter_facts() {
    # On Debian, iptables.service is an alias of netfilter-persistent.service.
    systemctl show --property=Id,ActiveState,UnitFileState firewalld nftables iptables ip6tables netfilter-persistent | awk "$awk_filter_units"
    ! grep -q '^ENABLED=yes' /etc/ufw/ufw.conf || echo "@ufw ENABLED=yes in /etc/ufw/ufw.conf"
    if command -v nft >/dev/null; then
        echo @nft
        nft --stateless list ruleset || :
    fi
    for program in iptables ip6tables iptables-legacy ip6tables-legacy; do
        # iptables-legacy and ip6tables-legacy create their tables when they are called. So they are called only if the
        # tables exist.
        case "$program" in *-legacy) [ -n "$(cat "/proc/net/${program%tables-legacy}_tables_names" 2>/dev/null)" ] || continue ;; esac
        command -v "$program-save" >/dev/null || continue
        echo "@iptables $program"
        "$program-save" || :
    done
    for file in /etc/iptables/rules.v4 /etc/iptables/rules.v6; do
        [ -r "$file" ] || continue
        echo "@saved netfilter-persistent $file"
        cat "$file"
    done
    echo "@end"
}

# Reads openings in the notation of the manifest (firewall.sh). For each opening, prints the command that opens it in
# the filter $1.
openings_in_words() {
    while read -r what to more; do
        case "$what" in
            tcp | udp) from=${more#from } ;;
            *)
                from=${more:-}
                [ "$to" = from ] || from=''
                to=''
                ;;
        esac
        case "$1" in
            ufw*)
                if [ -n "$to" ]; then
                    echo "ufw allow proto $what from ${from:-any} to any port $to"
                else
                    echo "-A ufw-before-input -p 112${from:+ -s $from} -j ACCEPT    (before COMMIT in /etc/ufw/before.rules; VRRP is IP protocol 112)"
                fi
                ;;
            nftables*)
                ip=ip
                case "$from" in *:*) ip=ip6 ;; esac
                if [ -n "$to" ]; then echo "${from:+$ip saddr $from }$what dport $to accept"; else echo "${from:+ip saddr $from }ip protocol 112 accept    (VRRP)"; fi
                ;;
            *)
                ip=iptables
                case "$from" in *:*) ip=ip6tables ;; esac
                if [ -n "$to" ]; then echo "$ip -I INPUT -p $what${from:+ -s $from} --dport $to -j ACCEPT"; else echo "$ip -I INPUT -p 112${from:+ -s $from} -j ACCEPT    (VRRP)"; fi
                ;;
        esac
    done
}
