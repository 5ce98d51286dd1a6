# Counts the openings that the manifest wants and that the firewall does not have. First file: the output of
# firewall-cmd, with one line for all ports and one line for each rich rule. Second file: the manifest. If firewall-cmd
# gave no answer, the first file is empty, and all openings count as missing.
FILENAME == ARGV[1] {
    if ($1 == "rule") rules[$0] = 1
    else for (i = 1; i <= NF; i++) ports[$i] = 1
    next
}
$1 == "open" {
    what = $2 == "vrrp" ? "protocol value=\"vrrp\"" : "port port=\"" $3 "\" protocol=\"" $2 "\""
    from = $(NF - 1) == "from" ? $NF : ""
    if (from == "" && $2 != "vrrp") { if (!(($3 "/" $2) in ports)) missing++; next }
    rule = from == "" ? "rule " what " accept" : "rule family=\"" (from ~ /:/ ? "ipv6" : "ipv4") "\" source address=\"" from "\" " what " accept"
    if (!(rule in rules)) missing++
}
END { print missing + 0 }
