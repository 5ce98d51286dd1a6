import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { BalancingMode, Failover, OsProfile, SslBridgeCert, VirtualDirectory } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { type Case, balancerStack, synth } from "../support/site";
import { hasWarning } from "./golden";
import { SUITES } from "./suites";
import { validate } from "./validate";

// What the constructs take at the most, the real programs take, too.

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
/** A name of 253 characters. */
const longName = (index: number): string => `n${String(index).padStart(3, "0")}.${many(4, () => "x".repeat(61)).join(".")}`.slice(0, 253);
const LONGEST_PROGRAM = `/usr/local/sbin/${"p".repeat(200)}/${"q".repeat(200)}/`.padEnd(512, "r");

test.each(SUITES)("the longest lists and names are accepted by the programs of %s", async (suite) => {
  const names = many(100, longName);
  const site: Case = {
    dag: {
      clientNames: names,
      members: many(16, (index) => ({ name: `exch${index}`, host: `10.12.9.${index + 1}`, weight: 1 })),
      virtualDirectories: many(100, (index) => VirtualDirectory.of(`/directory-${index}`)),
    },
    balancer: (stack) => ({
      mode: BalancingMode.sslBridge({
        cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
        sniCerts: [{ cert: SslBridgeCert.fromPemFile(stack, "Sni", { path: "sni.pem" }), names: names.slice(1) }],
      }),
      virtualAddresses: many(20, (index) => `10.12.8.${index + 100}/24`),
      os: { bullseye: OsProfile.DEBIAN_11, bookworm: OsProfile.DEBIAN_12, trixie: OsProfile.DEBIAN_13 }[suite],
      failover: Failover.fast(),
      notifyCommand: LONGEST_PROGRAM,
    }),
  };
  expect(await judged(site, suite)).toEqual({ haproxy: { status: 0, warned: false }, keepalived: 0 });
}, 300_000);

async function judged(site: Case, suite: (typeof SUITES)[number]): Promise<object> {
  const folder = mkdtempSync(path.join(tmpdir(), "exlab-limits-"));
  try {
    const { files } = hostFiles(synth(balancerStack(site).stack)).find(({ host }) => host === "10.12.8.11") ?? { files: [] };
    for (const { path: file, content, mode, secret } of files) {
      if (secret) continue; // The check puts a certificate in its place.
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), content, { mode: Number.parseInt(mode, 8) });
    }
    const { haproxy, keepalived } = await validate(suite, folder);
    if (haproxy.status !== 0 || keepalived.status !== 0) process.stdout.write(`${haproxy.output.slice(0, 1500)}\n${keepalived.output.slice(0, 1500)}\n`);
    return { haproxy: { status: haproxy.status, warned: hasWarning(haproxy) }, keepalived: keepalived.status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
