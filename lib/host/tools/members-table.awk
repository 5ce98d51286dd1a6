# Reads the output of members.awk. Prints a table with one row for each protocol and one column for each member. If a
# member is down, its cell contains the reason.
{
    if (!($2 in rows)) { rows[$2] = ++n; protocol[n] = $2 }
    if (!($3 in columns)) { columns[$3] = ++m; member[m] = $3 }
    cell[$2, $3] = $4 == "up" ? "up" : ($4 == "down" ? "DOWN (" $5 ")" : $4)
}
END {
    printf "%-14s", "members"
    for (j = 1; j <= m; j++) printf " %-18s", member[j]
    print ""
    for (i = 1; i <= n; i++) {
        printf "%-14s", protocol[i]
        for (j = 1; j <= m; j++) printf " %-18s", cell[protocol[i], member[j]]
        print ""
    }
}
