# Reads HAProxy's answer to "show info;show stat" (with -F,). Prints "backend server status check" for each Exchange
# server. Other servers are left out, because they do not stop a deploy.
/^# / { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
!("check_status" in column) || NF < 30 || $2 == "FRONTEND" || $2 == "BACKEND" || $1 !~ /^be_exch2019_/ { next }
{
    split($column["status"], status, " ")
    # HAProxy shows UP for a server that haproxy.cfg drains with weight 0. This program prints DRAIN for it.
    if (status[1] == "UP" && $column["weight"] == 0) status[1] = "DRAIN"
    check = $column["check_status"]
    sub(/^[*] /, "", check)
    code = $column["check_code"]
    print $1, $2, status[1], (check == "" || check == "INI" ? "unchecked" : check (check == "L7STS" ? "/" code : ""))
}
