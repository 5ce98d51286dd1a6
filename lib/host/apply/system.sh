# --- checks of the host before a delivery -----------------------------------

# The last deploy may have used another version of this library than this deploy. This script belongs to the version of
# this deploy. `format` is the version of the records on the host.
check_library() {
    [ -f "$root/manifest" ] || return 0
    theirs=$(sed -n 's/^library //p' "$root/manifest")
    ours=$(values library)
    [ "$theirs" != "$ours" ] || return 0
    if [ "$(sed -n 's/^format //p' "$root/manifest")" -gt "$(values format)" ]; then
        fail "the last deploy to this host used version $theirs of the library, and version $ours cannot read the records of that deploy. $nothing Deploy with version $theirs or newer."
    fi
    if [ "$(printf '%s\n' "$theirs" "$ours" | sort -V | tail -n 1)" = "$theirs" ]; then
        say "this deploy uses version $ours of the library, which is older than the version of the last deploy ($theirs)"
    else
        say "this deploy uses version $ours of the library; the last deploy used version $theirs"
    fi
}

check_os() {
    wanted=$(values os)
    family=${wanted% *}
    version=${wanted#* }
    # shellcheck source=/dev/null
    . /etc/os-release
    kin=" ${ID:-unknown} ${ID_LIKE:-} "
    release=${VERSION_ID:-}
    system=${PRETTY_NAME:-${ID:-unknown} $release}
    case "$family:$kin" in
        debian:*" debian "* | redhat:*" rhel "*) ;;
        *) fail "the node's prop os is for the $family family, but this host is $system. $nothing Set the node's prop os to this host's system." ;;
    esac
    # If the profile names a release with a dot, such as 22.04, the host's whole VERSION_ID must match. Otherwise only
    # the part before the first dot must match.
    case "$version" in *.*) ;; *) release=${release%%.*} ;; esac
    [ "$release" != "$version" ] || return 0
    # Debian testing and unstable have no VERSION_ID. They are accepted with a warning.
    [ -z "$release" ] || is_interim_release "$release" "$version" ||
        fail "the node's prop os is for version $version, but this host is $system. $nothing Set the node's prop os to this host's system."
    say "the node's prop os is for version $version, and this host is $system. The library has no profile for this release, so the deploy continues with the files for version $version"
}

# Whether the release $1 is an interim release after the long-term release $2: newer than $2, but older than the next
# long-term release, which comes two years later. For Ubuntu 24.04, these are 24.10, 25.04 and 25.10.
is_interim_release() {
    awk -v release="$1" -v version="$2" 'BEGIN {
        split(release, r, "."); split(version, v, ".")
        exit !(v[2] != "" && r[1] * 100 + r[2] > v[1] * 100 + v[2] && r[1] < v[1] + 2)
    }'
}

# Compares the versions of the installed programs with those that the files were rendered for. The manifest has a branch
# (2.6) or a release (2.2.7). A newer program is accepted with a message: it can read files for an older version, and it
# checks the new files itself before the swap. An older program is refused, because it would reject or ignore directives
# that it does not know.
check_versions() {
    values version >"$work/lines"
    while read -r program wanted; do
        found=$(hook version "$program" </dev/null)
        case $(printf '%s %s\n' "$wanted" "$found" | awk '{ split($1, w, "."); split($2, f, "."); d = f[1] * 1000 + f[2] - w[1] * 1000 - w[2]; print (NF < 2 ? "none" : d < 0 ? "older" : d > 0 ? "newer" : "same") }') in
            same) ;;
            newer) say "the files are for $program $wanted, and this host has the newer version $found. To use the features of the newer version, set the node's prop os to the host's versions" ;;
            *) fail "the files are for $program $wanted, but this host has ${found:-none}. $nothing Set the node's prop os to the host's versions, or install $program $wanted on the host." ;;
        esac
    done <"$work/lines"
}

