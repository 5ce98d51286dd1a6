#!/bin/sh
# Written by cdktf-exchange-balancer. Brings one part of this host to the state
# that FOLDER describes, or leaves the host as it was and says why.
#
# usage: apply.sh FOLDER
#        apply.sh --take-secrets FOLDER
#                              puts away what a delivery is going to need, see take_secrets
#        apply.sh --recover    at boot: takes back a swap that was cut off
#        apply.sh --drift      names the files that were edited since their deploy;
#                              the exit status is 3 if there are any
#        apply.sh --leave PART POLICY IDENTITY HOST
#                              the part is to be no more: see leave
#
# FOLDER holds: host (its address, for messages), identity (of the resource that
# delivers), manifest (a line a thing, see manifest.ts), files (a line of base64 a
# file, in the manifest's order) and secrets-key (which of the secrets that came
# before are meant). It is removed in the end, whatever happens.
#
# Order: everything that can fail without effect comes first (system, packages,
# space, the new files checked by the programs that will read them); then the
# files are swapped, the services read them anew, and if one does not serve, the
# former files come back and the services read those. A journal on disk lets the
# next run undo a swap that was cut off.

set -eu
# What packages and the CA trust write must be readable for all; everything of
# ours lies in a folder that is root's alone.
umask 022
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# In a mount namespace of its own: shows the checked program the new folders in
# the place of the old ones, then becomes it. Called by view_of_new.
if [ "${1:-}" = --in-view ]; then
    view=$2
    folders=$3
    shift 3
    while read -r path; do
        mount --bind "$view$path" "$path"
    done <"$folders"
    exec "$@"
fi

# A session that dies must not cut the work in two: what has begun is finished.
trap '' HUP PIPE

root=/var/lib/cdktf-exchange-balancer
# The copy of this script that stays, for the boot, for questions, for the end.
script=/usr/libexec/cdktf-exchange-balancer/apply.sh
recovery=cdktf-exchange-balancer-recovery.service

say() {
    printf '[%s] %s\n' "$host" "$*" || :
}

fail() {
    say "FAILED: $*"
    exit 1
}

# The values of all the manifest's lines that begin with a word.
values() {
    sed -n "s/^$1 //p" "$manifest"
}

of_part() {
    part=$1
    state=$root/$part
    work=$state/work
    stage=$work/stage
    view=$work/view
    journal=$state/journal
    installed=$state/installed
}

# What has to be undone if this run ends before it has committed.
swapping=no
masked=''
alone=no
zone=''
# At boot the services come up after us, and must not be waited for.
booting=no

finish() {
    status=$?
    trap - EXIT
    if [ "$swapping" = yes ]; then
        say "cut off while the files were being swapped"
        [ ! -s "$work/opened" ] || close_rules "$work/opened" || :
        restore || :
        [ "$status" != 0 ] || status=1
    fi
    unmask || :
    rm -rf "$folder"
    [ "$alone" = no ] || rm -rf "$work"
    exit "$status"
}

# Two runs may come to it at once.
make_root() {
    [ -d "$root" ] || { mkdir -m 0700 "$root" 2>/dev/null && set_label "$root"; } || [ -d "$root" ]
}

# One run at a time, whichever part it is for: two would restart each other's services.
be_alone() {
    exec 9>"$root/lock"
    flock -w 600 9 || fail "another deploy has been at work here for 10 minutes; its process holds $root/lock"
    alone=yes
}

# --- the host as it is -------------------------------------------------------

check_os() {
    wanted=$(values os)
    family=${wanted% *}
    version=${wanted#* }
    # shellcheck source=/dev/null
    . /etc/os-release
    kin=" ${ID:-unknown} ${ID_LIKE:-} "
    major=${VERSION_ID:-unknown}
    major=${major%%.*}
    case "$family:$kin" in
        debian:*" debian "* | redhat:*" rhel "*) ;;
        *) fail "the profile is for the $family family, this host says it is ${PRETTY_NAME:-$ID}. Set the node's os to what it is." ;;
    esac
    [ "$major" = "$version" ] || fail "the profile is for version $version, this host says it is ${PRETTY_NAME:-$ID $VERSION_ID}. Set the node's os to what it is."
}

check_space() {
    needed=$(($(du -sk "$folder" | cut -f1) * 8 + 1024))
    for path in "$state" /etc; do
        free=$(df -Pk "$path" | awk 'NR == 2 { print $4 }')
        [ "$free" -ge "$needed" ] || fail "only $free kB are free for $path, $needed kB are needed. Nothing was changed; make room and deploy again."
    done
}

# Sets secrets to what this delivery was planned with.
find_secrets() {
    values secret >"$work/lines"
    [ -s "$work/lines" ] || return 0
    key=$(cat "$folder/secrets-key")
    secrets=$state/secrets/$key
    [ -s "$secrets" ] || fail "what was sent before for $(cut -d' ' -f3- "$work/lines" | paste -s -d ' ') is not here: this is another machine than then, or somebody removed it. Nothing was changed; change redeliver (any text) and deploy again. With instanceId a new VM is noticed."
}

# For the day when this part leaves and what was here before comes back.
remember_services() {
    touch "$state/before"
    for service in $(values service); do
        ! grep -q "^$service " "$state/before" || continue
        active=no
        ! systemctl is-active --quiet "$service" || active=yes
        enabled=no
        ! systemctl is-enabled --quiet "$service" 2>/dev/null || enabled=yes
        printf '%s %s %s\n' "$service" "$active" "$enabled" >>"$state/before"
    done
}

# --- packages ----------------------------------------------------------------

# Those of the manifest's packages that are not here, a name a line.
packages_missing() {
    values package >"$work/wanted"
    [ -s "$work/wanted" ] || return 0
    if command -v dpkg-query >/dev/null; then
        # shellcheck disable=SC2046 # one word a package
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(cat "$work/wanted") 2>/dev/null | sed -n 's/^installed //p' || :
    else
        while read -r package; do
            ! rpm -q --quiet "$package" || printf '%s\n' "$package"
        done <"$work/wanted"
    fi >"$work/here"
    grep -vxFf "$work/here" "$work/wanted" || :
}

