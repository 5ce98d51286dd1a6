# --- the host as it is -------------------------------------------------------

# The host may have been delivered by another version of this library. This script comes with the version that delivers
# now. `format` is the version of the records on the host.
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
        *) fail "the node's os is for the $family family, but this host is $system. $nothing Set the node's os to this host's system." ;;
    esac
    # If the profile has a whole release, such as 22.04, the whole release is compared.
    case "$version" in *.*) ;; *) release=${release%%.*} ;; esac
    [ "$release" != "$version" ] || return 0
    # Debian's testing and unstable have no version.
    [ -z "$release" ] || is_interim_release "$release" "$version" ||
        fail "the node's os is for version $version, but this host is $system. $nothing Set the node's os to this host's system."
    say "the node's os is for version $version, and this host is $system. The library has no profile for this release, so the deploy continues with the files for version $version"
}

# Whether a release came after a long-term release, and before the next long-term release: Ubuntu 24.10, 25.04 and 25.10
# came after 24.04. Ubuntu has a long-term release every two years.
is_interim_release() {
    awk -v release="$1" -v version="$2" 'BEGIN {
        split(release, r, "."); split(version, v, ".")
        exit !(v[2] != "" && r[1] * 100 + r[2] > v[1] * 100 + v[2] && r[1] < v[1] + 2)
    }'
}

# The files were rendered for these versions. A manifest has a branch (2.6) or a release (2.2.7). A newer program can
# read files for an older version, and its own check decides in the end. An older program would reject directives that
# it does not know, or ignore them.
check_versions() {
    values version >"$work/lines"
    while read -r program wanted; do
        found=$(hook version "$program" </dev/null)
        case $(printf '%s %s\n' "$wanted" "$found" | awk '{ split($1, w, "."); split($2, f, "."); d = f[1] * 1000 + f[2] - w[1] * 1000 - w[2]; print (NF < 2 ? "none" : d < 0 ? "older" : d > 0 ? "newer" : "same") }') in
            same) ;;
            newer) say "the files are for $program $wanted, and this host has the newer $found. To use its new features, set the node's os to the host's versions" ;;
            *) fail "the files are for $program $wanted, but this host has ${found:-none}. $nothing Set the node's os to the host's versions, or install $program $wanted on the host." ;;
        esac
    done <"$work/lines"
}

# Sets nearest to the nearest folder that exists. A missing folder will be created there.
nearest_folder() {
    nearest=$1
    while [ ! -d "$nearest" ]; do
        nearest=${nearest%/*}
        nearest=${nearest:-/}
    done
}

# On every file system that receives files: /etc/haproxy and /var may be separate file systems.
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

# Checks every folder in which a file changes, because it may be mounted read-only, or be immutable. A read-only /usr
# does not matter if nothing changes in it.
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

# A wrong clock makes certificates look expired or not yet valid, and puts wrong times into logs and metrics. It is
# unknown which of the two clocks is wrong, so this is only printed. The connection itself may take minutes, so smaller
# differences are ignored.
check_clock() {
    theirs=$(line_of time "$folder/origin")
    [ -n "$theirs" ] || return 0
    off=$(($(date -u +%s) - $(date -u -d "$theirs" +%s)))
    side='ahead of'
    [ "$off" -ge 0 ] || { off=$((0 - off)); side=behind; }
    [ "$off" -lt 600 ] || say "this host's clock ($(date -u +%Y-%m-%dT%H:%M:%SZ)) is $((off / 60)) min $side the deploying machine's. Check timedatectl on both machines. Wrong clocks affect the validity of certificates and the times in logs."
}

# Stores the state from before the first deploy, so that it can be restored when the host is removed from the stack: one
# line "part service active enabled", written once for each service.
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
        # If another part has the service, the service may already run because of this library.
        earlier=$(awk -v service="$service" '$2 == service { print $3, $4; exit }' "$root/before")
        printf '%s %s %s\n' "$part" "$service" "${earlier:-$active $enabled}" >>"$root/before"
    done <"$work/lines"
}
