import { HaproxyVersion } from "../haproxy/versions";
import { KeepalivedVersion } from "../keepalived/versions";

/** A family of operating systems with the same paths and package names. */
export type OsFamily = "redhat" | "debian";

/** The paths and names of an OS family. */
export interface OsLayout {
  readonly family: OsFamily;
  /** The path of the file that contains all CAs that the host trusts. */
  readonly caBundle: string;
  /** The folder for the files of additional CAs. */
  readonly anchorFolder: string;
  /** The file name ending that the file of an additional CA must have. */
  readonly anchorEnding: string;
  /** Whether the host has a system-wide crypto policy that HAProxy can use. */
  readonly systemCryptoPolicy: boolean;
  /** The package that contains the program `ss`. */
  readonly socketStatistics: string;
  /** The packages that contain the programs `nft` and `ip`. */
  readonly routingPackages: readonly string[];
  /** firewalld, and the packages that firewalld needs to filter with nftables and to know the protocol vrrp. */
  readonly firewallPackages: readonly string[];
  /** The SELinux booleans that HAProxy needs for ports that are not web ports, such as 25 and 143. */
  readonly seBooleans: readonly string[];
}

const REDHAT: OsLayout = {
  family: "redhat",
  // Not /etc/pki/tls/certs/ca-bundle.crt: that path is only a link to this file, and release 10 is removing the link.
  caBundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  anchorFolder: "/etc/pki/ca-trust/source/anchors",
  anchorEnding: ".ca",
  systemCryptoPolicy: true,
  socketStatistics: "iproute",
  routingPackages: ["nftables", "iproute"],
  firewallPackages: ["firewalld"],
  seBooleans: ["haproxy_connect_any"],
};

const DEBIAN: OsLayout = {
  family: "debian",
  caBundle: "/etc/ssl/certs/ca-certificates.crt",
  anchorFolder: "/usr/local/share/ca-certificates",
  // update-ca-certificates silently ignores files whose names do not end with .crt.
  anchorEnding: ".crt",
  systemCryptoPolicy: false,
  socketStatistics: "iproute2",
  routingPackages: ["nftables", "iproute2"],
  // Debian's firewalld package recommends python3-nftables and netbase, but does not require them. Without netbase,
  // /etc/protocols does not exist.
  firewallPackages: ["firewalld", "python3-nftables", "netbase"],
  seBooleans: [],
};

/** An operating system: one row of SYSTEMS. */
export interface OsSystem {
  /** The name of the system with its release, such as `Rocky Linux 9`. */
  readonly name: string;
  readonly layout: OsLayout;
  /**
   * VERSION_ID in /etc/os-release. If it has no dot, this row is for all minor releases. If it has a dot, as on Ubuntu,
   * this row is also for the interim releases before the next long-term release. On an interim release, a deploy prints
   * a warning.
   */
  readonly version: string;
  /** The branch of HAProxy in the system's own repositories. */
  readonly haproxy: HaproxyVersion;
  /** The release of HAProxy in the system's own repositories. If the release is not known, the branch of HAProxy. */
  readonly haproxyRelease: string;
  readonly keepalived: KeepalivedVersion;
  /** The release of keepalived in the system's own repositories. */
  readonly keepalivedRelease: string;
}

/** The values that are the same for all systems of the RHEL family with the same release. The key is the release. */
const EL = {
  8: { layout: REDHAT, version: "8", haproxy: "1.8", haproxyRelease: "1.8.27", keepalived: "2.1", keepalivedRelease: "2.1.5" },
  9: { layout: REDHAT, version: "9", haproxy: "2.4", haproxyRelease: "2.4.22", keepalived: "2.2", keepalivedRelease: "2.2.8" },
  10: { layout: REDHAT, version: "10", haproxy: "3.0", haproxyRelease: "3.0", keepalived: "2.2", keepalivedRelease: "2.2.8" },
} as const satisfies { readonly [release: number]: Omit<OsSystem, "name"> };

/**
 * All operating systems that a balancer can run on. To add a system, add a row here, add its name to `OsProfile`, and
 * add the system to README's table. A new branch of HAProxy or keepalived also needs a row in the program's
 * `versions.ts`.
 */
export const SYSTEMS = {
  ALMALINUX_8: { name: "AlmaLinux 8", ...EL[8] },
  ALMALINUX_9: { name: "AlmaLinux 9", ...EL[9] },
  ALMALINUX_10: { name: "AlmaLinux 10", ...EL[10] },
  ROCKY_8: { name: "Rocky Linux 8", ...EL[8] },
  ROCKY_9: { name: "Rocky Linux 9", ...EL[9] },
  ROCKY_10: { name: "Rocky Linux 10", ...EL[10] },
  RHEL_8: { name: "RHEL 8", ...EL[8] },
  RHEL_9: { name: "RHEL 9", ...EL[9] },
  RHEL_10: { name: "RHEL 10", ...EL[10] },
  ORACLE_8: { name: "Oracle Linux 8", ...EL[8] },
  ORACLE_9: { name: "Oracle Linux 9", ...EL[9] },
  ORACLE_10: { name: "Oracle Linux 10", ...EL[10] },
  CENTOS_STREAM_8: { name: "CentOS Stream 8", ...EL[8] },
  CENTOS_STREAM_9: { name: "CentOS Stream 9", ...EL[9] },
  CENTOS_STREAM_10: { name: "CentOS Stream 10", ...EL[10] },
  DEBIAN_11: { name: "Debian 11", layout: DEBIAN, version: "11", haproxy: "2.2", haproxyRelease: "2.2.9", keepalived: "2.1", keepalivedRelease: "2.1.5" },
  DEBIAN_12: { name: "Debian 12", layout: DEBIAN, version: "12", haproxy: "2.6", haproxyRelease: "2.6.12", keepalived: "2.2", keepalivedRelease: "2.2.7" },
  DEBIAN_13: { name: "Debian 13", layout: DEBIAN, version: "13", haproxy: "3.0", haproxyRelease: "3.0.11", keepalived: "2.3", keepalivedRelease: "2.3.3" },
  DEBIAN_14: { name: "Debian 14", layout: DEBIAN, version: "14", haproxy: "3.2", haproxyRelease: "3.2", keepalived: "2.3", keepalivedRelease: "2.3.4" },
  UBUNTU_22_04: { name: "Ubuntu 22.04", layout: DEBIAN, version: "22.04", haproxy: "2.4", haproxyRelease: "2.4", keepalived: "2.2", keepalivedRelease: "2.2.4" },
  UBUNTU_24_04: { name: "Ubuntu 24.04", layout: DEBIAN, version: "24.04", haproxy: "2.8", haproxyRelease: "2.8", keepalived: "2.2", keepalivedRelease: "2.2.8" },
  UBUNTU_26_04: { name: "Ubuntu 26.04", layout: DEBIAN, version: "26.04", haproxy: "3.2", haproxyRelease: "3.2", keepalived: "2.3", keepalivedRelease: "2.3.4" },
} as const satisfies { readonly [profile: string]: OsSystem };
