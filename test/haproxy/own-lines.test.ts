import { Place, refusedLine } from "../../lib/haproxy/own-lines-rules";
import { withOwnLines } from "../../lib/haproxy/own-lines";
import { wordsOf } from "../../lib/haproxy/words";

const taken = { acls: new Set(["admins_network", "ecp", "host_once"]), ports: new Set([25, 80, 443, 8404, 8405]) };

const GOOD: readonly (readonly [Place, string])[] = [
  ["global", "nbthread 4"], ["global", "cpu-map auto:1/1-4 0-3"], ["global", "ssl-default-bind-ciphers ECDHE-RSA-AES128-GCM-SHA256"], ["global", "log-tag mail"], ["global", "log 10.1.1.1:514 local1"],
  ["global", "stats timeout 30s"], ["global", "tune.ssl.cachesize 100000"], ["global", "lua-load /etc/haproxy/own.lua"],
  ["defaults", "option contstats"], ["defaults", "no option dontlog-normal"], ["defaults", "timeout tunnel 1h"], ["defaults", "timeout client-fin 30s"], ["defaults", "errorfile 503 /etc/haproxy/busy.http"],
  ["frontend", "http-request set-header Host mail.mydomain.local if { hdr(host) -i old.mydomain.local }"], ["frontend", "acl mine src 10.0.0.0/8"], ["frontend", "http-request silent-drop if { src 10.1.1.1 }"],
  ["frontend", "tcp-request connection reject if { src 10.66.0.0/16 }"], ["frontend", "use_backend portal if mine"], ["frontend", "bind 127.0.0.1:8081"], ["frontend", "bind :8443 ssl crt /etc/haproxy/exch.pem"],
  ["frontend", "bind 10.0.0.1:8000-8010,[2001:db8::1]:8020"], ["frontend", 'http-response set-header X "a b#c"'], ["frontend", "http-request set-var(txn.mine) src"], ["frontend", "http-request deny if { path_reg ^/a$ }"],
  ["backend", "source 10.12.8.30"], ["backend", "fullconn 900"], ["backend", "http-request set-header X-Site office"], ["backend", "timeout tarpit 5s"], ["backend", "email-alert mailers alerts"],
  ["own", "server portal 10.12.8.41:8080 check"], ["own", "mode tcp"], ["own", "bind 127.0.0.1:8081"], ["own", "peer lb01 10.12.8.11:10000"], ["own", "total-max-size 4"], ["own", "user a password $5$x"], ["own", "stats enable"], ["own", "default_backend portal"],
];

