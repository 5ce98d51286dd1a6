#!/bin/sh
# Runs inside a container without a network: two members on loopback and what else stands still in background/, one HAProxy
# before them, wrk before that, and
# rsyslog with the generated rules for whoever logs. Writes "ROUND VARIANT KIND REQUESTS_PER_SECOND P99_MS
# CPU_US_PER_REQUEST ERRORS" for each run. $1: rounds, $2: seconds a run, $3: connections. A variant whose first line is
# "# ask ADDRESS" is asked there.
set -eu
here=/bench
install -d /etc/haproxy /var/lib/haproxy
cp "$here"/files/* /etc/haproxy/
cd /run
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.lab.test -addext subjectAltName=DNS:mail.lab.test \
    -keyout key.pem -out cert.pem 2>/dev/null
cat cert.pem key.pem >/etc/haproxy/exch.pem
cat cert.pem >>/etc/ssl/certs/ca-certificates.crt
for cfg in "$here"/background/*.cfg; do haproxy -D -f "$cfg"; done
rsyslogd -f /etc/haproxy/49-haproxy.conf -i /run/rsyslog.pid

# User and system time of the variant's HAProxy so far, in hundredths of a second.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$(cat /run/balancer.pid)/stat"
}

for round in $(seq "$1"); do
    for kind in keep-alive new; do
        for cfg in "$here"/variants/*.cfg; do
            : >/var/log/haproxy.log
            haproxy -D -p /run/balancer.pid -f "$cfg"
            address=$(sed -n '1s/^# ask //p' "$cfg")
            url="https://${address:-127.0.0.1}:443/owa/"
            # A new member serves nobody before its first good check.
            for attempt in 1 2 3 4 5 6 7 8; do
                wrk -t1 -c1 -d1s -H "Host: mail.lab.test" "$url" >/run/wrk.out 2>&1 || :
                grep -q 'Requests/sec' /run/wrk.out && ! grep -qE 'Non-2xx|Socket errors' /run/wrk.out && break
                [ "$attempt" -lt 8 ] || { cat /run/wrk.out >&2; exit 1; }
            done
            header="Connection: keep-alive"
            [ "$kind" = new ] && header="Connection: close"
            scraper=''
            case "$cfg" in
                *monitored.cfg)
                    # shellcheck disable=SC2016 # for the bash that is called
                    bash -c 'while :; do for path in metrics metrics/exchange; do
                        exec 3<>/dev/tcp/127.0.0.1/9101 && printf "GET /%s HTTP/1.0\r\n\r\n" "$path" >&3 && cat <&3 >/run/scraped; done; sleep 1; done' &
                    scraper=$!
                    ;;
            esac
            before=$(ticks)
            wrk -t1 -c"$3" -d"$2s" --latency -H "Host: mail.lab.test" -H "$header" "$url" >/run/wrk.out 2>&1 || cat /run/wrk.out >&2
            awk -v round="$round" -v variant="$(basename "$cfg" .cfg)" -v kind="$kind" -v ticks="$(($(ticks) - before))" '
                /99%/ { p99 = $2; factor = p99 ~ /us$/ ? 0.001 : p99 ~ /ms$/ ? 1 : 1000; sub(/[a-z]+$/, "", p99) }
                /requests in/ { requests = $1 }
                /Requests\/sec/ { rate = $2 }
                /Non-2xx|Socket errors/ { errors = errors $0 }
                END { print round, variant, kind, rate, p99 * factor, ticks * 10000 / requests, errors == "" ? "-" : errors }' /run/wrk.out
            [ -z "$scraper" ] || kill "$scraper"
            kill "$(cat /run/balancer.pid)"
            sleep 0.5
        done
    done
done
# Who logs must have logged, else its cost was not measured.
[ -s /var/log/haproxy.log ] || [ -s /var/log/haproxy-notice.log ] || { echo "rsyslog has written nothing" >&2; exit 1; }
