#!/bin/sh
# Runs inside a container without a network: two members on loopback, one HAProxy before them, wrk before that.
# Writes "ROUND VARIANT KIND REQUESTS_PER_SECOND P99_MS ERRORS" for each run. $1: rounds, $2: seconds a run.
set -eu
here=/bench
install -d /etc/haproxy /var/lib/haproxy
cp "$here"/files/* /etc/haproxy/
cd /run
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.lab.test -addext subjectAltName=DNS:mail.lab.test \
    -keyout key.pem -out cert.pem 2>/dev/null
cat cert.pem key.pem >/etc/haproxy/exch.pem
cat cert.pem >>/etc/ssl/certs/ca-certificates.crt
haproxy -D -f "$here/members.cfg"
for round in $(seq "$1"); do
    for kind in keep-alive new; do
        for cfg in "$here"/variants/*.cfg; do
            haproxy -D -p /run/balancer.pid -f "$cfg"
            sleep 1.5
            header="Connection: keep-alive"
            [ "$kind" = new ] && header="Connection: close"
            wrk -t1 -c32 -d"$2s" --latency -H "$header" https://127.0.0.1:443/owa/ >/run/wrk.out 2>&1 || cat /run/wrk.out >&2
            awk -v round="$round" -v variant="$(basename "$cfg" .cfg)" -v kind="$kind" '
                /99%/ { p99 = $2; factor = p99 ~ /us$/ ? 0.001 : p99 ~ /ms$/ ? 1 : 1000; sub(/[a-z]+$/, "", p99) }
                /Requests\/sec/ { rate = $2 }
                /Non-2xx|Socket errors/ { errors = errors $0 }
                END { print round, variant, kind, rate, p99 * factor, errors == "" ? "-" : errors }' /run/wrk.out
            kill "$(cat /run/balancer.pid)"
            sleep 0.5
        done
    done
done
