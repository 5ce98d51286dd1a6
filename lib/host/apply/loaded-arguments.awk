# Reads the arguments of the haproxy service, one on each line. Prints only those that haproxy -c needs: the files to
# load. The options that make haproxy a master process are left out. HAProxy 3.0 rejects the socket of a master (-S, in
# Debian's EXTRAOPTS) if the other options of a master are missing.
skip { skip = 0; next }
$0 == "-p" || $0 == "-x" || $0 == "-S" { skip = 1; next }
!/^-(W|Ws|D|db|q|V)$/
