# Reads haproxy's arguments, one on each line. Prints only the arguments that name files to load. HAProxy 3.0 rejects a
# master's socket (-S, in Debian's EXTRAOPTS) without the other arguments of a master.
skip { skip = 0; next }
$0 == "-p" || $0 == "-x" || $0 == "-S" { skip = 1; next }
!/^-(W|Ws|D|db|q|V)$/
