import { App, Testing, TerraformStack } from "cdktf";
import { BalancingMode, ExchangeDag, HaproxyNode, OsProfile, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";

const MEMBERS = ["127.0.1.1", "127.0.1.2"];
const NAME = "mail.lab.test";

/** What the library writes for two members on loopback: haproxy.cfg and the files beside it. */
export function generated(): ReadonlyMap<string, string> {
  const stack = new TerraformStack(new App(), "Bench");
  new HaproxyNode(stack, "Node", {
    host: "127.0.0.1",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK49QMyRvP2tHlBO61SLEl3xyKF2nHvaw7H6tVTMM013",
    dag: new ExchangeDag(stack, "Dag", {
      clientNames: [NAME],
      members: MEMBERS.map((host, index) => ({ name: `exch0${index + 1}`, host })),
      mailProtocols: [],
    }),
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }) }),
    os: OsProfile.DEBIAN_12,
    ssh: SshAccess.agent(),
    // As much as a container may have files open.
    maxconn: 400,
    allow: { ecp: ["10.0.0.0/8"], owa: ["127.0.0.0/8"] },
  });
  const [host] = hostFiles(Testing.synth(stack));
  return new Map(host?.files.filter(({ secret }) => !secret).map(({ path, content }) => [path, content]));
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

const without = (cfg: string, ...lines: readonly RegExp[]): string => {
  const left = cfg.split("\n").filter((line) => !lines.some((unwanted) => unwanted.test(line))).join("\n");
  if (left === cfg) throw new Error(`nothing of the generated config is ${lines.join(", ")}: the bench measures what is no more`);
  return left;
};

/** Name -> haproxy.cfg. The first is what the others are held against. */
export function variants(cfg: string): ReadonlyMap<string, string> {
  return new Map([
    ["by-hand", BY_HAND],
    ["by-hand-reuse-never", BY_HAND.replace("backend exchange\n", "backend exchange\n    http-reuse never\n")],
    ["generated", cfg],
    ["generated-without-path-rules", without(cfg, /path_/)],
    ["generated-without-reuse-never", without(cfg, /http-reuse never/)],
    ["generated-without-log", without(cfg, /^ {4}log /)],
    ["generated-without-headers", without(cfg, /(set|del)-header/)],
  ]);
}

/** The members: a fast HAProxy instead of Exchange, so that the balancer is what is measured. */
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
