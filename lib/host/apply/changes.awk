# Decides what has to happen with each file. Reads five files:
#   now      "sha256 mode:uid:gid path" of what is on the host
#   wanted   the same of what is to be there
#   before   "sha256 mode:uid:gid user part path" of what the last deploy left
#   leaving  "part policy" of the parts that are not, or no longer, delivered
#   files    "user part path" of what is delivered
# Prints, for each file, no more than one of
#   changed USER PATH   has to be written
#   removed USER PATH   is no longer delivered
#   returned USER PATH  its part leaves with destroy: what was there before our first deploy is restored
#   kept RECORD         its part has left with retain or release: stays as it is, and is remembered
# and, beside those,
#   edited PATH         somebody changed it after the last deploy
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