# Sets $nearest to the folder $1. If $1 does not exist, sets it to the nearest parent folder that exists, because $1
# will be created in it.
nearest_folder() {
    nearest=$1
    while [ ! -d "$nearest" ]; do
        nearest=${nearest%/*}
        nearest=${nearest:-/}
    done
}

# Checks the free space for all folders that receive files, because they may be on different file systems, such as
# /etc/haproxy and /var.
check_space() {
    needed=$(($(du -sk "$folder" | cut -f1) * 8 + 1024))
    folders=$({ printf '%s\n' "$root" /etc; { values file; values secret; } | cut -d' ' -f3- | sed 's|/[^/]*$||'; } | sort -u)
    set --
    while IFS= read -r path; do
        nearest_folder "$path"
        set -- "$@" "$nearest"
    done <<FOLDERS
$folders
FOLDERS
    lacking=$({ df -Pk "$@"; df -Pi "$@" 2>/dev/null || :; } | awk -v needed="$needed" "$awk_lacking_space" | head -n 1)
    [ -n "$lacking" ] || return 0
    shift "${lacking%% *}"
    free=${lacking##* }
    case "$lacking" in
        *" kB "*) fail "only $free kB are free for $1, but $needed kB are needed. $nothing Make room and deploy again." ;;
        *) fail "only $free inodes are free for $1, but 100 are needed. $nothing Remove files on that file system and deploy again." ;;
    esac
}

# Checks that each folder in which a file changes can be written. It may be mounted read-only, or be immutable. Other
# folders are not checked, so a read-only /usr is no problem if nothing changes there.
check_writable() {
    folders=$(cut -d' ' -f2- "$work/changed" "$work/removed" | sed 's|/[^/]*$||' | sort -u)
    while IFS= read -r path; do
        nearest_folder "$path"
        probe=$(mktemp "$nearest/.cdktf-exchange-balancer.XXXXXX" 2>&1) || fail "$nearest cannot be written: ${probe##*: }. $nothing Mount it writable, or remove its immutable flag (lsattr -d $nearest), and deploy again."
        rm -f "$probe"
    done <<FOLDERS
$folders
FOLDERS
}

# Prints a warning if this host's clock differs by 10 min or more from the clock of the machine that deploys. A wrong
# clock makes certificates look expired or not yet valid, and puts wrong times into logs and metrics. This script cannot
# tell which of the two clocks is wrong, so the deploy continues. Smaller differences are ignored, because the
# connection alone may take minutes.
check_clock() {
    theirs=$(line_of time "$folder/origin")
    [ -n "$theirs" ] || return 0
    off=$(($(date -u +%s) - $(date -u -d "$theirs" +%s)))
    side='ahead of'
    [ "$off" -ge 0 ] || { off=$((0 - off)); side=behind; }
    [ "$off" -lt 600 ] || say "this host's clock ($(date -u +%Y-%m-%dT%H:%M:%SZ)) is $((off / 60)) min $side the clock of the deploying machine. Check timedatectl on both machines. Wrong clocks affect the validity of certificates and the times in logs."
}

# Stores the state from before the first deploy. It is restored when the host is removed from the stack. $root/before
# gets one line "part service active enabled" for each service. Later deploys do not change this line.
remember_services() {
    touch "$root/before"
    values_by_part service >"$work/lines"
    [ -z "$(values firewall)" ] || echo "host firewalld" >>"$work/lines"
    while read -r part service; do
        ! grep -q "^$part $service " "$root/before" || continue
        active=no
        ! systemctl is-active --quiet "$service" || active=yes
        enabled=no
        ! systemctl is-enabled --quiet "$service" 2>/dev/null || enabled=yes
        # If another part already uses the service, perhaps this library has started the service. So the record of that
        # other part is copied.
        earlier=$(awk -v service="$service" '$2 == service { print $3, $4; exit }' "$root/before")
        printf '%s %s %s\n' "$part" "$service" "${earlier:-$active $enabled}" >>"$root/before"
    done <"$work/lines"
}
