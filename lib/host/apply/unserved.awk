# Decides which ports HAProxy does not serve with its new files yet. Reads the processes that listened before
# ("pid=PID" a line), those that listen now ("port pid name") and the ports; prints the ports without a listener that
# was not there before.
FILENAME == ARGV[1] { old[$1] = 1; next }
FILENAME == ARGV[2] { if (!(("pid=" $2) in old)) served[$1] = 1; next }
!($1 in served)
