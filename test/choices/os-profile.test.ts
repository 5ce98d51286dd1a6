import { OsProfile } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { HAPROXY_VERSIONS } from "../../lib/haproxy/versions";
import { SYSTEMS } from "../../lib/host/systems";
import { KEEPALIVED_VERSIONS } from "../../lib/keepalived/versions";
import { untyped } from "../support/refused";
import { balancerStack, synth } from "../support/site";

const manifest = (os: OsProfile): readonly string[] => hostFiles(synth(balancerStack({ balancer: { os } }).stack))[0]?.manifest ?? [];
const cfg = (os: OsProfile): string =>
  hostFiles(synth(balancerStack({ balancer: { os } }).stack)).flatMap(({ files }) => files).find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";

test.each(Object.entries(SYSTEMS))("OsProfile.%s has the name and the versions that the table SYSTEMS lists for this profile", (key, row) => {
  const profile = OsProfile[key as keyof typeof SYSTEMS];
  expect([profile.name, profile.haproxyVersion, profile.keepalivedVersion]).toEqual([row.name, row.haproxy, row.keepalivedRelease]);
  expect(row.haproxyRelease === row.haproxy || row.haproxyRelease.startsWith(`${row.haproxy}.`)).toBe(true);
  expect(row.keepalivedRelease.startsWith(`${row.keepalived}.`)).toBe(true);
});

test.each([
  [OsProfile.ROCKY_9, "os redhat 9"],
  [OsProfile.CENTOS_STREAM_10, "os redhat 10"],
  [OsProfile.UBUNTU_24_04, "os debian 24.04"],
  [OsProfile.DEBIAN_14, "os debian 14"],
])("the manifest contains the profile's system, so that a deploy can compare this system with the host's system", (os, line) => {
  expect(manifest(os)).toContain(line);
});

test("all systems of one release of the RHEL family get the same haproxy.cfg", () => {
  for (const os of [OsProfile.ROCKY_8, OsProfile.RHEL_8, OsProfile.ORACLE_8, OsProfile.CENTOS_STREAM_8]) expect(cfg(os)).toBe(cfg(OsProfile.ALMALINUX_8));
});

test("with a profile from withHaproxy(), haproxy.cfg is written for the given version, and the original profile does not change", () => {
  expect(cfg(OsProfile.DEBIAN_11)).not.toContain("idle-close-on-response");
  expect(cfg(OsProfile.DEBIAN_11.withHaproxy("3.2"))).toContain("idle-close-on-response");
  expect(OsProfile.DEBIAN_11.withHaproxy("3.2.5").haproxyVersion).toBe("3.2");
  expect(OsProfile.DEBIAN_11.withHaproxy("3.2").withKeepalived("2.3.4")).toMatchObject({ name: "Debian 11", haproxyVersion: "3.2", keepalivedVersion: "2.3.4" });
  expect(OsProfile.DEBIAN_11.haproxyVersion).toBe("2.2");
});

test.each(["3.1", "2", "2.60", "2.6.", "2.6.x", "v2.6", "", " 2.6", 2.6, null])("withHaproxy() refuses %j and lists the known versions", (version) => {
  expect(() => OsProfile.DEBIAN_12.withHaproxy(untyped(version))).toThrow(
    new Error(`version must be one of the branches ${HAPROXY_VERSIONS.join(", ")}, or a release of one of these branches, got ${JSON.stringify(version)} [OsProfile.withHaproxy]`),
  );
});

test.each(["1.3.5", "9.9", "2.20", 2.2])("withKeepalived() refuses %j and lists the known versions", (version) => {
  expect(() => OsProfile.DEBIAN_12.withKeepalived(untyped(version))).toThrow(
    new Error(`version must be one of the branches ${KEEPALIVED_VERSIONS.join(", ")}, or a release of one of these branches, got ${JSON.stringify(version)} [OsProfile.withKeepalived]`),
  );
});
