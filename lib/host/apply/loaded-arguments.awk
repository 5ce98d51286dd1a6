# Reads haproxy's arguments, a line each. Prints those that say what to load, and not how to run: haproxy 3.0 rejects a
# master's socket (-S, in Debian's EXTRAOPTS) where nothing else makes it a master.
skip { skip = 0; next }
$0 == "-p" || $0 == "-x" || $0 == "-S" { skip = 1; next }
!/^-(W|Ws|D|db|q|V)$/
