import { execFileSync } from "node:child_process";
import { BalancingMode, OsProfile, SslBridgeCert, TlsPolicy } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { balancerStack, synth } from "../support/site";

// The lists are Mozilla's guideline 5.7, written down here once more: from its JSON, not from lib/.

const INTERMEDIATE =
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
const OLD =
  `${INTERMEDIATE}:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:` +
  "ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:AES128-GCM-SHA256:" +
  "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA";

function sslLines(tlsPolicy: TlsPolicy | undefined, os: OsProfile): string[] {
  const { stack } = balancerStack({
    balancer: (within) => ({
      mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(within, "Cert", { path: "exch.pem" }), ...(tlsPolicy === undefined ? {} : { tlsPolicy }) }),
      os,
    }),
  });
  const config = hostFiles(synth(stack))[0]?.files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";
  return config.split("\n").filter((line) => line.includes("ssl-default-")).map((line) => line.trim());
}

const NEWER_MEMBERS = "ssl-default-server-options ssl-min-ver TLSv1.2";
const SYSTEM_DEBIAN = ["ssl-default-bind-options ssl-min-ver TLSv1.2", NEWER_MEMBERS];

test.each<[string, TlsPolicy | undefined, OsProfile, string[]]>([
  ["undefined (the default)", undefined, OsProfile.DEBIAN_12, SYSTEM_DEBIAN],
  ["SYSTEM on Debian", TlsPolicy.SYSTEM, OsProfile.DEBIAN_12, SYSTEM_DEBIAN],
  ["SYSTEM on AlmaLinux", TlsPolicy.SYSTEM, OsProfile.ALMALINUX_9, ["ssl-default-bind-ciphers PROFILE=SYSTEM", "ssl-default-server-ciphers PROFILE=SYSTEM"]],
  ["MODERN", TlsPolicy.MODERN, OsProfile.DEBIAN_12, ["ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.3 no-tls-tickets", NEWER_MEMBERS]],
  [
    "INTERMEDIATE", TlsPolicy.INTERMEDIATE, OsProfile.ALMALINUX_9,
    [`ssl-default-bind-ciphers ${INTERMEDIATE}`, "ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.2 no-tls-tickets", NEWER_MEMBERS],
  ],
  [
    "OLD", TlsPolicy.OLD, OsProfile.DEBIAN_12,
    [
      `ssl-default-bind-ciphers ${OLD}:@SECLEVEL=0`,
      "ssl-default-bind-options ssl-min-ver TLSv1.0 no-tls-tickets",
      `ssl-default-server-ciphers ${OLD}:@SECLEVEL=0`,
      "ssl-default-server-options ssl-min-ver TLSv1.0",
    ],
  ],
])("the TLS policy %s gives exactly the expected TLS lines in haproxy.cfg", (_, policy, os, lines) => {
  expect(sslLines(policy, os)).toEqual(lines);
});

test.each(OLD.split(":").filter((name) => name !== "DES-CBC3-SHA"))("openssl knows the cipher %s of the OLD policy", (name) => {
  expect(execFileSync("openssl", ["ciphers", `${name}:@SECLEVEL=0`], { encoding: "utf8" }).trim().split(":")).toContain(name);
});