# Services must not start with a distribution's default files: a firewall that
# comes up without this host's ssh port would shut us out.
install_packages() {
    packages_missing >"$work/missing"
    missing=$(sed 's/^/ /' "$work/missing" | tr -d '\n')
    [ -n "$missing" ] || return 0
    say "installing$missing"
    for service in $(values service) firewalld; do
        systemctl cat "$service" >/dev/null 2>&1 && continue
        systemctl mask --runtime --quiet "$service" 2>/dev/null || :
        masked="$masked $service"
    done
    if command -v apt-get >/dev/null; then
        apt-get -q -o DPkg::Lock::Timeout=300 update >"$work/packages.log" 2>&1 ||
            say "apt-get update failed, going on with the lists that are here: $(tail -n 1 "$work/packages.log")"
        # shellcheck disable=SC2086 # one word a package
        DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
            -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
            install $missing >>"$work/packages.log" 2>&1 </dev/null || packages_failed
    else
        dnf_install || packages_failed
    fi
    unmask
    changed=yes
    # They have taken some.
    check_space
}

# dnf fails altogether where one repository is out of reach, and waits for its lock in silence and for ever. Here it
# does as apt-get does: goes on without that repository, and waits for 300 s.
dnf_install() {
    began=$(date +%s)
    told=no
    while :; do
        code=0
        # shellcheck disable=SC2086 # one word a package
        dnf -y --setopt='*.skip_if_unavailable=1' --setopt=exit_on_lock=1 install $missing >"$work/packages.log" 2>&1 </dev/null || code=$?
        # 200: dnf's own lock is held. rpm's lock is not dnf's.
        if [ "$code" != 200 ] && { [ "$code" = 0 ] || ! grep -q 'transaction lock on' "$work/packages.log"; }; then break; fi
        holder=$(lock_holder)
        if [ "$(($(date +%s) - began))" -ge "$lock_limit" ]; then
            fail "cannot install$missing: $holder has held the package manager's lock for $lock_limit s. Nothing was changed. Wait for it or end it, and deploy again."
        fi
        [ "$told" = "$holder" ] || say "waiting for the package manager's lock, which $holder holds"
        told=$holder
        sleep 2
    done
    ignored=$(sed -n 's/^Ignoring repositories: //p' "$work/packages.log")
    [ -z "$ignored" ] || say "these repositories could not be read and were left out: $ignored"
    return "$code"
}

# Seconds.
lock_limit=300

# Who holds the lock: dnf names him, the kernel knows who holds rpm's.
lock_holder() {
    pid=$(sed -n 's/.*already locked by \([0-9]*\).*/\1/p' "$work/packages.log" | head -n 1)
    if [ -z "$pid" ]; then
        file=$(sed -n 's/.*transaction lock on \([^ ]*\).*/\1/p' "$work/packages.log" | head -n 1)
        inode=$(stat -c %i "$file" 2>/dev/null || echo none)
        pid=$(awk -v inode="$inode" '{ n = split($6, of, ":") } of[n] == inode { print $5; exit }' /proc/locks)
    fi
    name=$(cat "/proc/${pid:-none}/comm" 2>/dev/null || echo "another program")
    printf '"%s",pid=%s' "$name" "${pid:-unknown}"
}

packages_failed() {
    sed "s/^/    /" "$work/packages.log" | tail -n 15
    fail "cannot install$missing (see above). What ran before runs on; give this host a working package source and deploy again."
}

unmask() {
    for service in $masked; do
        systemctl unmask --runtime --quiet "$service" 2>/dev/null || :
    done
    masked=''
}

# --- the new files -----------------------------------------------------------

# The manifest has mode, user and path of each file, in the order of their contents.
stage_files() {
    mkdir -p "$stage"
    : >"$work/files"
    for kind in file secret; do
        values "$kind" >"$work/lines"
        [ -s "$work/lines" ] || continue
        contents=$folder/files
        again="Deploy again."
        if [ "$kind" = secret ]; then
            contents=$secrets
            again="Change redeliver (any text) and deploy again."
        fi
        exec 3<"$contents"
        while read -r mode user path; do
            IFS= read -r content <&3 || fail "the bundle holds no content for $path: the transfer was cut off. $again"
            [ -d "$stage${path%/*}" ] || mkdir -p "$stage${path%/*}"
            printf '%s' "$content" | base64 -d >"$stage$path" || fail "the content of $path did not arrive whole. $again"
            chmod "$mode" "$stage$path"
            printf '%s %s %s\n' "$mode" "$user" "$path" >>"$work/files"
        done <"$work/lines"
        exec 3<&-
    done
}

# What is in each of the files that are named on stdin, and whose it is: a line "sha256 mode:uid:gid path". Those
# that are not there are left out.
fingerprints() {
    there=$(while IFS= read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done)
    [ -n "$there" ] || return 0
    {
        printf '%s\n' "$there" | xargs -d '\n' sha256sum | cut -d' ' -f1
        printf '%s\n' "$there" | xargs -d '\n' stat -c '%a:%u:%g %n'
    } | awk 'NF == 1 { sum[++sums] = $1; next } { print sum[++files], $0 }'
}

recorded() {
    [ -f "$installed" ] || return 0
    awk -v path="$1" '$4 == path { print $1, $2 }' "$installed"
}

# Writes $work/changed and $work/removed, a line "user path" a file, and $work/edited, a path a line.
find_changes() {
    cut -d' ' -f3- "$work/files" | fingerprints >"$work/now"
    # Staged by root, and so read as it will be in its place.
    cut -d' ' -f3- "$work/files" | sed "s,^,$stage," | fingerprints | sed "s, $stage, ," >"$work/wanted"
    for list in changed removed edited unlisted; do : >"$work/$list"; done
    before=/dev/null
    [ ! -f "$installed" ] || before=$installed
    awk -v changed="$work/changed" -v unlisted="$work/unlisted" -v edited="$work/edited" '
        FILENAME == ARGV[1] { now[$3] = $1 " " $2; next }
        FILENAME == ARGV[2] { wanted[$3] = $1 " " $2; next }
        FILENAME == ARGV[3] { before[$4] = $1 " " $2; user[$4] = $3; known[++n] = $4; next }
        {
            listed[$3] = 1
            if (($3 in before) && before[$3] != now[$3]) print $3 >edited
            if (now[$3] != wanted[$3]) print $2, $3 >changed
        }
        END { for (i = 1; i <= n; i++) if (!(known[i] in listed)) print user[known[i]], known[i] >unlisted }
    ' "$work/now" "$work/wanted" "$before" "$work/files"
    while read -r user path; do
        [ ! -e "$path" ] || printf '%s %s\n' "$user" "$path" >>"$work/removed"
    done <"$work/unlisted"
    while read -r path; do
        say "$path was edited or removed on the host since the last deploy; it is put right, the host's version is kept in $state/edited$path"
        [ -f "$path" ] || continue
        mkdir -p "$state/edited${path%/*}"
        cp -a "$path" "$state/edited$path"
    done <"$work/edited"
}

