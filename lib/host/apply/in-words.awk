# Reads "verdict backend server check" lines. Prints one line: each server with its check's result, and its backends.
{ why = $3 " (" $4 ")"; if (!(why in lists)) order[++n] = why; lists[why] = lists[why] " " $2 }
END { for (i = 1; i <= n; i++) printf "%s%s for%s", (i > 1 ? "; " : ""), order[i], lists[order[i]] }
