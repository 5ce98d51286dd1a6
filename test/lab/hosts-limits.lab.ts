import { BalancingMode, Failover, OsProfile, SslBridgeCert, VirtualDirectory } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { type Case, balancerStack, synth } from "../support/site";
import { toolsRoot } from "./root-fs";
import { DEBIANS, type Debian, PROFILES } from "./suites";
import { validate } from "./validate";

// What the constructs take at the most, the real programs take, too.

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
/** A host name of 253 characters, the longest that DNS allows. */
const longName = (index: number): string => `n${String(index).padStart(3, "0")}.${many(4, () => "x".repeat(61)).join(".")}`.slice(0, 253);
const LONGEST_PROGRAM = `/usr/local/sbin/${"p".repeat(200)}/${"q".repeat(200)}/`.padEnd(512, "r");

test.each(DEBIANS)("HAProxy and keepalived of %s accept the longest lists and names that the props allow", async (debian) => {
  const names = many(100, longName);
  const site: Case = {
    dag: {
      clientNames: names,
      members: many(16, (index) => ({ name: `exch${index}`, host: `10.12.9.${index + 1}`, weight: 1 })),
      virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.ecp(), ...many(98, (index) => VirtualDirectory.of(`/directory-${index}`))],
    },
    balancer: (stack) => ({
      mode: BalancingMode.sslBridge({
        cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
        sniCerts: [{ cert: SslBridgeCert.fromPemFile(stack, "Sni", { path: "sni.pem" }), names: names.slice(1) }],
      }),
      virtualAddresses: many(20, (index) => `10.12.8.${index + 100}/24`),
      os: OsProfile[PROFILES[debian]],
      failover: Failover.fast(),
      notifyCommand: LONGEST_PROGRAM,
    }),
  };
  expect(await refusedOf(site, debian)).toEqual([]);
}, 300_000);

/**
 * Checks the master's files with HAProxy and keepalived. Returns the output of each program that rejects the files or
 * prints a warning.
 */
async function refusedOf(site: Case, debian: Debian): Promise<string[]> {
  const { files } = hostFiles(synth(balancerStack(site).stack)).find(({ host }) => host === "10.12.8.11") ?? { files: [] };
  // The check puts a certificate in the place of each secret.
  const open = files.filter(({ secret }) => !secret);
  const questions = (["haproxy", "keepalived"] as const).map((program) => ({ program, files: open }));
  const { verdicts } = await validate(await toolsRoot(debian), ["haproxy", "keepalived"], questions);
  return verdicts.filter(({ accepted }) => !accepted).map(({ output }) => output.slice(0, 1500));
}