touches() {
    grep -q "^$1 " "$work/changed" "$work/removed"
}

# A copy of every folder that has a file of ours, as it will be, under $view.
make_view() {
    { cut -d' ' -f3- "$work/files"; cut -d' ' -f2- "$work/removed"; } | while read -r path; do
        printf '%s\n' "${path%/*}"
    done | sort -u >"$work/folders"
    while read -r path; do
        make_folder "$path"
        mkdir -p "$view$path"
        cp -a "$path/." "$view$path/"
    done <"$work/folders"
    while read -r _ path; do
        cp -p "$stage$path" "$view$path"
    done <"$work/changed"
    while read -r _ path; do
        rm -f "$view$path"
    done <"$work/removed"
}

view_of_new() {
    unshare --mount sh "$0" --in-view "$view" "$work/folders" "$@"
}

# The unit may load more than haproxy.cfg: EL's loads /etc/haproxy/conf.d and has $OPTIONS, Debian's has $EXTRAOPTS.
# A file there that HAProxy refuses has to show here, and not at the reload.
check_haproxy() {
    conf=/etc/haproxy/haproxy.cfg
    # Without those that say how to run, and not what to load.
    unit_arguments haproxy | awk '
        skip { skip = 0; next }
        $0 == "-p" || $0 == "-x" { skip = 1; next }
        !/^-(W|Ws|D|db|q|V)$/' >"$work/arguments"
    loaded=$(awk '$0 == "-f" { getline; print }' "$work/arguments" | paste -s -d ' ')
    case " $loaded " in
        *" $conf "* | *" ${conf%/*} "* | *" ${conf%/*}/ "*) ;;
        *) fail "haproxy.service loads ${loaded:-no file}, and not $conf. Nothing was changed. Restore its ExecStart and its environment file (systemctl cat haproxy), and deploy again." ;;
    esac
    # shellcheck disable=SC2046 # one word a line
    set -- $(cat "$work/arguments")
    ! view_of_new haproxy -c "$@" >"$work/complaint" 2>&1 || return 0
    others=''
    for other in $loaded; do
        [ "$other" = "$conf" ] || ! grep -qF "$other" "$work/complaint" || others="$others $other"
    done
    refused "haproxy -c" "$conf${others:+ together with$others, which haproxy.service loads, too}"
}

# The arguments that a service starts its program with, a word a line: its unit's, with the variables of its
# environment and its environment files put in as systemd puts them in.
unit_arguments() {
    {
        systemctl show --property=Environment --value "$1" | xargs -r -n 1 printf '%s\n'
        systemctl show --property=EnvironmentFiles --value "$1" | sed 's/ (ignore_errors=.*//' | while read -r file; do
            [ ! -r "$file" ] || sed -n 's/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*\)=[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1=\2/p' "$file" |
                sed "s/=\"\(.*\)\"\$/=\1/; s/='\(.*\)'\$/=\1/"
        done
    } >"$work/variables"
    systemctl show --property=ExecStart --value "$1" | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | awk '
        FILENAME == ARGV[1] { at = index($0, "="); value[substr($0, 1, at - 1)] = substr($0, at + 1); next }
        {
            for (i = 2; i <= NF; i++) {
                # A variable that is a word of its own is split into words, and no other.
                if ($i ~ /^\$[A-Za-z_][A-Za-z0-9_]*$/) {
                    n = split(value[substr($i, 2)], words, " ")
                    for (j = 1; j <= n; j++) print words[j]
                    continue
                }
                rest = $i
                done = ""
                while (match(rest, /\$[{][A-Za-z_][A-Za-z0-9_]*[}]/)) {
                    done = done substr(rest, 1, RSTART - 1) value[substr(rest, RSTART + 2, RLENGTH - 3)]
                    rest = substr(rest, RSTART + RLENGTH)
                }
                print done rest
            }
        }' "$work/variables" -
}

# keepalived.conf names a script user, with which 2.2.7's -t dies (143). Who the
# user is does not matter to the check, so the copy in the view says root.
check_keepalived() {
    conf=/etc/keepalived/keepalived.conf
    loaded=$(unit_arguments keepalived | awk '$0 == "-f" || $0 == "--use-file" { getline; print } /^--use-file=/ { print substr($0, 12) } /^-f./ { print substr($0, 3) }' | tail -n 1)
    [ "${loaded:-$conf}" = "$conf" ] || fail "keepalived.service loads $loaded, and not $conf. Nothing was changed. Restore its ExecStart and its environment file (systemctl cat keepalived), and deploy again."
    sed "s/^\( *script_user\) .*/\1 root/" "$view$conf" >"$work/as-root" || return 1
    cp "$work/as-root" "$view$conf" || return 1
    view_of_new keepalived -t -f "$conf" >"$work/complaint" 2>&1 || return 1
    # 2.1.5 finds fault and exits 0 all the same; every version is silent about a good file.
    [ ! -s "$work/complaint" ]
}

# What systemd makes in /run at boot, made now: keepalived 2.3 follows no file in
# a folder that is not there, and -t refuses it.
make_run_files() {
    grep ' systemd /etc/tmpfiles\.d/' "$work/files" >"$work/tmpfiles" || return 0
    while read -r _ _ path; do
        systemd-tmpfiles --create "$stage$path" >"$work/complaint" 2>&1 || refused systemd-tmpfiles "$path"
    done <"$work/tmpfiles"
}

