import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HostPart } from "../../lib/host/part";
import { renderManifest, renderSecretsManifest } from "../../lib/host/manifest";

const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };

const part = (name: string, wish: Partial<HostPart> = {}): HostPart => ({
  name, packages: [], files: [], beforeLive: [], seBooleans: [], openings: [], services: [], listens: [], ...wish,
});

const HAPROXY = part("haproxy", {
  packages: ["haproxy", "rsyslog"],
  files: [
    { path: "/etc/haproxy/haproxy.cfg", mode: "0644", usedBy: "haproxy", content: "global\n" },
    { path: "/etc/haproxy/exch.pem", mode: "0600", usedBy: "haproxy", content: "KEY", secret: true },
  ],
  beforeLive: ["/usr/libexec/check"],
  seBooleans: ["haproxy_connect_any"],
  openings: [{ to: 443 }, { to: 9100, from: "10.0.0.0/8" }],
  services: ["rsyslog", "haproxy"],
  listens: [443, 8404],
  members: { statsPort: 8404, upWithin: 60 },
});

test("a manifest contains `zone`, `interface`, `virtual-address` and `take-over` lines if the corresponding props are set", () => {
  const keepalived = part("keepalived", { interface: "ens192", virtualAddresses: ["10.12.8.15/24", "2001:db8::15"], openings: [{ to: "vrrp", from: "10.12.8.12" }] });
  const manifest = renderManifest({
    os: { family: "debian", version: "12" }, leave: "retain", takeOver: true, firewall: { sshPort: 22, zone: "internal", packages: [] }, parts: [keepalived],
  });
  expect(manifest.split("\n").slice(3)).toEqual([
    "leave retain", "take-over yes", "firewall firewalld 22", "zone internal", "part keepalived",
    "interface ens192", "virtual-address 10.12.8.15/24", "virtual-address 2001:db8::15", "open vrrp from 10.12.8.12", "",
  ]);
});

test("a manifest contains the lines of the host, then the lines of each part, and no file contents", () => {
  const parts = [HAPROXY, part("keepalived", { packages: ["keepalived"], openings: [{ to: "vrrp", from: "10.12.8.12" }], services: ["keepalived"] })];
  expect(renderManifest({ os: { family: "debian", version: "12" }, leave: "release", firewall: { sshPort: 2222, packages: ["firewalld", "netbase"] }, parts })).toBe(
    `format 2
library ${version}
os debian 12
leave release
firewall firewalld 2222
package firewalld
package netbase
part haproxy
package haproxy
package rsyslog
file 0644 haproxy /etc/haproxy/haproxy.cfg
secret 0600 haproxy /etc/haproxy/exch.pem
before-live /usr/libexec/check
sebool haproxy_connect_any
open tcp 443
open tcp 9100 from 10.0.0.0/8
service rsyslog
service haproxy
listen 443
listen 8404
stats-port 8404
members-up-within 60
part keepalived
package keepalived
open vrrp from 10.12.8.12
service keepalived
`);
});

test("a manifest opens no port if the firewall is unmanaged", () => {
  const manifest = renderManifest({ os: { family: "redhat", version: "9" }, leave: "retain", parts: [HAPROXY] });
  expect(manifest).not.toMatch(/^(open|firewall) /m);
  expect(manifest).toContain("listen 443\n");
});

test("the manifest for the receiver of secrets contains only its format and the system that the host must run", () => {
  expect(renderSecretsManifest({ os: { family: "redhat", version: "9" }, leave: "retain", parts: [HAPROXY] })).toBe("format 2\nos redhat 9\n");
});
