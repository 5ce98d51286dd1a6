# Reads a unit's variables ("NAME=value", one on each line), then the words of its ExecStart. Prints the program's
# arguments, one on each line. Replaces variables as systemd does.
FILENAME == ARGV[1] { at = index($0, "="); value[substr($0, 1, at - 1)] = substr($0, at + 1); next }
{
    for (i = 2; i <= NF; i++) {
        # systemd splits the value into words only if the variable is a whole word without braces ($NAME).
        if ($i ~ /^[$][A-Za-z_][A-Za-z0-9_]*$/) {
            n = split(value[substr($i, 2)], words, " ")
            for (j = 1; j <= n; j++) print words[j]
            continue
        }
        rest = $i
        done = ""
        while (match(rest, /[$][{][A-Za-z_][A-Za-z0-9_]*[}]/)) {
            done = done substr(rest, 1, RSTART - 1) value[substr(rest, RSTART + 2, RLENGTH - 3)]
            rest = substr(rest, RSTART + RLENGTH)
        }
        print done rest
    }
}
