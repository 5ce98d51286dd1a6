# Finds ports on which HAProxy does not serve with its new files yet. Reads three files: the processes that listened
# before the reload ("pid=PID", one on each line), the processes that listen now ("port pid name"), and the ports.
# Prints each port on which no new process listens.
FILENAME == ARGV[1] { old[$1] = 1; next }
FILENAME == ARGV[2] { if (!(("pid=" $2) in old)) served[$1] = 1; next }
!($1 in served)
