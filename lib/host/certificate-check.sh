#!/bin/sh
# Written by cdktf-exchange-balancer. Compares the certificate of this balancer with the certificates of the Exchange
# members. If the certificates differ and Exchange uses Extended Protection, clients get endless password prompts.
#
# usage: certificate-check                     for Nagios and similar: prints a line that begins with OK, WARNING or
#                                              CRITICAL, then details; exit status 0, 1 or 2
#        certificate-check --metrics           prints metrics for Prometheus' textfile collector
#        certificate-check --before-live NEWS  for a deploy, which makes the new files visible at their final paths:
#                                              exit status 1 stops the deploy. NEWS is a file with the names of the
#                                              files that have changed: lines "user path".
#
# This script reads certificate-check.conf, but no private key. Any user can run it: it connects to this balancer and to
# the members to get their certificates (on port 443, unless certificate-check.conf names another port for the members).
# With --before-live, it reads this balancer's certificates from the files instead.

set -u
export LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

conf=/etc/haproxy/certificate-check.conf
purpose=${1:-}
news=${2:-/dev/null}

values() {
    sed -n "s/^$1 //p" "$conf"
}

work=$(mktemp -d) || exit 3
relay=''
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bundle=$(values trust)

# Called if the deploy changes CAs. Builds the CA bundle that the host will have after the deploy, and sets $bundle to
# it.
new_trust() {
    bundle=$work/bundle
    if command -v update-ca-certificates >/dev/null; then
        # This reads the files from which update-ca-certificates makes its bundle. update-ca-certificates itself also
        # runs hooks and makes links, which takes a second.
        {
            sed -n 's,^[^#!],/usr/share/ca-certificates/&,p' /etc/ca-certificates.conf
            find -L /usr/local/share/ca-certificates -type f -name '*.crt'
        } | while IFS= read -r ca; do [ ! -f "$ca" ] || printf '%s\n' "$ca"; done | tr '\n' '\0' | xargs -0 awk 1 >"$bundle" 2>/dev/null
        [ -s "$bundle" ]
    else
        trust extract --format=pem-bundle --filter=ca-anchors --purpose=server-auth --overwrite "$bundle"
    fi
}

# The members of a border proxy expect a PROXY header, which openssl cannot send. So this script starts a haproxy of its
# own, the relay, which sends the header. The relay listens on one Unix socket for each member, in a folder that only
# this user can read.
start_relay() {
    {
        printf 'defaults\n    mode tcp\n    retries 0\n    timeout connect 10s\n    timeout client 12s\n    timeout server 12s\n'
        number=0
        while read -r _ host _; do
            number=$((number + 1))
            printf 'listen member%s\n    bind unix@%s/at-%s\n    server member %s:%s init-addr last,libc,none send-proxy-v2\n' "$number" "$work" "$number" "$host" "$port"
        done <"$work/members"
    } >"$work/relay.cfg"
    # haproxy is started in /, because it does not start in a folder that it cannot return to, such as root's home.
    (cd / && exec haproxy -q -db -f "$work/relay.cfg") >/dev/null 2>&1 &
    relay=$!
    tries=0
    while [ ! -S "$work/at-$number" ] && [ "$tries" -lt 50 ] && kill -0 "$relay" 2>/dev/null; do
        tries=$((tries + 1))
        sleep 0.1
    done
}

# Fetches the certificate for NAME with its chain, and writes it to FILE. Fetches it from HOST on PORT, or through the
# relay (at-NUMBER is the relay's socket for a member).
# usage: fetch HOST|at-NUMBER NAME FILE [PORT]
fetch() {
    case "$1" in
        at-*) set -- -unix "$work/$1" "$2" "$3" ;;
        *:*) set -- -connect "[$1]:$4" "$2" "$3" ;;
        *) set -- -connect "$1:$4" "$2" "$3" ;;
    esac
    fetch_from "$@"
}

fetch_from() {
    timeout 10 openssl s_client "$1" "$2" -servername "$3" -showcerts </dev/null 2>/dev/null |
        sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' >"$4"
    [ -s "$4" ]
}

