# Finds ports that HAProxy does not serve with its new files yet. Reads the processes that listened before ("pid=PID",
# one on each line), the processes that listen now ("port pid name") and the ports. Prints the ports without a new
# listener.
FILENAME == ARGV[1] { old[$1] = 1; next }
FILENAME == ARGV[2] { if (!(("pid=" $2) in old)) served[$1] = 1; next }
!($1 in served)