# HAProxy would find this out only after it has paused what it serves.
check_ports() {
    while read -r port pid name; do
        [ -z "$port" ] || [ "$name" = haproxy ] || fail "port $port is held by \"$name\",pid=$pid. Nothing was changed; stop that program, or serve another port."
    done <<LISTENERS
$(listeners)
LISTENERS
}

validate() {
    unshare --mount true || fail "cannot make a mount namespace, which the check of the new files needs"
    ! touches haproxy || check_haproxy
    if touches keepalived && ! check_keepalived; then
        refused "keepalived -t" /etc/keepalived/keepalived.conf
    fi
    if touches rsyslog && ! view_of_new rsyslogd -N1 >"$work/complaint" 2>&1; then
        refused "rsyslogd -N1" /etc/rsyslog.d/49-haproxy.conf
    fi
}

refused() {
    sed "s/^/    /" "$work/complaint"
    fail "$1 refuses the new $2 (see above). Nothing was changed and what ran before runs on."
}

# --- the last word before the swap -------------------------------------------

# What only the new files together can tell, such as whether the certificate is the one that the members present. Asked
# while the other checks run, since members may take their time; without this run's lock, since it may be left behind.
ask_before_live() {
    cat "$work/changed" "$work/removed" >"$work/news"
    (
        for asked in $(values before-live); do
            view_of_new sh "$asked" --before-live "$work/news" || { echo "${asked##*/}" >"$work/stopped-by" && exit; }
        done
        : >"$work/may-go-on"
    ) >"$work/last-word" 2>&1 </dev/null 9>&- &
}

before_live() {
    wait
    while IFS= read -r line; do say "$line"; done <"$work/last-word"
    [ -e "$work/may-go-on" ] || fail "$(cat "$work/stopped-by") stops this deploy (see above). Nothing was changed and what ran before runs on."
}

# --- the swap ----------------------------------------------------------------

copy_in_place() {
    # Said as one condition: this is called where set -e does not hold.
    if ! { make_folder "${2%/*}" && cp -p "$1" "$2.cdktf~" && chown 0:0 "$2.cdktf~" && mv -f "$2.cdktf~" "$2"; }; then
        rm -f "$2.cdktf~"
        return 1
    fi
    set_label "$2"
}

# With SELinux's labels for it, as for what a package brings: a folder made by hand has its parent's.
make_folder() {
    made=''
    missing_folder=$1
    while [ ! -d "$missing_folder" ]; do
        made=$missing_folder
        missing_folder=${missing_folder%/*}
        missing_folder=${missing_folder:-/}
    done
    [ -n "$made" ] || return 0
    mkdir -p "$1" || return 1
    set_label "$made"
}

set_label() {
    ! command -v restorecon >/dev/null || restorecon -RF "$1" 2>/dev/null || :
}

# The journal is whole on disk before the first file moves.
swap() {
    rm -rf "$state/previous"
    mkdir -p "$state/previous"
    : >"$work/journal"
    cat "$work/changed" "$work/removed" >"$work/moving"
    while read -r user path; do
        if [ -e "$path" ]; then
            mkdir -p "$state/previous${path%/*}"
            cp -a "$path" "$state/previous$path"
            printf 'restore %s %s\n' "$user" "$path" >>"$work/journal"
            if [ -z "$(recorded "$path")" ] && [ ! -e "$state/original$path" ]; then
                mkdir -p "$state/original${path%/*}"
                cp -a "$path" "$state/original$path"
            fi
        else
            printf 'remove %s %s\n' "$user" "$path" >>"$work/journal"
        fi
    done <"$work/moving"
    # What was recorded of the former files comes back together with them.
    if [ -f "$installed" ]; then
        mkdir -p "$state/previous$state"
        cp -a "$installed" "$state/previous$installed"
        printf 'restore none %s\n' "$installed" >>"$work/journal"
    else
        printf 'remove none %s\n' "$installed" >>"$work/journal"
    fi
    for service in $(values service); do
        systemctl is-active --quiet "$service" && printf 'active %s -\n' "$service" >>"$work/journal"
    done
    cp "$work/journal" "$journal.new"
    sync
    mv "$journal.new" "$journal"
    sync
    swapping=yes
    while read -r _ path; do
        copy_in_place "$stage$path" "$path"
    done <"$work/changed"
    while read -r _ path; do
        rm -f "$path"
    done <"$work/removed"
}

# Puts back what the journal names, and has the services that ran read it. Where
# that cannot be done the journal stays, for the next run to try again.
restore() {
    swapping=no
    [ -f "$journal" ] || return 0
    stuck=''
    while read -r verb _ path; do
        case "$verb" in
            restore) copy_in_place "$state/previous$path" "$path" || stuck="$stuck $path" ;;
            remove) rm -f "$path" || stuck="$stuck $path" ;;
        esac
    done <"$journal"
    if [ -n "$stuck" ]; then
        say "these files could not be put back:$stuck. The former ones are in $state/previous; make room on the disk and deploy again, which puts them back first."
        return 1
    fi
    readers=" $(sed -n 's/^\(restore\|remove\) \([^ ]*\) .*/\2/p' "$journal" | sort -u | tr '\n' ' ')"
    case "$readers" in *" trust "*) update_trust; readers="$readers haproxy " ;; esac
    case "$readers" in *" systemd "*) systemctl daemon-reload || : ;; esac
    if [ "$booting" = yes ]; then services=''; else services=$(values service); fi
    for service in $services; do
        if ! grep -q "^active $service " "$journal"; then
            systemctl stop "$service" 2>/dev/null || :
        elif ! systemctl is-active --quiet "$service"; then
            systemctl start "$service" || :
        else
            case "$readers" in *" $service "*) reload "$service" || : ;; esac
        fi
    done
    rm -f "$journal"
    say "the former files are back"
}

roll_back() {
    say "going back: $1"
    if [ -s "$work/opened" ]; then
        sort -u "$work/opened" >"$work/to-close"
        close_rules "$work/to-close"
    fi
    [ ! -f "$work/log" ] || tail -n 15 "$work/log" | sed "s/^/    /"
    say_denials "$since"
    restore || fail "$1 Not all of the former files could be put back (see above)."
    fail "$1 The former files are back in place, and what ran before runs on."
}

keep_copy() {
    cmp -s "$0" "$script" || copy_in_place "$0" "$script" || fail "$script could not be written. Nothing was changed."
}

