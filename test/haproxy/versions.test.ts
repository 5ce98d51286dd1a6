import { MemberState } from "../../lib/choices/member-state";
import { PathStrictness } from "../../lib/choices/path-strictness";
import { answerLines, borderAnswers } from "../../lib/haproxy/border";
import { HAPROXY_FEATURES, HaproxyVersion } from "../../lib/haproxy/versions";
import { renderHaproxyCfg } from "../../lib/haproxy/render";
import { BRIDGE, TCP, SMTP, model } from "../support/haproxy-model";

// What each version is told of requests, sizes and silence. That it does what it is told: test/lab/requests-loopback.lab.ts.

const VERSIONS = Object.keys(HAPROXY_FEATURES) as HaproxyVersion[];
const SINCE = (first: HaproxyVersion): HaproxyVersion[] => VERSIONS.slice(VERSIONS.indexOf(first));
const text = (version: HaproxyVersion, change: Parameters<typeof model>[1] = {}): string => renderHaproxyCfg(model(version, change));
const saying = (line: string, change: Parameters<typeof model>[1] = {}): HaproxyVersion[] => VERSIONS.filter((version) => text(version, change).includes(`    ${line}\n`));

test("on every HAProxy version, both values of pathStrictness refuse ambiguous requests before haproxy.cfg chooses a backend", () => {
  for (const pathStrictness of [PathStrictness.STRICT, PathStrictness.LENIENT]) {
    for (const version of VERSIONS) {
      const lines = text(version, { https: { ...BRIDGE, pathStrictness } }).split("\n").map((line) => line.trim());
      const at = (line: string): number => lines.indexOf(line);
      const refused = at("http-request deny deny_status 400 if { var(txn.refused) -m found }");
      for (const before of [
        "http-request set-var(txn.refused) str(host) unless host_once host_plain", "http-request set-var(txn.refused) str(url) unless url_path || url_plain",
        "http-request set-var(txn.refused) str(body) if length_given !length_plain || length_given !length_digits",
        "http-request set-var(txn.refused) str(body) if chunks_given !chunks_plain || chunks_given !chunks_only || chunks_given HTTP_1.0",
        "http-request set-var(txn.refused) str(body) if length_given !length_plain || length_given !length_digits", "http-request set-var(req.method) method,lower", "http-request set-var(txn.refused) str(method) if METH_CONNECT || !{ var(req.method) -m reg ^[a-z0-9_-]+$ }", "http-request del-header Upgrade", "http-request del-header Connection",
        "http-request set-var(txn.refused) str(encoding) if path_beyond_ascii path_not_utf8 || path_beyond_ascii path_lookalike", "http-request set-var(txn.rule) var(txn.refused) if { var(txn.refused) -m found }",
      ]) {
        expect([before, at(before) > 0 && at(before) < refused]).toEqual([before, true]);
      }
      expect(at("http-response deny if { status 101 }")).toBeGreaterThan(0);
      expect(at("use_backend be_exch2019_owa if owa")).toBeGreaterThan(refused);
    }
  }
});

test("on every HAProxy version, haproxy.cfg refuses a header with a control character", () => {
  expect(saying("http-request set-var(txn.refused) str(header) if { req.hdrs -m reg [^[:print:]\\t\\r\\n\\x80-\\xff] }")).toEqual(VERSIONS);
});

test("every HAProxy version forwards only the path and the query of a URL: HAProxy 1.8 with two variables, and newer versions with pathq", () => {
  expect(saying("http-request set-uri %[pathq] if url_plain")).toEqual(SINCE("2.2"));
  expect(saying("http-request set-uri %[path]?%[var(txn.query)] if url_plain { var(txn.query) -m found }")).toEqual(["1.8"]);
});

test("the setting that limits a TLS handshake is `timeout client-hs` for HAProxy 3.0 and newer, and `timeout client` for older versions", () => {
  expect(saying("timeout client-hs 15s")).toEqual(SINCE("3.0"));
  expect(saying("timeout client 111s")).toEqual(VERSIONS.slice(0, VERSIONS.indexOf("3.0")));
  expect(saying("timeout client 5s", { https: { ...BRIDGE, clientTimeout: "5s" } })).toEqual(VERSIONS);
  expect(saying("tcp-request content reject unless { req.ssl_hello_type 1 }", { https: TCP })).toEqual(VERSIONS);
});

test("with SSL bridging, haproxy.cfg raises tune.bufsize for large headers on every HAProxy version; in TCP mode it does not", () => {
  expect(saying("tune.bufsize 86016")).toEqual(VERSIONS);
  expect(saying("tune.bufsize 86016", { https: TCP })).toEqual([]);
});