# Reads the certificate in the file $1. Sets subject, sha256, expires (Unix time in seconds) and expires_on. Sets named
# to yes if the certificate contains the name $2. openssl is called only once, because its start takes most of the time.
# Its exit status is ignored, because some versions fail if the certificate does not contain the name.
look_at() {
    openssl x509 -in "$1" -noout -subject -nameopt RFC2253 -enddate -fingerprint -sha256 -checkhost "$2" >"$work/seen" 2>/dev/null || :
    subject=''
    sha256=''
    expires=0
    expires_on=''
    named=no
    described='nothing that openssl can read'
    while IFS= read -r line; do
        case "$line" in
            subject=*)
                subject=${line#subject=}
                subject=${subject# }
                ;;
            notAfter=*) expires=${line#notAfter=} ;;
            *Fingerprint=*) sha256=${line#*=} ;;
            *"does match"*) named=yes ;;
        esac
    done <"$work/seen"
    [ -n "$sha256" ] || return 1
    expires=$(date -u -d "$expires" '+%s %Y-%m-%d') || return 1
    expires_on=${expires#* }
    expires=${expires% *}
    described="$subject, SHA-256 $sha256, expires $expires_on"
}

# Prints why the balancers would mark the member with this certificate as down. Prints nothing if they would accept it.
objection() {
    # These options stop openssl from using CAs that are not in the bundle. Newer versions of OpenSSL look for CAs in
    # more places, and need more options.
    case "$(cat "$work/version")" in
        "OpenSSL 1."*) only='-no-CApath' ;;
        *) only='-no-CApath -no-CAstore' ;;
    esac
    # shellcheck disable=SC2086 # one word an option
    openssl verify -CAfile "$bundle" $only -untrusted "$1" -purpose sslserver -verify_hostname "$2" "$1" >"$1.verified" 2>&1 && return 0
    reason=$(sed -n 's/^.*error [0-9]* at [0-9]* depth lookup: *//p' "$1.verified" | head -n 1)
    # If openssl has printed no such line, prints the first line of its output. One cause: openssl could not read the
    # bundle.
    echo "${reason:-$(head -n 1 "$1.verified")}"
}

# Reads a member's certificate for NAME (look_at), and finds why the balancers would refuse it (objection). The result
# is stored and used again, because most members have the same certificate.
judge() {
    judged=$work/judged-$2
    if cmp -s "$1" "$judged" 2>/dev/null; then
        { read -r sha256 && read -r expires && read -r expires_on && IFS= read -r described && IFS= read -r why; } <"$judged.said"
        return
    fi
    look_at "$1" "$2" || :
    why=$(objection "$1" "$2")
    cp "$1" "$judged"
    printf '%s\n' "$sha256" "$expires" "$expires_on" "$described" "$why" >"$judged.said"
}

# Reports a problem with this balancer's certificate for NAME. In a deploy, a problem with the certificate of another
# web site stops the deploy only if the deploy changes this certificate. Otherwise it is only a warning, because mail
# must not wait for another web site.
# usage: trouble NAME SENTENCE
trouble() {
    [ "$purpose" = --before-live ] || { problem "$2"; return; }
    pem=$(values present | awk -v name="$1" '$1 == name && $4 == "other" { print $2; exit }')
    if [ -n "$pem" ] && ! grep -qF " $pem" "$news"; then warning "$2"; else problem "$2"; fi
}

problem() { printf '%s\n' "$*" >>"$work/problems"; }
warning() { printf '%s\n' "$*" >>"$work/warnings"; }
detail() { printf '%s\n' "$*" >>"$work/details"; }
metric() { printf '%s\n' "$*" >>"$work/metrics"; }
: >"$work/problems"
: >"$work/warnings"
: >"$work/details"
: >"$work/metrics"

if [ "$purpose" = --before-live ] && grep -q '^trust ' "$news"; then
    new_trust || problem "the bundle of trusted CAs could not be built"
fi