# From here on a reboot takes the swap back before the services read half of it.
watch_over_boot() {
    keep_copy
    cat >"$work/unit" <<UNIT
# Written by cdktf-exchange-balancer.
[Unit]
Description=Take back a deploy of cdktf-exchange-balancer that was cut off
ConditionPathExistsGlob=$root/*/journal
Before=rsyslog.service haproxy.service keepalived.service

[Service]
Type=oneshot
ExecStart=/bin/sh $script --recover

[Install]
WantedBy=multi-user.target
UNIT
    cmp -s "$work/unit" "/etc/systemd/system/$recovery" && return 0
    copy_in_place "$work/unit" "/etc/systemd/system/$recovery" || fail "/etc/systemd/system/$recovery could not be written. Nothing was changed."
    # It has systemd read its units anew, too.
    systemctl enable --quiet "$recovery" 2>/dev/null || fail "$recovery could not be enabled. Nothing was changed."
}

# What was recorded is on the disk before the way back is given up.
commit() {
    cut -d' ' -f3- "$work/files" | fingerprints |
        awk 'FILENAME == ARGV[1] { user[$3] = $2; next } { print $1, $2, user[$3], $3 }' "$work/files" - >"$work/installed"
    sync
    cp "$manifest" "$state/manifest"
    cp "$folder/identity" "$state/identity"
    mv "$work/installed" "$installed"
    swapping=no
    rm -f "$journal"
    sync
    # A key that is no longer used must not lie about, not even here.
    rm -rf "$state/previous"
    settle_secrets
}

# What is newer than the secrets of this delivery, another deploy has just sent. And where a delivery has none, the
# former ones stay until the next: if the other node fails now, the way back needs them, and Terraform, in whose
# state they still are, would not send them.
settle_secrets() {
    if [ -f "$folder/secrets-key" ]; then
        cp "$folder/secrets-key" "$state/secrets-key"
        rm -f "$state/secrets/unused"
        find "$state/secrets" -type f ! -name "$key" ! -newer "$state/secrets/$key" -delete
    elif [ -e "$state/secrets/unused" ]; then
        rm -rf "$state/secrets" "$state/secrets-key"
    elif [ -d "$state/secrets" ]; then
        touch "$state/secrets/unused"
    fi
}

update_trust() {
    if command -v update-ca-trust >/dev/null; then
        update-ca-trust
    else
        update-ca-certificates >/dev/null 2>&1 || return 1
        # It does so itself only where it has added a CA.
        find -L /etc/ssl/certs -maxdepth 1 -type l -delete
    fi
}

# --- the services ------------------------------------------------------------

# rsyslog reads its rules at a start only; the other two must never be restarted.
reload() {
    if [ "$1" = rsyslog ]; then
        systemctl restart rsyslog
    else
        systemctl reload "$1"
    fi
}

journal_since() {
    journalctl --no-pager --quiet --output cat --unit "$1" --since "$2" >"$work/log" 2>/dev/null || :
}

# Who listens on the TCP ports of the manifest: a line "port pid name" for each process.
listeners() {
    values listen >"$work/ports"
    ss -Hltnp | awk '
        FILENAME == ARGV[1] { wanted[$1] = 1; next }
        {
            port = $4
            sub(/.*:/, "", port)
            if (!(port in wanted)) next
            rest = $0
            while (match(rest, /"[^"]*",pid=[0-9]+/)) {
                split(substr(rest, RSTART + 1, RLENGTH - 1), of, "\",pid=")
                print port, of[2], of[1]
                rest = substr(rest, RSTART + RLENGTH)
            }
        }' "$work/ports" - | sort -u
}

# A reload answers before the new worker serves, and an old worker listens on
# when the new one failed. So: each port must have a listener that was not there.
haproxy_serves() {
    tries=0
    while :; do
        listeners >"$work/listeners"
        waiting=$(awk '
            FILENAME == ARGV[1] { old[$1] = 1; next }
            FILENAME == ARGV[2] { if (!(("pid=" $2) in old)) served[$1] = 1; next }
            !($1 in served)' "$work/old-listeners" "$work/listeners" "$work/ports")
        if [ -z "$waiting" ] && systemctl is-active --quiet haproxy; then return 0; fi
        tries=$((tries + 1))
        [ "$tries" -lt 400 ] || return 1
        sleep 0.05
    done
}

# --- the members ---------------------------------------------------------------

# HAProxy's own account of its servers, a line "backend server status check" for
# each. Nothing where a process of $work/old-listeners answers, or none.
members() {
    # shellcheck disable=SC2016 # for the bash that is called
    timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "show info;show stat\n" >&3 && cat <&3' _ "$1" >"$work/answer" 2>/dev/null || :
    pid=$(sed -n 's/^Pid: /pid=/p' "$work/answer")
    ! grep -qxF "${pid:-none}" "$work/old-listeners" || return 0
    awk -F, '
        /^# / { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
        !("check_status" in column) || NF < 30 || $2 == "FRONTEND" || $2 == "BACKEND" { next }
        {
            split($column["status"], status, " ")
            # A server that is drained by its config is still called up.
            if (status[1] == "UP" && $column["weight"] == 0) status[1] = "DRAIN"
            check = $column["check_status"]
            sub(/^[*] /, "", check)
            code = $column["check_code"]
            print $1, $2, status[1], (check == "" || check == "INI" ? "unchecked" : check (check == "L7STS" ? "/" code : ""))
        }' "$work/answer"
}

# A line "lost|unchecked backend server check" for each member that the roll-out
# waits for: whoever was up before must be up; where something was served before,
# a backend that is new needs a member that is up; and every member is asked once.
members_awaited() {
    awk -v served="$served" '
        FILENAME == ARGV[1] { known[$1] = 1; if ($3 == "UP" && $4 != "unchecked") was_up[$1 " " $2] = 1; next }
        $3 == "MAINT" || $3 == "DRAIN" { next }
        $3 == "UP" && $4 != "unchecked" { up[$1] = 1; next }
        { missing[++n] = $1 " " $2 " " $4 }
        END {
            for (i = 1; i <= n; i++) {
                split(missing[i], is, " ")
                lost = (is[1] " " is[2]) in was_up || (served == "yes" && !(is[1] in known) && !(is[1] in up))
                if (lost) print "lost", missing[i]
                else if (is[3] == "unchecked") print "unchecked", missing[i]
            }
        }' "$work/members-before" "$work/members-now"
}

# Members and what they are missed for, in one line.
in_words() {
    awk '{ why = $3 " (" $4 ")"; if (!(why in lists)) order[++n] = why; lists[why] = lists[why] " " $2 }
        END { for (i = 1; i <= n; i++) printf "%s%s for%s", (i > 1 ? "; " : ""), order[i], lists[order[i]] }' "$1"
}

members_are_up() {
    limit=$(values members-up-within)
    stats=$(values stats-port)
    [ -n "$limit" ] || return 0
    began=$(date +%s)
    told=$began
    while :; do
        members "$stats" >"$work/members-now"
        members_awaited >"$work/awaited"
        [ -s "$work/members-now" ] && [ ! -s "$work/awaited" ] && break
        now=$(date +%s)
        if [ "$((now - began))" -ge "$limit" ]; then
            [ -s "$work/members-now" ] || return 1
            ! grep -q '^lost ' "$work/awaited" || return 1
            break
        fi
        if [ "$((now - told))" -ge 5 ]; then
            told=$now
            say "waiting for members: $(in_words "$work/awaited"), $((now - began)) s of $limit s"
        fi
        sleep 0.05
    done
    awk '$3 == "DOWN" { print "down", $1, $2, $4 }' "$work/members-now" >"$work/down"
    say "members up: $(grep -c ' UP ' "$work/members-now") of $(grep -c . "$work/members-now")$([ ! -s "$work/down" ] || printf ', down: '; in_words "$work/down")"
}

# How things stood, by the former settings, for a comparison.
members_before() {
    : >"$work/members-before"
    echo none >"$work/old-listeners"
    served=no
    systemctl is-active --quiet haproxy || return 0
    served=yes
    [ -f "$state/manifest" ] || return 0
    members "$(sed -n 's/^stats-port //p' "$state/manifest")" >"$work/members-before"
}

# keepalived starts its children after systemd has called it active, and one that is going to fail does so
# soon after it has opened its socket. Where it was only reloaded, the socket says nothing of the new files.
keepalived_settles() {
    tries=0
    while [ "$tries" -lt 20 ]; do
        sleep 0.05
        tries=$((tries + 1))
        if [ "$started" = keepalived ] && ss -Hanwp | grep -q '"keepalived"'; then
            sleep 0.3
            return
        fi
    done
}

activate() {
    started=''
    since=$(date '+%Y-%m-%d %H:%M:%S')
    if touches trust; then
        say "updating the CA trust"
        update_trust || roll_back "the CA trust could not be updated."
    fi
    if touches systemd; then
        say "systemd: reading its units"
        systemctl daemon-reload >"$work/log" 2>&1 || roll_back "systemd did not take the new units."
    fi
    for service in $(values service); do
        # Asked first: where a service has a SysV script, to enable it again takes half a second.
        [ "$(systemctl is-enabled "$service" 2>/dev/null)" = enabled ] || systemctl enable --quiet "$service" 2>/dev/null || roll_back "$service could not be enabled."
        # The trust and the files of haproxy are all read by haproxy.
        news=no
        ! touches "$service" || news=yes
        if [ "$service" = haproxy ] && touches trust; then news=yes; fi
        [ "$service" != haproxy ] || members_before
        if ! systemctl is-active --quiet "$service"; then
            say "starting $service"
            changed=yes
            systemctl reset-failed "$service" 2>/dev/null || :
            started=$service
            systemctl start "$service" >"$work/log" 2>&1 || { journal_since "$service" "$since"; roll_back "$service did not start."; }
        elif [ "$news" = yes ]; then
            say "reloading $service"
            if [ "$service" = haproxy ]; then
                listeners | sed 's/^[0-9]* \([0-9]*\) .*/pid=\1/' >>"$work/old-listeners"
            fi
            reload "$service" >"$work/log" 2>&1 || { journal_since "$service" "$since"; roll_back "$service did not take the new files."; }
        else
            continue
        fi
        if [ "$service" = haproxy ] && ! haproxy_serves; then
            journal_since haproxy "$since"
            roll_back "haproxy did not begin to serve the new files within 20 s."
        fi
        if [ "$service" = haproxy ] && ! members_are_up; then
            roll_back "with the new files, members that must be up are not after $limit s: $(in_words "$work/awaited")."
        fi
        [ "$service" != keepalived ] || keepalived_settles
        systemctl is-active --quiet "$service" || { journal_since "$service" "$since"; roll_back "$service did not stay up."; }
    done
    # keepalived, for one, takes a file that it may not read for 0 and says nothing.
    say_denials "$since"
}

