import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  Balance,
  BalancingMode,
  CertificateMismatch,
  Duration,
  Failover,
  HealthCheck,
  MailProtocol,
  OsProfile,
  PathStrictness,
  SslBridgeCert,
  TlsPolicy,
  VirtualDirectory,
} from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { Case, balancerStack, synth, variable } from "./support/site";

// Each case is a folder below golden/ with the files of both hosts, as they
// land there; the lab feeds the same files to the real programs.
// UPDATE_GOLDEN=1 writes them anew: review the diff.

const ALL = [
  OsProfile.ALMALINUX_8,
  OsProfile.ALMALINUX_9,
  OsProfile.ALMALINUX_10,
  OsProfile.DEBIAN_11,
  OsProfile.DEBIAN_12,
  OsProfile.DEBIAN_13,
];
const DEBIANS = [OsProfile.DEBIAN_11, OsProfile.DEBIAN_12, OsProfile.DEBIAN_13];

const CASES: { readonly [name: string]: { readonly systems: readonly OsProfile[]; readonly site: Case } } = {
  "article-ssl-bridge": { systems: ALL, site: {} },
  "article-tcp": { systems: ALL, site: { balancer: { mode: BalancingMode.tcp() } } },
  "fast-failover": { systems: DEBIANS, site: { balancer: { mode: BalancingMode.tcp(), failover: Failover.fast() } } },
  "active-active": {
    systems: DEBIANS,
    site: {
      balancer: {
        mode: BalancingMode.tcp(),
        virtualAddresses: ["10.12.8.15/24"],
        virtualIpv6Addresses: ["2001:db8:8::15/64"],
        activeActive: { virtualAddresses: ["10.12.8.16/24"], virtualIpv6Addresses: ["2001:db8:8::16/64"], virtualRouterId: 234 },
        masterVrrpAddress: "10.12.8.111",
        backupVrrpAddress: "10.12.8.112",
        backupInterface: "ens224",
        notifyCommand: "/bin/true",
        failover: Failover.lan({
          advertisementInterval: Duration.millis(20),
          checkInterval: Duration.seconds(2),
          preemptDelay: Duration.seconds(30),
          yieldWithoutMembers: true,
          garpRepeat: 3,
          garpRefresh: Duration.minutes(5),
        }),
      },
    },
  },
  "no-preemption": {
    systems: [OsProfile.DEBIAN_11],
    site: { balancer: { mode: BalancingMode.tcp(), failover: Failover.fast({ preempt: false, multicast: true }) } },
  },
  "everything-served": {
    systems: DEBIANS,
    site: {
      dag: {
        mailProtocols: [
          MailProtocol.smtp({ balance: Balance.LEASTCONN, idleTimeout: Duration.minutes(5) }),
          MailProtocol.submission(),
          MailProtocol.imap({ port: 1143, memberPort: 143 }),
          MailProtocol.imaps(),
          MailProtocol.pop3(),
          MailProtocol.pop3s(),
        ],
        virtualDirectories: [
          VirtualDirectory.autodiscover(),
          VirtualDirectory.mapi({ serverTimeout: Duration.minutes(5), balance: Balance.LEASTCONN }),
          VirtualDirectory.rpc(),
          VirtualDirectory.owa({ connectTimeout: Duration.millis(1500) }),
          VirtualDirectory.activeSync(),
          VirtualDirectory.ecp(),
          VirtualDirectory.ews(),
          VirtualDirectory.oab(),
          VirtualDirectory.powerShell(),
        ],
        healthCheckInterval: Duration.seconds(5),
        members: Array.from({ length: 16 }, (_, index) => ({ name: `exch${index + 1}`, host: `10.12.9.${index + 1}`, weight: index })),
      },
      balancer: {
        timeouts: { connect: Duration.seconds(5), client: Duration.hours(1), server: Duration.hours(1), queue: Duration.seconds(30) },
        retries: 1,
        maxconn: 20_000,
        healthPort: 8405,
        virtualAddresses: ["10.12.8.15/24", "10.12.8.16"],
        backupInterface: "ens224",
        masterPriority: 200,
        backupPriority: 199,
        instanceName: "MAIL_VIP",
      },
    },
  },
  "several-certificates": {
    systems: DEBIANS,
    site: {
      balancer: (stack) => ({
        mode: BalancingMode.sslBridge({
          cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"], expiryWarningDays: 14 }),
          sniCerts: [
            {
              cert: SslBridgeCert.fromPemFile(stack, "Autodiscover", { path: "autodiscover.pem", rootCas: ["mydomain-root.ca", "other-root.ca"] }),
              names: ["Autodiscover.mydomain.local"],
            },
          ],
          onCertificateMismatch: CertificateMismatch.WARN,
        }),
      }),
    },
  },
  // On every system: what each version is told where the settings are not the article's.
  "offload-hardened": {
    systems: ALL,
    site: {
      dag: {
        members: [
          { name: "exch01", host: "10.12.8.21", verifyName: "exch01.mydomain.local" },
          { name: "exch02", host: "exch02.mydomain.local" },
        ],
        healthCheckFall: 2,
        healthCheckRise: 4,
        virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.of("/api", { healthPath: "/owa/healthcheck.htm" })],
      },
      balancer: (stack) => ({
        mode: BalancingMode.sslOffload({
          cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
          tlsPolicy: TlsPolicy.INTERMEDIATE,
          pathStrictness: PathStrictness.LENIENT,
          http2: true,
        }),
        limits: { connections: 200, connectionsPer10s: 100 },
      }),
    },
  },
  "tcp-verified": {
    systems: ALL,
    site: {
      dag: { mailProtocols: [MailProtocol.imaps(), MailProtocol.pop3()] },
      balancer: {
        mode: BalancingMode.tcp({
          healthCheck: HealthCheck.httpGet("/mapi/healthcheck.htm"),
          rootCas: { root: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
        }),
      },
    },
  },
  "only-outlook": {
    systems: DEBIANS,
    site: {
      dag: { mailProtocols: [], virtualDirectories: [VirtualDirectory.mapi(), VirtualDirectory.autodiscover()] },
      balancer: (stack) => ({
        mode: BalancingMode.sslBridge({
          cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
          redirectToHttps: false,
          responseHeaders: { "X-Frame-Options": "DENY", Server: "it's {mail}; #1" },
          clientTimeout: Duration.minutes(1),
        }),
        allow: {},
      }),
    },
  },
};

