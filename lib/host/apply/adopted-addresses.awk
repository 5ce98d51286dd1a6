# Finds virtual addresses that the host holds now, but will not hold after the deploy. Reads the future addresses, then
# keepalived.conf. Prints the addresses of its virtual_ipaddress blocks that are not future addresses, without prefix
# lengths.
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
