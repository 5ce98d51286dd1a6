import { HAPROXY_VERSIONS, HaproxyVersion } from "../haproxy/versions";
import { OsLayout, OsSystem, SYSTEMS } from "../host/systems";
import { KEEPALIVED_VERSIONS } from "../keepalived/versions";
import { invalid } from "../validation/errors";
import { Kind, instanceOf } from "../validation/shape";

/**
 * The operating system of a balancer, with the versions of HAProxy and keepalived from the system's own repositories.
 * The library writes only directives that these versions know. If the host has other versions, from third-party
 * packages, set the versions with `withHaproxy` and `withKeepalived`.
 *
 * If the host's `/etc/os-release` names another family or another release, a deploy stops before it changes the host.
 * Minor releases need no profile of their own: `ALMALINUX_9` is for 9.0 to 9.9. An interim release of Ubuntu uses the
 * profile of the long-term release before it: `UBUNTU_24_04` is also for 24.10 to 25.10. On an interim release, a
 * deploy prints a warning.
 *
 * @example
 * const own = OsProfile.ALMALINUX_9;
 * const newer = OsProfile.DEBIAN_12.withHaproxy("3.2");
 */
export class OsProfile {
  /** AlmaLinux 8: HAProxy 1.8.27, keepalived 2.1.5. */
  public static readonly ALMALINUX_8 = new OsProfile(SYSTEMS.ALMALINUX_8);
  /** AlmaLinux 9: HAProxy 2.4.22, keepalived 2.2.8. */
  public static readonly ALMALINUX_9 = new OsProfile(SYSTEMS.ALMALINUX_9);
  /** AlmaLinux 10: HAProxy 3.0, keepalived 2.2.8. */
  public static readonly ALMALINUX_10 = new OsProfile(SYSTEMS.ALMALINUX_10);
  /** Rocky Linux 8, with the same versions as AlmaLinux 8. */
  public static readonly ROCKY_8 = new OsProfile(SYSTEMS.ROCKY_8);
  /** Rocky Linux 9, with the same versions as AlmaLinux 9. */
  public static readonly ROCKY_9 = new OsProfile(SYSTEMS.ROCKY_9);
  /** Rocky Linux 10, with the same versions as AlmaLinux 10. */
  public static readonly ROCKY_10 = new OsProfile(SYSTEMS.ROCKY_10);
  /** Red Hat Enterprise Linux 8, with the same versions as AlmaLinux 8. */
  public static readonly RHEL_8 = new OsProfile(SYSTEMS.RHEL_8);
  /** Red Hat Enterprise Linux 9, with the same versions as AlmaLinux 9. */
  public static readonly RHEL_9 = new OsProfile(SYSTEMS.RHEL_9);
  /** Red Hat Enterprise Linux 10, with the same versions as AlmaLinux 10. */
  public static readonly RHEL_10 = new OsProfile(SYSTEMS.RHEL_10);
  /** Oracle Linux 8, with the same versions as AlmaLinux 8. */
  public static readonly ORACLE_8 = new OsProfile(SYSTEMS.ORACLE_8);
  /** Oracle Linux 9, with the same versions as AlmaLinux 9. */
  public static readonly ORACLE_9 = new OsProfile(SYSTEMS.ORACLE_9);
  /** Oracle Linux 10, with the same versions as AlmaLinux 10. */
  public static readonly ORACLE_10 = new OsProfile(SYSTEMS.ORACLE_10);
  /** CentOS Stream 8, with the same versions as AlmaLinux 8. */
  public static readonly CENTOS_STREAM_8 = new OsProfile(SYSTEMS.CENTOS_STREAM_8);
  /** CentOS Stream 9, with the same versions as AlmaLinux 9. */
  public static readonly CENTOS_STREAM_9 = new OsProfile(SYSTEMS.CENTOS_STREAM_9);
  /** CentOS Stream 10, with the same versions as AlmaLinux 10. */
  public static readonly CENTOS_STREAM_10 = new OsProfile(SYSTEMS.CENTOS_STREAM_10);
  /** Debian 11 (out of support), for balancers that still wait for an upgrade: HAProxy 2.2.9, keepalived 2.1.5. */
  public static readonly DEBIAN_11 = new OsProfile(SYSTEMS.DEBIAN_11);
  /** Debian 12: HAProxy 2.6.12, keepalived 2.2.7. */
  public static readonly DEBIAN_12 = new OsProfile(SYSTEMS.DEBIAN_12);
  /** Debian 13: HAProxy 3.0.11, keepalived 2.3.3. */
  public static readonly DEBIAN_13 = new OsProfile(SYSTEMS.DEBIAN_13);
  /** Debian 14, not released yet: HAProxy 3.2, keepalived 2.3.4. */
  public static readonly DEBIAN_14 = new OsProfile(SYSTEMS.DEBIAN_14);
  /** Ubuntu 22.04: HAProxy 2.4, keepalived 2.2.4. */
  public static readonly UBUNTU_22_04 = new OsProfile(SYSTEMS.UBUNTU_22_04);
  /** Ubuntu 24.04: HAProxy 2.8, keepalived 2.2.8. */
  public static readonly UBUNTU_24_04 = new OsProfile(SYSTEMS.UBUNTU_24_04);
  /** Ubuntu 26.04: HAProxy 3.2, keepalived 2.3.4. */
  public static readonly UBUNTU_26_04 = new OsProfile(SYSTEMS.UBUNTU_26_04);