const GOLDEN = join(__dirname, "golden");
const update = process.env.UPDATE_GOLDEN === "1";

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describe.each(Object.entries(CASES))("%s", (name, { systems, site }) => {
  test.each(systems.map((os) => [os.name, os] as const))("on %s is what the golden files say", (_, os) => {
    const { stack } = balancerStack({
      ...site,
      balancer: (within) => ({ ...(typeof site.balancer === "function" ? site.balancer(within) : site.balancer), os }),
    });
    const folder = join(GOLDEN, name, os.name.toLowerCase().replace(" ", "-"));
    const hosts = hostFiles(synth(stack));
    // The backup's haproxy files are the master's, which a test below makes sure of.
    const rendered = hosts.flatMap(({ host, files }) => {
      const role = host === "10.12.8.11" ? "master" : "backup";
      return files
        .filter(({ path }) => role === "master" || /keepalived|tmpfiles/.test(path))
        .filter(({ secret, content }) => !secret && !content.startsWith("${"))
        .map(({ path, content }) => ({ file: join(folder, role, path), content }));
    });
    if (update) {
      rmSync(folder, { recursive: true, force: true });
      for (const { file, content } of rendered) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
    expect(filesBelow(folder)).toEqual(rendered.map(({ file }) => file).sort());
    for (const { file, content } of rendered) expect(content).toBe(readFileSync(file, "utf8"));
  });
});

test("every folder below golden/ belongs to a case", () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(Object.keys(CASES).sort());
});

test("both hosts differ in keepalived.conf alone, and there in state and priority alone", () => {
  const [backup, master] = hostFiles(synth(balancerStack().stack));
  const text = (files: readonly { path: string; content: string }[] = []): Map<string, string> =>
    new Map(files.map(({ path, content }) => [path, content]));
  const [ofMaster, ofBackup] = [text(master?.files), text(backup?.files)];
  const different = [...ofMaster].filter(([path, content]) => ofBackup.get(path) !== content).map(([path]) => path);
  expect(different).toEqual(["/etc/keepalived/keepalived.conf"]);
  const lines = (files: Map<string, string>): string[] => (files.get("/etc/keepalived/keepalived.conf") ?? "").split("\n");
  expect(lines(ofMaster).filter((line) => !lines(ofBackup).includes(line))).toEqual(["    state MASTER", "    priority 100"]);
});

test("a value that is a token stands in the file as the expression that Terraform will fill in", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({ master: { host: variable(within, "lb01") }, allow: { smtp: [variable(within, "relay")] } }),
  });
  const master = hostFiles(synth(stack)).find(({ host }) => host === "${var.lb01}");
  expect(master?.files.find(({ path }) => path.endsWith("smtp_whitelist.lst"))?.content).toBe("${var.relay}\n");
});
