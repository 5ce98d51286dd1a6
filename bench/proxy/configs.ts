import { App, Testing, TerraformStack } from "cdktf";
import { BalancingMode, BorderAccess, BorderMode, BorderProxy, ExchangeDag, HaproxyNode, Monitoring, OsProfile, Publication, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";

const NAME = "mail.lab.test";

/** Where everything is in the bench's container. No host has such an address, so the library refuses it: hosts get it afterwards. */
const LOOPBACK: Readonly<Record<string, string>> = { "198.18.0.1": "127.0.0.1", "198.18.0.2": "127.0.0.2", "198.18.0.3": "127.0.0.3", "198.18.1.1": "127.0.1.1", "198.18.1.2": "127.0.1.2" };
const MEMBERS = ["127.0.1.1", "127.0.1.2"];
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK49QMyRvP2tHlBO61SLEl3xyKF2nHvaw7H6tVTMM013";

/** As much as a container may have files open. */
const COMMON = { hostKey: HOST_KEY, os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(), maxconn: 400 };

const dagOf = (stack: TerraformStack): ExchangeDag =>
  new ExchangeDag(stack, "Dag", {
    clientNames: [NAME],
    members: ["198.18.1.1", "198.18.1.2"].map((host, index) => ({ name: `exch0${index + 1}`, host })),
    mailProtocols: [],
  });

/** A stack's files, by host and path. */
function written(stack: TerraformStack): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const local = (content: string): string => content.replace(/198\.18\.\d+\.\d+/g, (address) => LOOPBACK[address] ?? address);
  return new Map(hostFiles(Testing.synth(stack)).map(({ host, files }) =>
    [LOOPBACK[host] ?? host, new Map(files.filter(({ secret }) => !secret).map(({ path, content }) => [path, local(content)]))]));
}

/** What the library writes for two members on loopback: haproxy.cfg and the files beside it. */
export function generated({ monitored = false } = {}): ReadonlyMap<string, string> {
  const stack = new TerraformStack(new App(), "Bench");
  new HaproxyNode(stack, "Node", {
    ...COMMON,
    host: "198.18.0.1",
    dag: dagOf(stack),
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }) }),
    allow: { ecp: ["10.0.0.0/8"], owa: ["127.0.0.0/8"] },
    ...(monitored ? { monitoring: Monitoring.prometheus({ allow: ["127.0.0.0/8"] }) } : {}),
  });
  return written(stack).get("127.0.0.1") ?? new Map();
}

/** What the library writes for a border proxy and the balancer behind it, which takes its clients on a port of its own. */
export function generatedBorder(): { readonly inner: ReadonlyMap<string, string>; readonly border: ReadonlyMap<string, string> } {
  const stack = new TerraformStack(new App(), "Bench");
  const cert = SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" });
  const mode = BalancingMode.sslBridge({ cert });
  // On loopback every proxy's own address is 127.0.0.1.
  new HaproxyNode(stack, "Node", { ...COMMON, host: "198.18.0.1", dag: dagOf(stack), mode, border: BorderAccess.from({ addresses: ["198.18.0.1"] }) });
  const { hostKey, ...common } = COMMON;
  new BorderProxy(stack, "Border", {
    ...common,
    innerAddresses: ["198.18.0.3"],
    clientNames: [NAME],
    mode: BorderMode.sslBridge({ cert }),
    publish: [Publication.outlook(), Publication.mobile(), Publication.webmail()],
    master: { host: "198.18.0.2", hostKey },
  });
  const hosts = written(stack);
  return { inner: hosts.get("127.0.0.1") ?? new Map(), border: hosts.get("127.0.0.2") ?? new Map() };
}

/** The smallest config that bridges the same name to the same members and looks at their certificate. */
const BY_HAND = `global
    maxconn 400
    user haproxy
    group haproxy
defaults
    mode http
    timeout connect 10s
    timeout client 15m
    timeout server 15m
frontend https
    bind *:443 ssl crt /etc/haproxy/exch.pem
    default_backend exchange
backend exchange
    option httpchk GET /owa/healthcheck.htm
${MEMBERS.map((host, index) => `    server exch0${index + 1} ${host}:443 check ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt verifyhost ${NAME} sni str(${NAME})`).join("\n")}
`;

/** The same config with a log line for each request, as the article has it and as an administrator needs it. */
const BY_HAND_WITH_LOG = BY_HAND.replace("global\n", "global\n    log 127.0.0.1:514 local0\n").replace(
  "    mode http\n",
  "    mode http\n    log global\n    option httplog\n",
);

