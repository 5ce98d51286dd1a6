# Decides where there is too little space. Reads what df -Pk and then df -Pi print of the same folders, a line for each in
# their order; needed is in kB. Prints a line for each lack: how many folders stand before it, "kB" or "inodes", and what
# is free.
/^Filesystem / { inodes = table++; row = 0; next }
{ row++ }
# Some file systems count no inodes.
inodes ? $2 + 0 > 0 && $4 < 100 : $4 < needed { print row - 1, (inodes ? "inodes" : "kB"), $4 }