# The members are asked in the background, all at the same time, because the wait for a member that does not answer is
# 10 s.
openssl version >"$work/version" &
asked=$!
values member >"$work/members"
port=$(values port)
port=${port:-443}
proxy=$(values proxy)
[ -z "$proxy" ] || start_relay
number=0
while read -r _ at _; do
    number=$((number + 1))
    for name in $(values ask); do
        if [ -n "$proxy" ]; then
            fetch "at-$number" "$name" "$work/member-$number-$name" &
        else
            fetch "$at" "$name" "$work/member-$number-$name" "$port" &
        fi
        asked="$asked $!"
    done
done <"$work/members"

# --- this balancer's certificates ---------------------------------------------

# Sets $file to a file with the certificate that clients get from this balancer for the name $1.
presented() {
    file=$work/own-$1
    [ -e "$file" ] && return 0
    if [ "$purpose" = --before-live ]; then
        # Copies only the certificates, and not the private key.
        pem=$(values present | awk -v name="$1" '$1 == name { print $2; exit }')
        sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' "$pem" >"$file"
    else
        fetch 127.0.0.1 "$1" "$file" 443 || :
    fi
}

# Prints how many days before its expiry the check warns about the certificate of a name. Each certificate can have its
# own number.
warn_days() {
    days=$(values present | awk -v name="$1" '$1 == name { print $3; exit }')
    echo "${days:-$(values warn-days)}"
}

now=$(date +%s)
for name in $(values present | cut -d' ' -f1); do
    presented "$name"
    if ! look_at "$file" "$name"; then
        if [ "$purpose" = --before-live ] || [ -s "$file" ]; then
            trouble "$name" "this balancer presents no certificate for $name"
        else
            problem "haproxy does not answer on port 443 of this balancer (see systemctl status haproxy), so its certificate for $name could not be compared"
        fi
        continue
    fi
    printf '%s' "$sha256" >"$file.sha256"
    detail "this balancer for $name: $described"
    metric "exchange_balancer_certificate_expiry_timestamp_seconds{presenter=\"balancer\",name=\"$name\"} $expires"
    [ "$named" = yes ] || trouble "$name" "the certificate that clients get for $name is not valid for this name"
    if [ "$expires" -le "$now" ]; then
        trouble "$name" "the certificate for $name has expired"
    elif [ "$expires" -le "$((now + $(warn_days "$name") * 86400))" ]; then
        warning "the certificate for $name expires on $expires_on"
    fi
done

# --- the members' certificates --------------------------------------------------

# Waits for the answers, but not for the relay, which never ends by itself.
# shellcheck disable=SC2086 # one word a process
wait $asked
ready=0
compared=0
number=0
while read -r member at state; do
    number=$((number + 1))
    [ "$state" != ready ] || ready=$((ready + 1))
    answered=yes
    for name in $(values ask); do
        theirs=$work/member-$number-$name
        presented "$name"
        if [ ! -s "$theirs" ]; then
            answered=no
            detail "$member ($at) for $name: no answer on port $port"
            [ "$state" != ready ] || warning "$member ($at) does not answer on port $port, so its certificate could not be compared"
            continue
        fi
        judge "$theirs" "$name"
        detail "$member ($at, $state) for $name: $described"
        metric "exchange_balancer_certificate_expiry_timestamp_seconds{presenter=\"$member\",name=\"$name\"} $expires"
        # If the balancer's own certificate is unknown, no mismatch is reported.
        own=$(cat "$file.sha256" 2>/dev/null || :)
        same=1
        [ "$sha256" = "$own" ] || same=0
        [ -z "$own" ] || metric "exchange_balancer_certificate_matches{member=\"$member\",name=\"$name\",state=\"$state\"} $same"
        metric "exchange_balancer_certificate_verifies{member=\"$member\",name=\"$name\",state=\"$state\"} $([ -z "$why" ] && echo 1 || echo 0)"
        # A drained member may have another certificate than the balancer, because members are drained while their
        # certificate is renewed.
        [ "$state" = ready ] || continue
        [ "$same" = 1 ] || [ -z "$own" ] || problem "$member presents another certificate than this balancer for $name"
        [ -z "$why" ] || problem "the certificate of $member for $name does not verify: $why"
    done
    if [ "$state" = ready ] && [ "$answered" = yes ]; then compared=$((compared + 1)); fi