const without = (cfg: string, ...lines: readonly RegExp[]): string => {
  const left = cfg.split("\n").filter((line) => !lines.some((unwanted) => unwanted.test(line))).join("\n");
  if (left === cfg) throw new Error(`no line of the generated config matches ${lines.join(", ")}, so this variant of the bench is out of date`);
  return left;
};

/** What keeps Host and User-Agent for the log. */
const CAPTURE = /declare capture|http-request capture/;
const LOG = new RegExp(`^ {4}log |log-format|${CAPTURE.source}`);

/** The same lines to the same rsyslog, one packet for each line instead of a TCP stream from a buffer. */
const byUdp = (cfg: string): string => without(cfg.replace("ring@syslog format rfc3164 local0", "127.0.0.1:514 local0"), /rsyslog|rfc3164|maxlen|size 4194304/).replace(/^ring syslog\n[^]*?\n(?=defaults)/m, "");

/** A haproxy.cfg, and the other configs that it is compared with. */
export interface Variant {
  readonly cfg: string;
  readonly against: readonly { readonly name: string; readonly aim?: true }[];
}

/** The compared configs. To measure the cost of a part, the generated config is compared with the same config without this part. */
export function variants(cfg: string, monitored: string): ReadonlyMap<string, Variant> {
  const part = (...lines: readonly RegExp[]): Variant => ({ cfg: without(cfg, ...lines), against: [{ name: "generated" }] });
  return new Map<string, Variant>([
    ["by-hand", { cfg: BY_HAND, against: [] }],
    ["by-hand-with-log", { cfg: BY_HAND_WITH_LOG, against: [{ name: "by-hand" }] }],
    ["generated", { cfg, against: [{ name: "by-hand-with-log", aim: true }, { name: "by-hand", aim: true }] }],
    ["generated-without-log", { cfg: without(cfg, LOG), against: [{ name: "by-hand", aim: true }, { name: "generated" }] }],
    ["generated-udp-log", { cfg: byUdp(cfg), against: [{ name: "generated" }] }],
    ["generated-log-httplog", { cfg: without(cfg, CAPTURE).replace(/^( *)log-format .*$/m, "$1option httplog"), against: [{ name: "generated" }] }],
    // Scraped each second, on both paths; Prometheus asks every 10 s.
    ["generated-monitored", { cfg: monitored, against: [{ name: "generated" }] }],
    ["generated-without-path-rules", part(/path_/, /deny unless/)],
    ["generated-without-headers", part(/(set|del)-header|forwardfor/)],
    ["generated-without-allow-lists", part(/_network/)],
    ["generated-without-reuse-never", part(/http-reuse never/)],
  ]);
}

/** The members: a fast HAProxy instead of Exchange, so that the bench measures the balancer. */
export const MEMBERS_CFG = `global
    maxconn 400
defaults
    mode http
    timeout connect 5s
    timeout client 5m
    timeout server 5m
frontend members
${MEMBERS.map((host) => `    bind ${host}:443 ssl crt /etc/haproxy/exch.pem alpn http/1.1`).join("\n")}
    http-request return status 200 content-type text/plain string "${"x".repeat(1000)}"
`;

/** One hop that terminates TLS, and tells the balancer behind it the client's address: no rule, a line in the log. */
const PLAIN_HOP = `# ask 127.0.0.2
global
    maxconn 400
    user haproxy
    group haproxy
    log 127.0.0.1:514 local0
defaults
    mode http
    log global
    option httplog
    timeout connect 10s
    timeout client 15m
    timeout server 15m
frontend https
    bind 127.0.0.2:443 ssl crt /etc/haproxy/exch.pem
    default_backend balancer
backend balancer
    server inner 127.0.0.3:8443 send-proxy-v2 check ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt verifyhost ${NAME} sni str(${NAME})
`;

/** Nothing stands before the balancer: a process that nobody asks, so that each variant has one. */
const NO_HOP = "frontend nobody\n    mode tcp\n    timeout client 1m\n    bind 127.0.0.9:9\n";

/** What stands before the balancer. */
export function hops(border: string): ReadonlyMap<string, string> {
  const beside = border.replace(/bind \*:/g, "bind 127.0.0.2:").replaceAll("127.0.0.1:8404", "127.0.0.2:8404").replaceAll("/var/lib/haproxy/stats", "/var/lib/haproxy/stats-border");
  return new Map([["none", NO_HOP], ["plain", PLAIN_HOP], ["border", `# ask 127.0.0.2\n${beside}`]]);
}