const BAD: readonly (readonly [Place, string, RegExp])[] = [
  // What begins another section, or says the unsayable.
  ...(["global", "defaults", "frontend", "backend", "own"] as const).flatMap((place) =>
    ["frontend x", "backend x", "listen x", "global", "defaults", "peers x", "userlist x", "resolvers x", "cache x", "ring x", "program x", "log-forward x", "http-errors x", "crt-store x", "fcgi-app x", "traces"].map((line) => [place, line, /begins another section/] as const)),
  ...["'frontend' x", '"frontend" x', "\\x66rontend x", "fronte\\nd x", ".if 1", "#x", "Frontend x", "_x", "1x", "", "$x", "@x"].map((line) => ["frontend", line, /does not begin with a keyword/] as const),
  ...["http-request set-header X \"$PATH\"", "http-request set-header X \"a", "http-request set-header X 'a", "http-request deny # if x", "acl a path a\\"].map((line) => ["frontend", line, /open quote/] as const),
  ["frontend", `acl a path ${"a".repeat(1000)}`, /1000 characters/], ["frontend", `acl a path${" a".repeat(70)}`, /64 words/],
  // What this library promises.
  ...["user root", "group root", "uid 0", "gid 0", "chroot /", "daemon", "no daemon", "stats socket /tmp/x level admin", "stats 'socket' /tmp/x", "stats \\x73ocket /tmp/x", "noreuseport", "maxconn 9", "hard-stop-after 1s", "tune.bufsize 9", "ssl-server-verify none", "external-check", "insecure-fork-wanted", "nbproc 2", "unix-bind prefix /x", "debug"].map((line) => ["global", line, /./] as const),
  ...["mode tcp", "default_backend be_exch2019_ecp", "bind *:443", "bind :443", "bind *:25 name x", "bind 10.0.0.1:20-30", "bind 10.0.0.1:8081,:80", "bind ipv4@*:443", "bind [::]:443", "bind :::443", "bind /tmp/socket", "bind unix@/tmp/x", "bind abns@x", "bind fd@3", "bind \"*:443\"", "bind *:4\\43",
    "bind *:8081 accept-proxy", "acl admins_network src 0.0.0.0/0", "acl 'ecp' always_false", "acl host\\_once always_true", "stick-table type ip size 1", "http-reuse always", "no option http-keep-alive", "option httpclose", "option 'httpclose'", "option http-server-close", "option accept-invalid-http-request",
    "option forwardfor", "no option forwardfor", "http-request set-path /ecp", "http-request set-uri /ecp", "http-request replace-path (.*) /ecp", "http-request \"set-path\" /ecp", "http-request normalize-uri path-merge-slashes", "http-request set-src hdr(x)", "http-request set-src-port int(1)", "tcp-request connection set-src hdr(x)",
    "tcp-request connection expect-proxy layer4", "http-request set-var(txn.directory) str(ecp)", "http-request set-var-fmt(txn.path) x", "http-request unset-var(txn.refused)", "http-request set-var(TXN.sni) str(x)", "http-request add-acl(/etc/haproxy/haproxy_ecp_whitelist.lst) %[src]",
    "http-request del-acl(/etc/haproxy/haproxy_smtp_whitelist.lst) 1", "http-request \"add-acl(/etc/haproxy/haproxy_ecp_whitelist.lst)\" %[src]", "reqrep ^(.*)$ x", "reqirep a b", "rspdel x", "log-format x", "timeout client 1h", "timeout http-request 1h", "maxconn 5", "disabled", "monitor-uri /owa", "stats enable", "stats uri /x",
    "declare capture request len 5", "tcp-request inspect-delay 1m", "cookie X insert", "default-server ssl verify none"].map((line) => ["frontend", line, /./] as const),
  ...["server x 10.1.1.1:1", "server-template x 1 y:1", "default-server no-check", "balance random", "hash-type map-based", "option httpchk", "option tcp-check", "http-check expect status 403", "tcp-check connect", "cookie X", "http-reuse safe", "option prefer-last-server", "mode http", "timeout server 1s", "retries 9", "stats enable", "http-request set-path /ecp", "dispatch 10.1.1.1:1", "option redispatch", "load-server-state-from-file global"].map((line) => ["backend", line, /./] as const),
  ...["mode tcp", "option httpclose", "timeout client 1s", "retries 0", "maxconn 1", "option redispatch 0", "http-reuse always", "default-server verify none", "balance source", "default_backend x"].map((line) => ["defaults", line, line.startsWith("balance") ? /^$/ : /./] as const).filter(([, line]) => !line.startsWith("balance")),
  ...["bind :443", "bind 0.0.0.0:8404", "default_backend be_exch2019_ecp", "use_backend be_exch2019_%[src] if TRUE", "use_backend \"be_exch2019_ecp\""].map((line) => ["own", line, /./] as const),
];

test.each(GOOD)("the section %s accepts the user's own line: %s", (place, line) => {
  expect(refusedLine(line, place, taken)).toBeUndefined();
});

test.each(BAD)("the section %s refuses the user's own line: %s", (place, line, why) => {
  expect(refusedLine(line, place, taken)).toMatch(why);
});

test.each([
  ["a b  c", ["a", "b", "c"]], ["a 'b c' \"d e\"", ["a", "b c", "d e"]], ["a b\\ c", ["a", "b c"]], ["a \\x41\\n'\\n'", ["a", "A\n\\n"]], ["a ''", ["a", ""]], ["a '$X' $X \"\\$X\"", ["a", "$X", "$X", "$X"]],
  ["a 'b", undefined], ['a "b', undefined], ["a \\", undefined], ["a #b", undefined], ["a b#c", undefined], ['a "#b"', ["a", "#b"]], ['a "$X"', undefined],
])("the line %j is split into words as HAProxy splits it: %j", (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});

test("own lines come after the library's lines of the same kind, and before the lines that select a backend", () => {
  const text = "frontend f\n    bind *:1\n    tcp-request connection reject if a\n\n    tcp-request content reject if b\n\n    http-request deny if c\n\n    # choice\n    use_backend d if e\n\n    default_backend g\n";
  const own = ["use_backend mine if h", "http-request deny if i", "acl j src 10.0.0.1", "tcp-request content reject if k", "tcp-request connection reject if l"];
  expect(withOwnLines(text, own)).toBe(`frontend f
    bind *:1
    tcp-request connection reject if a
    # your own lines
    acl j src 10.0.0.1
    tcp-request connection reject if l

    tcp-request content reject if b
    # your own lines
    tcp-request content reject if k

    http-request deny if c

    # your own lines
    http-request deny if i
    # choice
    use_backend d if e

    default_backend g
    # your own lines
    use_backend mine if h
`);
  expect(withOwnLines(text, [])).toBe(text);
  expect(withOwnLines(text, undefined)).toBe(text);
});