# --- SELinux and the firewall --------------------------------------------------

has_selinux() {
    command -v selinuxenabled >/dev/null && selinuxenabled
}

# What SELinux has refused our programs since a time, in the kernel's words: a program that is refused a file or a
# port often says something else. auditd has it, or the journal.
say_denials() {
    has_selinux || return 0
    {
        journalctl --no-pager --quiet --output cat --since "$1" _TRANSPORT=audit 2>/dev/null || :
        ! command -v ausearch >/dev/null || ausearch --raw -m AVC,USER_AVC,SELINUX_ERR -ts recent 2>/dev/null |
            awk -v since="$(date --date "$1" +%s)" 'match($0, /audit\([0-9]+/) && substr($0, RSTART + 6, RLENGTH - 6) + 0 >= since + 0'
    } | grep -E 'denied.*(haproxy|keepalived|rsyslogd|syslogd)' | sed 's/.*avc: */avc: /' | sort -u | tail -n 10 >"$work/denials" || :
    [ -s "$work/denials" ] || return 0
    say "SELinux refused this meanwhile:"
    sed "s/^/    /" "$work/denials"
}

set_booleans() {
    has_selinux || return 0
    for name in $(values sebool); do
        case "$(getsebool "$name")" in
            *" on") ;;
            *)
                say "SELinux: turning on $name"
                setsebool -P "$name" on
                changed=yes
                ;;
        esac
    done
}

