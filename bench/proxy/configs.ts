import { App, Testing, TerraformStack } from "cdktf";
import { BalancingMode, BorderAccess, BorderMode, BorderProxy, ExchangeDag, HaproxyNode, Monitoring, OsProfile, Publication, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";

const NAME = "mail.lab.test";

/**
 * Maps each address in the stack to a loopback address in the bench's container. The library refuses loopback addresses,
 * so the bench fills them in after synthesis.
 */
const LOOPBACK: Readonly<Record<string, string>> = { "198.18.0.1": "127.0.0.1", "198.18.0.2": "127.0.0.2", "198.18.0.3": "127.0.0.3", "198.18.1.1": "127.0.1.1", "198.18.1.2": "127.0.1.2" };
const MEMBERS = ["127.0.1.1", "127.0.1.2"];
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK49QMyRvP2tHlBO61SLEl3xyKF2nHvaw7H6tVTMM013";

/** Props of all nodes. maxconn is as high as the container's limit of open files allows. */
const COMMON = { hostKey: HOST_KEY, os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(), maxconn: 400 };

const dagOf = (stack: TerraformStack): ExchangeDag =>
  new ExchangeDag(stack, "Dag", {
    clientNames: [NAME],
    members: ["198.18.1.1", "198.18.1.2"].map((host, index) => ({ name: `exch0${index + 1}`, host })),
    mailProtocols: [],
  });

/**
 * The files of a stack: host -> path -> content. Secret files are left out, and the stack's addresses are replaced with
 * loopback addresses.
 */
function written(stack: TerraformStack): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const local = (content: string): string => content.replace(/198\.18\.\d+\.\d+/g, (address) => LOOPBACK[address] ?? address);
  return new Map(hostFiles(Testing.synth(stack)).map(({ host, files }) =>
    [LOOPBACK[host] ?? host, new Map(files.filter(({ secret }) => !secret).map(({ path, content }) => [path, local(content)]))]));
}

/** The files that the library writes for a balancer of two members on loopback. */
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

/** The files that the library writes for a border proxy and the balancer behind it. */
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

/**
 * The smallest hand-written config that bridges NAME to the same members as the generated config, and verifies the
 * members' certificate.
 */
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

/** The hand-written config with a log line for each request, as in the article. */
const BY_HAND_WITH_LOG = BY_HAND.replace("global\n", "global\n    log 127.0.0.1:514 local0\n").replace(
  "    mode http\n",
  "    mode http\n    log global\n    option httplog\n",
);

const without = (cfg: string, ...lines: readonly RegExp[]): string => {
  const left = cfg.split("\n").filter((line) => !lines.some((unwanted) => unwanted.test(line))).join("\n");
  if (left === cfg) throw new Error(`no line of the generated config matches ${lines.join(", ")}, so this variant of the bench is out of date`);
  return left;
};

/** Matches the lines that capture Host and User-Agent for the log. */
const CAPTURE = /declare capture|http-request capture/;
const LOG = new RegExp(`^ {4}log |log-format|${CAPTURE.source}`);

/** The config with the same log lines by UDP, one packet for each line, instead of a buffered TCP stream. */
const byUdp = (cfg: string): string => without(cfg.replace("ring@syslog format rfc3164 local0", "127.0.0.1:514 local0"), /rsyslog|rfc3164|maxlen|size 4194304/).replace(/^ring syslog\n[^]*?\n(?=defaults)/m, "");

/** A haproxy.cfg to measure. `against` has the names of the configs with which the bench compares it. */
export interface Variant {
  readonly cfg: string;
  readonly against: readonly { readonly name: string; readonly aim?: true }[];
}

/**
 * The configs to compare. The cost of a part is measured by comparing the generated config with the same config without
 * this part.
 */
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

/**
 * The config of the members: a fast HAProxy instead of Exchange, so that the bench measures the balancer and not
 * Exchange.
 */
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

/**
 * A plain HAProxy in front of the balancer: it terminates TLS, passes on the client's address, logs each request, and has
 * no rules.
 */
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

/**
 * The config of the extra HAProxy in the variant "none". In this variant, clients connect to the balancer directly, so
 * the extra HAProxy gets no requests. It runs only because the bench starts one extra HAProxy for each variant.
 */
const NO_HOP = "frontend nobody\n    mode tcp\n    timeout client 1m\n    bind 127.0.0.9:9\n";

/**
 * The configs of the compared variants: nothing in front of the balancer ("none"), a plain HAProxy in front of it, and
 * the border proxy in front of it.
 */
export function hops(border: string): ReadonlyMap<string, string> {
  const beside = border.replace(/bind \*:/g, "bind 127.0.0.2:").replaceAll("127.0.0.1:8404", "127.0.0.2:8404").replaceAll("/var/lib/haproxy/stats", "/var/lib/haproxy/stats-border");
  return new Map([["none", NO_HOP], ["plain", PLAIN_HOP], ["border", `# ask 127.0.0.2\n${beside}`]]);
}