done <"$work/members"

# --- the certificates of the servers of other web sites ------------------------------

# Checks a server of another web site. This does not happen before a deploy, because mail must not wait for another web
# site. Such a server may have another certificate than the balancer: HAProxy only requires that the certificate is
# trusted and contains the name. If one of the two is missing, HAProxy marks the server as down.
look_at_server() {
    theirs=$work/server-$1
    if [ ! -s "$theirs" ]; then
        detail "$2 ($3) for $5: no answer on port $4"
        warning "$2 ($3) does not answer on port $4, so its certificate could not be checked"
        return
    fi
    judge "$theirs" "$5"
    detail "$2 ($3) for $5: $described"
    metric "exchange_balancer_certificate_expiry_timestamp_seconds{presenter=\"$2 $3\",name=\"$5\"} $expires"
    metric "exchange_balancer_certificate_verifies{member=\"$2 $3\",name=\"$5\",state=\"ready\"} $([ -z "$why" ] && echo 1 || echo 0)"
    if [ -n "$why" ]; then
        problem "the certificate of $2 ($3) for $5 does not verify: $why"
    elif [ "$expires" -le "$((now + $(warn_days "$5") * 86400))" ]; then
        warning "the certificate of $2 ($3) for $5 expires on $expires_on"
    fi
}

if [ "$purpose" != --before-live ]; then
    values server >"$work/servers"
    number=0
    asked=''
    while read -r _ at its name; do
        number=$((number + 1))
        fetch "$at" "$name" "$work/server-$number" "$its" &
        asked="$asked $!"
    done <"$work/servers"
    # shellcheck disable=SC2086 # one word a process
    [ -z "$asked" ] || wait $asked
    number=0
    while read -r server at its name; do
        number=$((number + 1))
        look_at_server "$number" "$server" "$at" "$its" "$name"
    done <"$work/servers"
fi

# Stops the deploy if it brings a new certificate that could not be compared with any member's. A deploy without a new
# certificate continues, because it must be possible while Exchange is down.
if [ "$purpose" = --before-live ] && [ "$ready" -gt 0 ] && [ "$compared" = 0 ]; then
    for pem in $(values present | awk '$4 != "other" { print $2 }' | sort -u); do
        if grep -q " $pem\$" "$news"; then
            problem "no member answers, so the new certificate could not be compared with theirs"
            break
        fi
    done
fi

# --- the result -------------------------------------------------------------------

sort -u "$work/warnings" -o "$work/warnings"
in_one_line() {
    paste -s -d ';' "$1" | sed 's/;/; /g'
}

case "$purpose" in
    --metrics)
        for name in expiry_timestamp_seconds matches verifies; do
            grep -q "_certificate_$name{" "$work/metrics" || continue
            printf '# TYPE exchange_balancer_certificate_%s gauge\n' "$name"
            grep "_certificate_$name{" "$work/metrics"
        done
        exit 0
        ;;
    --before-live)
        if [ ! -s "$work/problems" ]; then
            sed 's/^/certificates: /' "$work/warnings"
            exit 0
        fi
        cat "$work/details" "$work/problems" "$work/warnings"
        [ "$(values mismatch)" = warn ] || exit 1
        echo "continuing, because onCertificateMismatch is WARN"
        exit 0
        ;;
esac
if [ -s "$work/problems" ]; then
    printf 'CRITICAL: %s\n' "$(in_one_line "$work/problems")"
    status=2
elif [ -s "$work/warnings" ]; then
    printf 'WARNING: %s\n' "$(in_one_line "$work/warnings")"
    status=1
else
    printf 'OK: %s of %s members present this certificate\n' "$compared" "$(grep -c . "$work/members")"
    status=0
fi
cat "$work/details"
exit "$status"