test("a frontend gets a share of the node's maxconn, unless a mail service sets maxconn for its frontend; by default, one client address may use half of a frontend's connections", () => {
  const frontends = (change: Parameters<typeof model>[1]): string[][] =>
    [...text("2.6", change).matchAll(/^frontend (\S+)$([^]*?)^$/gm)].map(([, name = "", body = ""]) => [name, /maxconn (\d+)/.exec(body)?.[1] ?? ""]);
  const imap = { ...SMTP, name: "imap", port: 143, greeting: "imap" } as const;
  expect(frontends({ mail: [] })).toEqual([["fe_exch2019", "4000"]]);
  expect(frontends({ mail: [SMTP, imap] })).toEqual([["fe_exch2019", "3000"], ["fe_exch2019_smtp", "1000"], ["fe_exch2019_imap", "1000"]]);
  expect(frontends({ https: TCP, mail: [SMTP, { ...imap, maxconn: 1900 }] })).toEqual([["fe_exch2019_redirect", "400"], ["fe_exch2019", "3000"], ["fe_exch2019_smtp", "1000"], ["fe_exch2019_imap", "1900"]]);
  expect([...text("2.6", { mail: [SMTP] }).matchAll(/sc0_conn_cur gt (\d+)/g)].map(([, most]) => most)).toEqual(["1500", "1000"]);
  expect(saying("tcp-request connection reject if { sc0_conn_cur gt 40 }", { limits: { connections: 40 } })).toEqual(VERSIONS);
  expect(saying("tcp-request connection track-sc0 src,ipmask(32,64)")).toEqual(SINCE("2.2"));
});

test("for HAProxy 3.2 and newer, haproxy.cfg sets tune.lua.bool-sample-conversion before the first lua-load line", () => {
  const monitoring = { address: "10.0.0.1", port: 9101, allowFile: "/etc/haproxy/monitoring.lst", password: false, statusPageWritable: false };
  const lines = "tune.lua.bool-sample-conversion normal\n    lua-load /etc/haproxy/exchange-balancer.lua";
  expect(saying(lines, { monitoring })).toEqual(SINCE("3.2"));
  expect(saying("tune.lua.bool-sample-conversion normal")).toEqual([]);
});

test("HAProxy 3.0 and newer can be transparent without being root", () => {
  expect(VERSIONS.filter((version) => HAPROXY_FEATURES[version].keepsCapabilities)).toEqual(SINCE("3.0"));
});

test("with HAProxy 2.2 and newer, haproxy.cfg prevents HAProxy from changing upper and lower case in header names", () => {
  expect(saying("option h1-case-adjust-bogus-client")).toEqual(SINCE("2.2"));
  expect(saying("option h1-case-adjust-bogus-server")).toEqual(SINCE("2.2"));
  expect(saying("h1-case-adjust x-responsecode X-ResponseCode")).toEqual(SINCE("2.2"));
});

test("HAProxy 2.2, and no other version, logs connections without data, because HAProxy 2.2 treats unreadable requests as such connections", () => {
  expect(saying("no option dontlognull")).toEqual(["2.2"]);
});

test('on every HAProxy version, a mail check accepts a server that answers "too many sessions"', () => {
  expect(saying("tcp-check expect rstring ^(220|421\\ 4.3.2\\ The\\ max)", { mail: [SMTP] })).toEqual(VERSIONS);
  expect(saying("tcp-check expect rstring ^([*]\\ OK|[*]\\ BYE\\ Connection\\ is\\ closed.\\ 10)", { mail: [{ ...SMTP, greeting: "imap" }] })).toEqual(VERSIONS);
  expect(saying("tcp-check expect rstring ^([+]OK|-ERR\\ BYE\\ Connection\\ refused)", { mail: [{ ...SMTP, greeting: "pop3" }] })).toEqual(VERSIONS);
  expect(saying("tcp-check connect default linger", { mail: [SMTP] })).toEqual(SINCE("2.2"));
});

test("HAProxy ends a member's TCP sessions if the member goes down and its prop `state` is READY, and ends a backup member's TCP sessions if an ordinary member is up again", () => {
  const [first] = model("2.6").members;
  const servers = (change: object, more: readonly object[] = [], https: typeof TCP | typeof BRIDGE = TCP): string[] =>
    text("2.6", { https, mail: [SMTP], members: [{ ...first, ...change }, ...more.map((one, index) => ({ ...first, name: `exch0${index + 2}`, ...one }))] as never }).split("\n").filter((line) => line.includes(" server "));
  expect(servers({}).filter((line) => line.endsWith(" on-marked-down shutdown-sessions"))).toHaveLength(2);
  for (const state of [MemberState.DRAIN, MemberState.MAINTENANCE]) expect(servers({ state }).join()).not.toContain("on-marked-down");
  const two = servers({}, [{ backup: true }]);
  expect(two.filter((line) => /exch01 .* on-marked-up shutdown-backup-sessions$/.test(line))).toHaveLength(2);
  expect(two.filter((line) => /exch02 .* backup$/.test(line))).toHaveLength(2);
  expect(saying("option allbackups", { members: [first, { ...first, name: "exch02", backup: true }] as never })).toEqual(VERSIONS);
  // A request in flight may still be answered by a member whose health page says no.
  expect(servers({}, [], BRIDGE).filter((line) => line.includes(":443")).join()).not.toContain("on-marked-down");
});

test("a border proxy replaces every error page of HAProxy: HAProxy has one for status 404 since version 2.2, and one for status 431 since version 3.2", () => {
  for (const version of VERSIONS) {
    const files = borderAnswers(HAPROXY_FEATURES[version]).map(({ path }) => /border-(\d+)[.]http$/.exec(path)?.[1]);
    expect(files.includes("431")).toBe(SINCE("3.2").includes(version));
    expect(files.includes("404")).toBe(SINCE("2.2").includes(version));
    expect(answerLines(HAPROXY_FEATURES[version])).toEqual(files.map((status) => `errorfile ${status} /etc/haproxy/border-${status}.http`));
  }
});