  private constructor(private readonly system: OsSystem) {}

  /** The system's name, such as `Debian 12`. */
  public get name(): string {
    return this.system.name;
  }

  /** HAProxy's branch, such as `2.6`. The library writes haproxy.cfg for this branch. */
  public get haproxyVersion(): string {
    return this.system.haproxy;
  }

  /** keepalived's version, such as `2.2.7`. The library writes keepalived.conf for this version. */
  public get keepalivedVersion(): string {
    return this.system.keepalivedRelease;
  }

  /**
   * Returns the same system with another version of HAProxy. Use this if the host's HAProxy comes from a newer
   * third-party package, for example. The package must also be named `haproxy`.
   *
   * @param version a branch, such as `3.2`, or a release of a branch, such as `3.2.5`
   * @throws if the library does not know the branch; the message lists the known branches
   */
  public withHaproxy(version: string): OsProfile {
    const haproxy = branchOf("withHaproxy", version, HAPROXY_VERSIONS);
    return new OsProfile({ ...this.system, haproxy, haproxyRelease: version });
  }

  /**
   * Returns the same system with another version of keepalived. Use this if the host's keepalived comes from a newer
   * third-party package, for example.
   *
   * @param version a branch, such as `2.3`, or a release of a branch, such as `2.3.4`
   * @throws if the library does not know the branch; the message lists the known branches
   */
  public withKeepalived(version: string): OsProfile {
    const keepalived = branchOf("withKeepalived", version, KEEPALIVED_VERSIONS);
    return new OsProfile({ ...this.system, keepalived, keepalivedRelease: version });
  }

  /** The system's paths and package names. @internal */
  public get _layout(): OsLayout {
    return this.system.layout;
  }

  /** @internal */
  public get _version(): string {
    return this.system.version;
  }

  /** @internal */
  public get _haproxy(): HaproxyVersion {
    return this.system.haproxy;
  }
}

/** Returns the known branch to which a version belongs. */
function branchOf<T extends string>(method: string, version: string, known: readonly T[]): T {
  const branch = known.find((one) => version === one || (typeof version === "string" && RELEASE.test(version) && version.startsWith(`${one}.`)));
  if (branch === undefined) throw invalid(`OsProfile.${method}`, "version", `one of the branches ${known.join(", ")}, or a release of one of these branches`, version);
  return branch;
}

const RELEASE = /^[0-9]+[.][0-9]+[.][0-9]+$/;

/** The check for a prop of this type. */
export const OS_PROFILE: Kind = instanceOf("an OsProfile, such as OsProfile.ALMALINUX_9", OsProfile);
