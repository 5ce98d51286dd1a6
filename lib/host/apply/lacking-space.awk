# Finds folders with too little space. Reads the output of df -Pk and then of df -Pi for the same folders. Each output
# has one line for each folder, in the same order. The variable `needed` is in kB. Prints "N KIND FREE" for each folder
# with too little space: N is the number of folders before it, KIND is kB or inodes, FREE is what is free.
/^Filesystem / { inodes = table++; row = 0; next }
{ row++ }
# A file system that does not count inodes shows 0.
inodes ? $2 + 0 > 0 && $4 < 100 : $4 < needed { print row - 1, (inodes ? "inodes" : "kB"), $4 }
