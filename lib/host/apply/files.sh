# --- the new files -----------------------------------------------------------

# Writes the contents of the new files below $stage. The manifest has the mode, user and path of each file, and
# $folder/files has the contents in the same order. Also writes $work/files: one line "user part path" for each file.
stage_files() {
    mkdir -p "$stage"
    : >"$work/files"
    for kind in file secret; do
        values_by_part "$kind" >"$work/lines"
        [ -s "$work/lines" ] || continue
        contents=$folder/files
        again="Deploy again."
        if [ "$kind" = secret ]; then
            contents=$secrets
            again="Set the prop redeliver to another text and deploy again."
        fi
        exec 3<"$contents"
        while read -r part mode user path; do
            IFS= read -r content <&3 || fail "the bundle has no content for $path, because the transfer was cut off. $nothing $again"
            [ -d "$stage${path%/*}" ] || mkdir -p "$stage${path%/*}"
            printf '%s' "$content" | base64 -d >"$stage$path" || fail "the content of $path did not arrive completely. $nothing $again"
            # Files with mode 0644 need no chmod, because the umask gives them this mode.
            [ "$mode" = 0644 ] || chmod "$mode" "$stage$path"
            printf '%s %s %s\n' "$user" "$part" "$path" >>"$work/files"
        done <"$work/lines"
        exec 3<&-
    done
}

# Prints "sha256 mode:uid:gid path" for each file whose path is on stdin. Files that do not exist are left out.
fingerprints() {
    there=$(while IFS= read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done)
    [ -n "$there" ] || return 0
    {
        printf '%s\n' "$there" | xargs -d '\n' sha256sum | cut -d' ' -f1
        printf '%s\n' "$there" | xargs -d '\n' stat -c '%a:%u:%g %n'
    } | awk 'NF == 1 { sum[++sums] = $1; next } { print sum[++files], $0 }'
}

# Decides what happens to each file (changes.awk). Writes $work/changed and $work/removed with one line "user path" for
# each file. Writes $work/edited with one path on each line. Writes $work/kept with the records of the files that stay
# on the host although this deploy does not contain them.
find_changes() {
    cut -d' ' -f3- "$work/files" | fingerprints >"$work/now"
    # The staged files belong to root, like the files at their final paths.
    cut -d' ' -f3- "$work/files" | sed "s,^,$stage," | fingerprints | sed "s, $stage, ," >"$work/wanted"
    [ ! -f "$installed" ] || cp "$installed" "$work/before"
    touch "$work/before"
    awk "$awk_changes" "$work/now" "$work/wanted" "$work/before" "$work/leaving" "$work/files" >"$work/verdicts"
    for verdict in changed edited kept; do
        sed -n "s/^$verdict //p" "$work/verdicts" >"$work/$verdict"
    done
    : >"$work/removed"
    sed -n 's/^\(removed\|returned\) /\1 /p' "$work/verdicts" >"$work/unlisted"
    while read -r verdict user path; do
        if [ "$verdict" = returned ] && is_there "$root/original$path"; then
            mkdir -p "$stage${path%/*}"
            cp -a "$root/original$path" "$stage$path"
            printf '%s %s\n' "$user" "$path" >>"$work/changed"
        elif is_there "$path"; then
            printf '%s %s\n' "$user" "$path" >>"$work/removed"
        fi
    done <"$work/unlisted"
    while read -r path; do
        say "$path was edited or removed on the host since the last deploy. This deploy overwrites it, and keeps the host's version in $root/edited$path"
        [ -f "$path" ] || continue
        mkdir -p "$root/edited${path%/*}"
        cp -a "$path" "$root/edited$path"
    done <"$work/edited"
}

# Whether a file exists. A symbolic link without a target counts, too.
is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Whether this deploy changes or removes a file that the program $1 reads.
touches() {
    grep -q "^$1 " "$work/changed" "$work/removed"
}

# Copies each folder that contains a file of this library to $view, and puts the new files into the copy. /usr/sbin is
# left out, because it is large, and no check reads this library's file there.
make_view() {
    { cut -d' ' -f3- "$work/files"; cut -d' ' -f2- "$work/changed" "$work/removed"; } | while read -r path; do
        printf '%s\n' "${path%/*}"
    done | sort -u | sed '\,^/usr/sbin$,d' >"$work/folders"
    while read -r path; do
        make_folder "$path"
        mkdir -p "$view$path"
        cp -a "$path/." "$view$path/"
    done <"$work/folders"
    while read -r _ path; do
        [ -d "$view${path%/*}" ] || continue
        rm -f "$view$path"
        cp -a "$stage$path" "$view$path"
    done <"$work/changed"
    while read -r _ path; do
        rm -f "$view$path"
    done <"$work/removed"
}

view_of_new() {
    unshare --mount sh "$0" --in-view "$view" "$work/folders" "$@"
}

# Creates the files in /run that systemd will create at each boot (tmpfiles.d). Without them, keepalived 2.3 would
# reject its new config (keepalived -t), because the config tracks a file in a folder that does not exist.
make_run_files() {
    grep '^systemd [^ ]* /etc/tmpfiles\.d/' "$work/files" >"$work/tmpfiles" || return 0
    while read -r _ _ path; do
        systemd-tmpfiles --create "$stage$path" >"$work/complaint" 2>&1 || refused systemd-tmpfiles "$path"
    done <"$work/tmpfiles"
}

# If files of a program change, lets the program check all of its files. The program finds the new files at their final
# paths.
validate() {
    unshare --mount true || fail "this host cannot make a mount namespace, which the check of the new files needs. $nothing Deploy to a host that supports mount namespaces."
    cut -d' ' -f1 "$work/files" | awk '!seen[$0]++' >"$work/users"
    while read -r user; do
        ! touches "$user" || hook check_files "$user" </dev/null
    done <"$work/users"
}

check_files_any() { :; }

refused() {
    sed "s/^/    /" "$work/complaint"
    fail "$1 rejected the new $2 (output above). $nothing The running services were not touched. Fix the prop that the rejected line comes from and deploy again."
}
