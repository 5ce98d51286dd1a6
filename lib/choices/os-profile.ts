import { HaproxyVersion } from "../haproxy/versions";
import { OsFamily } from "../host/os-family";

/**
 * The operating system of a balancer, and with it the HAProxy and keepalived
 * that its own repositories ship. Nothing is written that they do not know.
 *
 * A deploy stops, with the host untouched, when the host says it is another
 * system or another major version (`/etc/os-release`).
 */
export class OsProfile {
  /** AlmaLinux 8, the article's: HAProxy 1.8.27, keepalived 2.1.5. */
  public static readonly ALMALINUX_8 = new OsProfile("AlmaLinux 8", "redhat", "8", "1.8", "2.1.5");
  /** AlmaLinux 9: HAProxy 2.4.22, keepalived 2.2.8. */
  public static readonly ALMALINUX_9 = new OsProfile("AlmaLinux 9", "redhat", "9", "2.4", "2.2.8");
  /** AlmaLinux 10: HAProxy 3.0, keepalived 2.2.8. */
  public static readonly ALMALINUX_10 = new OsProfile("AlmaLinux 10", "redhat", "10", "3.0", "2.2.8");
  /** Debian 11, out of support, for balancers that wait for their upgrade: HAProxy 2.2.9, keepalived 2.1.5. */
  public static readonly DEBIAN_11 = new OsProfile("Debian 11", "debian", "11", "2.2", "2.1.5");
  /** Debian 12: HAProxy 2.6.12, keepalived 2.2.7. */
  public static readonly DEBIAN_12 = new OsProfile("Debian 12", "debian", "12", "2.6", "2.2.7");
  /** Debian 13: HAProxy 3.0.11, keepalived 2.3.3. */
  public static readonly DEBIAN_13 = new OsProfile("Debian 13", "debian", "13", "3.0", "2.3.3");

  private constructor(
    /** The system's name, as people say it. */
    public readonly name: string,
    family: string,
    version: string,
    /** The branch of HAProxy that the system ships, such as `2.6`. */
    public readonly haproxyVersion: string,
    /** The keepalived that the system ships, such as `2.2.7`. */
    public readonly keepalivedVersion: string,
  ) {
    this._family = family as OsFamily;
    this._majorVersion = version;
    this._haproxy = haproxyVersion as HaproxyVersion;
  }

  /** @internal */
  public readonly _family: OsFamily;
  /** @internal */
  public readonly _majorVersion: string;
  /** @internal */
  public readonly _haproxy: HaproxyVersion;
}
