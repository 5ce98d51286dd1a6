# Reads haproxy.cfg. Prints "backend server address port" for each Exchange server that gets sessions.
$1 == "backend" || $1 == "listen" { backend = $2 ~ /^be_exch2019_/ ? $2 : ""; next }
$1 == "frontend" || $1 == "defaults" || $1 == "global" { backend = ""; next }
backend != "" && $1 == "server" {
    for (i = 4; i <= NF; i++) if ($i == "disabled" || ($i == "weight" && $(i + 1) == "0")) next
    match($3, /:[0-9]+$/)
    if (RSTART > 0) print backend, $2, substr($3, 1, RSTART - 1), substr($3, RSTART + 1)
}
