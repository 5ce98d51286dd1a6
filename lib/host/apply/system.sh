# --- the host as it is -------------------------------------------------------

# Another version of this library delivers what it delivers, and this script with it. What the records on the host look
# like is what `format` counts.
check_library() {
    [ -f "$root/manifest" ] || return 0
    theirs=$(sed -n 's/^library //p' "$root/manifest")
    ours=$(values library)
    [ "$theirs" != "$ours" ] || return 0
    if [ "$(sed -n 's/^format //p' "$root/manifest")" -gt "$(values format)" ]; then
        fail "library $theirs delivered to this host last, and library $ours cannot read its records. $nothing Deploy with library $theirs or newer."
    fi
    if [ "$(printf '%s\n' "$theirs" "$ours" | sort -V | tail -n 1)" = "$theirs" ]; then
        say "library $ours delivers, which is older than the last one ($theirs)"
    else
        say "library $ours delivers; the last time it was $theirs"
    fi
}

check_os() {
    wanted=$(values os)
    family=${wanted% *}
    version=${wanted#* }
    # shellcheck source=/dev/null
    . /etc/os-release
    kin=" ${ID:-unknown} ${ID_LIKE:-} "
    release=${VERSION_ID:-unknown}
    # A profile that names the whole release, such as 22.04, means the whole release.
    case "$version" in *.*) ;; *) release=${release%%.*} ;; esac
    case "$family:$kin" in
        debian:*" debian "* | redhat:*" rhel "*) ;;
        *) fail "the profile is for the $family family, this host says it is ${PRETTY_NAME:-$ID}. $nothing Set the node's os to what it is." ;;
    esac
    [ "$release" = "$version" ] || fail "the profile is for version $version, this host says it is ${PRETTY_NAME:-$ID $VERSION_ID}. $nothing Set the node's os to what it is."
}

# The files were rendered for these versions. A manifest names a branch (2.6) or a release (2.2.7).
# A newer program reads files that were written for an older one, and its own check has the last word; an older one would
# refuse what it does not know, or pass over it.
check_versions() {
    values version >"$work/lines"
    while read -r program wanted; do
        found=$(hook version "$program" </dev/null)
        case $(printf '%s %s\n' "$wanted" "$found" | awk '{ split($1, w, "."); split($2, f, "."); d = f[1] * 1000 + f[2] - w[1] * 1000 - w[2]; print (NF < 2 ? "none" : d < 0 ? "older" : d > 0 ? "newer" : "same") }') in
            same) ;;
            newer) say "the files are for $program $wanted, this host has $found, which is newer. To use what it adds, set the node's os to what the host has" ;;
            *) fail "the files are for $program $wanted, this host has ${found:-none}. $nothing Set the node's os to what the host has, or install $program $wanted there." ;;
        esac
    done <"$work/lines"
}

# A folder that is not there yet will be made in the nearest one that is.
nearest_folder() {
    nearest=$1
    while [ ! -d "$nearest" ]; do
        nearest=${nearest%/*}
        nearest=${nearest:-/}
    done
    printf '%s\n' "$nearest"
}

# On every file system that gets something: /etc/haproxy may be one of its own, and so may /var.
check_space() {
    needed=$(($(du -sk "$folder" | cut -f1) * 8 + 1024))
    folders=$({ printf '%s\n' "$root" /etc; { values file; values secret; } | cut -d' ' -f3- | sed 's|/[^/]*$||'; } | sort -u)
    set --
    while IFS= read -r path; do
        nearest_folder "$path" >/dev/null
        set -- "$@" "$nearest"
    done <<FOLDERS
$folders
FOLDERS
    lacking=$({ df -Pk "$@"; df -Pi "$@" 2>/dev/null || :; } | awk -v needed="$needed" "$awk_lacking_space" | head -n 1)
    [ -n "$lacking" ] || return 0
    shift "${lacking%% *}"
    free=${lacking##* }
    case "$lacking" in
        *" kB "*) fail "only $free kB are free for $1, $needed kB are needed. $nothing Make room and deploy again." ;;
        *) fail "only $free inodes are free for $1, 100 are needed. $nothing Remove files there and deploy again." ;;
    esac
}

# In every folder of which a file changes: one may be mounted read-only, or be immutable. A hardened /usr is no matter where
# nothing changes in it.
check_writable() {
    folders=$(cut -d' ' -f2- "$work/changed" "$work/removed" | sed 's|/[^/]*$||' | sort -u)
    while IFS= read -r path; do
        path=$(nearest_folder "$path")
        probe=$(mktemp "$path/.cdktf-exchange-balancer.XXXXXX" 2>&1) || fail "$path cannot be written: ${probe##*: }. $nothing Mount it writable, or take its immutable flag away (lsattr -d $path), and deploy again."
        rm -f "$probe"
    done <<FOLDERS
$folders
FOLDERS
}

# A clock that is far off lets certificates look expired or not yet valid, and puts wrong times into logs and metrics.
# Which of the two machines is wrong nobody here knows, so this is said and no more. Connecting may take minutes.
check_clock() {
    theirs=$(line_of time "$folder/origin")
    [ -n "$theirs" ] || return 0
    off=$(($(date -u +%s) - $(date -u -d "$theirs" +%s)))
    side='ahead of'
    [ "$off" -ge 0 ] || { off=$((0 - off)); side=behind; }
    [ "$off" -lt 600 ] || say "this host's clock ($(date -u +%Y-%m-%dT%H:%M:%SZ)) is $((off / 60)) min $side the deploying machine's. Look at timedatectl on both: it decides whether certificates are valid, and it dates the logs."
}

# For the day when this library lets go of the host, and what was here before is restored:
# a line "part service active enabled", written once for each service.
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
        # Where another part has the service too, it may run because of us already.
        earlier=$(awk -v service="$service" '$2 == service { print $3, $4; exit }' "$root/before")
        printf '%s %s %s\n' "$part" "$service" "${earlier:-$active $enabled}" >>"$root/before"
    done <"$work/lines"
}