# A rule is added to the running firewall and to the permanent one: a reload
# would throw away what others have added to the running one alone.
open_firewall() {
    values ssh-port >"$work/ssh-port"
    [ -s "$work/ssh-port" ] || return 0
    if ! systemctl is-active --quiet firewalld; then
        say "starting firewalld"
        firewall-offline-cmd --query-port="$(cat "$work/ssh-port")/tcp" >/dev/null 2>&1 ||
            firewall-offline-cmd --add-port="$(cat "$work/ssh-port")/tcp" >/dev/null 2>&1 ||
            fail "the firewall could not be told of the ssh port; it was not started"
        systemctl enable --quiet firewalld 2>/dev/null || :
        systemctl start firewalld || fail "firewalld did not start: $(systemctl status --no-pager --lines 5 firewalld | tail -n 5)"
        changed=yes
    fi
    find_zone || fail "firewalld does not answer on the bus"
    wanted_rules >"$work/rules"
    touch "$state/firewall"
    for where in permanent running; do
        while read -r rule; do
            [ "$(firewalld query "$where" "$rule")" = "b true" ] || printf '%s\n' "$rule"
        done <"$work/rules" >"$work/absent"
        [ -s "$work/absent" ] || continue
        # Recorded first: a rule that is ours may be taken back by us.
        cat "$work/absent" >>"$work/opened"
        sort -u "$state/firewall" "$work/absent" >"$work/ours"
        cp "$work/ours" "$state/firewall"
        while read -r rule; do
            [ "$where" = permanent ] || say "firewall: opening ${rule#* }"
            firewalld add "$where" "$rule" >/dev/null || fail "firewalld does not take a rule: $rule"
        done <"$work/absent"
        changed=yes
    done
}

# Only what this part added and does not want any more.
close_firewall() {
    [ -s "$state/firewall" ] || return 0
    wanted_rules >"$work/rules"
    grep -vxFf "$work/rules" "$state/firewall" >"$work/unwanted" || :
    close_rules "$work/unwanted"
}

close_rules() {
    while read -r rule; do
        say "firewall: closing $rule"
        if systemctl is-active --quiet firewalld; then
            firewalld remove permanent "$rule" >/dev/null || :
            firewalld remove running "$rule" >/dev/null || :
        fi
        grep -vxF "$rule" "$state/firewall" >"$work/kept" || :
        cp "$work/kept" "$state/firewall"
        changed=yes
    done <"$1"
}

wanted_rules() {
    values port | sed 's/^/port /'
    values rich-rule | sed 's/^/rich-rule /'
}

