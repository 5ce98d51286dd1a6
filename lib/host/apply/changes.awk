# Decides what happens to each file. Reads five files:
#   now      "sha256 mode:uid:gid path" of the files on the host now
#   wanted   "sha256 mode:uid:gid path" of the files in this deploy
#   before   "sha256 mode:uid:gid user part path" of the files after the last deploy
#   leaving  "part policy" of the parts that this deploy does not contain
#   files    "user part path" of the files in this deploy
# Prints at most one of these lines for each file:
#   changed USER PATH   the deploy must write the file
#   removed USER PATH   the file's part stays, but no longer contains the file: the deploy removes it
#   returned USER PATH  the file's part is removed with destroy: the deploy restores the host's own file, if any
#   kept RECORD         the file's part is removed with retain or release: the file and its record stay
# In addition, prints this line if somebody changed the file after the last deploy:
#   edited PATH
FILENAME == ARGV[1] { now[$3] = $1 " " $2; next }
FILENAME == ARGV[2] { wanted[$3] = $1 " " $2; next }
FILENAME == ARGV[3] { before[$5] = $1 " " $2; record[$5] = $0; user[$5] = $3; part[$5] = $4; known[++n] = $5; next }
FILENAME == ARGV[4] { leaves[$1] = $2; next }
{
    listed[$3] = 1
    if (($3 in before) && before[$3] != now[$3]) print "edited", $3
    if (now[$3] != wanted[$3]) print "changed", $1, $3
}
END {
    for (i = 1; i <= n; i++) {
        path = known[i]
        if (path in listed) continue
        policy = leaves[part[path]]
        if (policy == "destroy") print "returned", user[path], path
        else if (policy != "") print "kept", record[path]
        else print "removed", user[path], path
    }
}
