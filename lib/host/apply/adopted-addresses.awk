# Finds virtual addresses that the running keepalived has and that the deploy would remove. Reads the addresses that the
# deploy wants, then keepalived.conf. If an address in a virtual_ipaddress block is not wanted, prints "address
# (keepalived)" without prefix length.
FILENAME == ARGV[1] { wanted[$1] = 1; next }
{ sub(/[!#].*/, "") }
/virtual_ipaddress(_excluded)?/ { inside = 1; sub(/.*virtual_ipaddress(_excluded)?/, "") }
inside {
    line = $0
    closes = index(line, "}")
    if (closes) line = substr(line, 1, closes - 1)
    gsub(/[{]/, " ", line)
    if (split(line, words, " ") > 0) {
        address = words[1]
        sub(/[\/].*/, "", address)
        if (address ~ /^[0-9A-Fa-f.:]+$/ && !(address in wanted)) print address " (keepalived)"
    }
    if (closes) inside = 0
}