# The default zone's permanent settings on the bus, asked for once.
find_zone() {
    [ -z "$zone" ] || return 0
    bus=org.fedoraproject.FirewallD1
    at=/org/fedoraproject/FirewallD1
    zone=$(busctl call $bus $at $bus getDefaultZone) || return 1
    zone=${zone#s \"}
    zone=$(busctl call $bus $at/config $bus.config getZoneByName s "${zone%\"}") || return 1
    zone=${zone#o \"}
    zone=${zone%\"}
}

# Asks the firewall's service itself: firewall-cmd, being Python, takes a third of a
# second a call. $1: query, add or remove; $2: permanent or running; $3: a rule as in
# the manifest. The default zone is what is meant, as by firewall-cmd.
firewalld() {
    find_zone || return 1
    method=$1
    kind=${3%% *}
    what=${3#* }
    timeout=''
    [ "$1 $2" != "add running" ] || timeout=i
    if [ "$kind" = port ]; then
        method=${method}Port
        set -- "$2" s "${what%/*}" "${what#*/}"
    else
        method=${method}RichRule
        set -- "$2" '' "$what"
    fi
    if [ "$1" = permanent ]; then
        signature=s$2
        shift 2
        busctl call "$bus" "$zone" "$bus.config.zone" "$method" "$signature" "$@"
    else
        signature=ss$2$timeout
        shift 2
        # No zone is the default one, no time is for as long as it runs.
        busctl call "$bus" "$at" "$bus.zone" "$method" "$signature" '' "$@" ${timeout:+0}
    fi
}

# --- the other things that are asked of it ----------------------------------------

# The services have not come up yet and read what is there after this.
recover() {
    host=$(uname -n)
    booting=yes
    be_alone
    for journal in "$root"/*/journal; do
        [ -f "$journal" ] || continue
        of_part "$(basename "${journal%/journal}")"
        say "the deploy of $part was cut off; its files are taken back"
        restore
        rm -rf "$work"
    done
}

drift() {
    host=$(uname -n)
    edited=no
    for record in "$root"/*/installed; do
        [ -f "$record" ] || continue
        now=$(cut -d' ' -f4- "$record" | fingerprints)
        while read -r content owner _ path; do
            if [ ! -f "$path" ]; then
                say "$path was removed"
            elif ! printf '%s\n' "$now" | grep -qxF "$content $owner $path"; then
                say "$path was edited"
            else
                continue
            fi
            edited=yes
        done <"$record"
    done
    [ "$edited" = no ] || exit 3
    say "all files are as they were deployed"
}

# No delivery of the part has ever come to its end: only what a first one has left behind is here, and nobody needs
# that, whatever the policy.
leave_unfinished() {
    if [ -f "$journal" ]; then
        # The manifest that would name the services has never been kept.
        booting=yes
        restore || fail "nothing else was done."
        while read -r service active _; do
            if [ "$active" = yes ]; then systemctl reload-or-restart "$service" || :; else systemctl stop "$service" 2>/dev/null || :; fi
        done <"$state/before"
    fi
    mkdir -p "$work"
    changed=no
    if [ -s "$state/firewall" ]; then
        cp "$state/firewall" "$work/ours"
        close_rules "$work/ours"
    fi
    forget
    say "$part: nothing of it is here"
}

# Nothing of the part is left, and with the last one nothing at all.
forget() {
    rm -rf "$state"
    ! find "$root" -mindepth 2 -maxdepth 2 \( -name manifest -o -name secrets -o -name journal \) | grep -q . || return 0
    systemctl disable --quiet "$recovery" 2>/dev/null || :
    rm -f "/etc/systemd/system/$recovery"
    systemctl daemon-reload
    rm -rf "$root" "${script%/*}"
}

# POLICY is retain (it runs on), release (it is stopped and lets go of the address)
# or destroy (release, and what was here before the first deploy comes back).
leave() {
    of_part "$1"
    policy=$2
    host=$4
    be_alone
    if [ ! -f "$state/manifest" ]; then
        leave_unfinished
        return
    fi
    if [ "$(cat "$state/identity")" != "$3" ]; then
        say "$part: left alone, another resource delivers it to this host now"
        return 0
    fi
    if [ "$policy" = retain ]; then
        say "$part: goes on as it is, nobody looks after it any more"
        return 0
    fi
    manifest=$state/manifest
    if [ -f "$journal" ]; then
        restore || fail "nothing else was done."
    fi
    mkdir -p "$work"
    changed=no
    # rsyslog is the host's; the others serve for us alone.
    for service in $(values service | grep -vx rsyslog); do
        say "stopping $service"
        systemctl disable --now --quiet "$service" 2>/dev/null || fail "$service could not be stopped"
    done
    if [ "$policy" = release ]; then
        say "$part: stopped and disabled; its files are still here"
        rm -rf "$work"
        return 0
    fi
    trusted=no
    units=no
    while read -r _ _ user path; do
        if [ -e "$state/original$path" ]; then
            say "putting back $path"
            copy_in_place "$state/original$path" "$path" || fail "$path could not be put back"
        else
            say "removing $path"
            rm -f "$path"
        fi
        [ "$user" != trust ] || trusted=yes
        [ "$user" != systemd ] || units=yes
    done <"$installed"
    [ "$trusted" = no ] || update_trust
    [ "$units" = no ] || systemctl daemon-reload
    if [ -s "$state/firewall" ]; then
        cp "$state/firewall" "$work/ours"
        close_rules "$work/ours"
    fi
    while read -r service active enabled; do
        if [ "$service" = rsyslog ] && [ "$active" = yes ]; then
            systemctl restart rsyslog || :
            continue
        fi
        [ "$enabled" = no ] || systemctl enable --quiet "$service" 2>/dev/null || say "$service could not be enabled as it was before"
        [ "$active" = no ] || systemctl start "$service" || say "$service could not be started with its former files"
    done <"$state/before"
    forget
    say "$part: removed; what was here before the first deploy is back. Packages stay."
}

# --- all of it -----------------------------------------------------------------

# Goes on as root, with the words that it is called with; the last one is FOLDER.
as_root() {
    # For what watches over the folder, in case that this run is killed.
    echo "$$" >"$folder/taken"
    host=$(cat "$folder/host")
    [ "$(id -u)" != 0 ] || return 0
    if ! command -v sudo >/dev/null; then
        rm -rf "$folder"
        fail "user $(id -un) is not root and there is no sudo here. Install sudo, or deploy as root."
    fi
    if ! sudo -n true 2>/dev/null; then
        rm -rf "$folder"
        fail "user $(id -un) may not use sudo without a password. Add \"$(id -un) ALL=(ALL) NOPASSWD: ALL\" to /etc/sudoers.d, or deploy as root."
    fi
    exec sudo -n sh "$0" "$@"
}

# Secrets come before the delivery that needs them, and more seldom. FOLDER holds host,
# manifest (part and os), secrets (a line of base64 a secret), fingerprints (the first six digits of each
# one's SHA-256) and secrets-key, the name under which they are then asked for. They lie
# here for root alone, until a delivery has committed others.
take_secrets() {
    folder=$1
    as_root --take-secrets "$folder"
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    manifest=$folder/manifest
    of_part "$(values part)"
    make_root || no_room
    be_alone
    mkdir -p "$state" "$work" || no_room
    check_os
    # What takes them away again when the host is left.
    keep_copy
    umask 077
    while read -r wanted && IFS= read -r content <&3; do
        [ "$(printf '%s' "$content" | base64 -d 2>/dev/null | sha256sum | cut -c1-6)" = "$wanted" ] || break
        printf '%s\n' "$content" || break
    done <"$folder/fingerprints" 3<"$folder/secrets" >"$work/whole" || no_room
    { cmp -s "$work/whole" "$folder/secrets" && [ "$(wc -l <"$work/whole")" = "$(wc -l <"$folder/fingerprints")" ]; } ||
        fail "the secrets did not arrive whole, or there is no room for them on the disk of $root. Nothing was changed; deploy again."
    key=$(cat "$folder/secrets-key")
    { mkdir -p "$state/secrets" && cp "$work/whole" "$state/secrets/$key~" && sync && mv -f "$state/secrets/$key~" "$state/secrets/$key"; } || no_room
    # Those of a deploy that never came to its end.
    committed=none
    [ ! -f "$state/secrets-key" ] || committed=$(cat "$state/secrets-key")
    find "$state/secrets" -type f ! -name "$key" ! -name "$committed" -delete
}

no_room() {
    fail "the secrets could not be kept: make room on the disk of $root and deploy again. Nothing was changed."
}

bring() {
    folder=$1
    as_root "$folder"
    manifest=$folder/manifest
    of_part "$(values part)"
    make_root
    mkdir -p "$state"
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    be_alone
    changed=no
    if [ -f "$journal" ]; then
        say "an earlier deploy was cut off; its files are taken back first"
        mkdir -p "$work"
        restore || fail "nothing else was done."
    fi
    rm -rf "$work"
    mkdir -p "$work"

    check_os
    check_space
    find_secrets
    remember_services
    install_packages
    stage_files
    find_changes
    make_view
    ask_before_live
    check_ports
    make_run_files
    validate
    before_live
    set_booleans
    open_firewall
    watch_over_boot
    if [ -s "$work/changed" ] || [ -s "$work/removed" ]; then
        changed=yes
        while read -r _ path; do say "writing $path"; done <"$work/changed"
        while read -r _ path; do say "removing $path"; done <"$work/removed"
        swap
    fi
    activate
    commit
    close_firewall
    if [ "$changed" = yes ]; then
        say "$part: done"
    else
        say "$part: nothing to change, nothing reloaded"
    fi
}

case "$1" in
    --recover) recover ;;
    --drift) drift ;;
    --leave)
        shift
        leave "$@"
        ;;
    --take-secrets) take_secrets "$2" ;;
    *) bring "$1" ;;
esac
