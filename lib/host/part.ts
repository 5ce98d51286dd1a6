import { HostFile } from "./host-file";

/**
 * One thing that a host is for: its haproxy, its keepalived. A part comes and leaves by
 * itself, but all parts of a host are delivered and rolled back together.
 */
export interface HostPart {
  /** A word that apply.sh knows the part by. */
  readonly name: string;
  readonly packages: readonly string[];
  /** The version of the program of that name that the files are written for: a branch, or a release of one; none where it matters to no file. */
  readonly version?: string;
  readonly files: readonly HostFile[];
  /**
   * Shell files among them that have the last word before the files go live: apply.sh calls each
   * with `--before-live NEWS`; each sees the new files in their places, and stops the deploy
   * with an exit status other than 0.
   */
  readonly beforeLive: readonly string[];
  /** SELinux booleans to turn on, where SELinux is. */
  readonly seBooleans: readonly string[];
  /** What becomes of the part when it is no longer delivered to the host; unset: what the host's own policy says. */
  readonly ends?: "destroy";
  /** The network interface that the part serves on; nothing is opened in a firewall zone but its. May be a token. */
  readonly interface?: string;
  /** Addresses that come and go on that interface, with or without a prefix length. May be tokens. */
  readonly virtualAddresses?: readonly string[];
  /** What the firewall must let in; read only where the firewall is managed. */
  readonly openings: readonly Opening[];
  /** The network interface that the part forwards on, in and out; read only where the firewall is managed. May be a token. */
  readonly forwards?: string;
  /** systemd services to enable, in the order in which they come up. */
  readonly services: readonly string[];
  /** TCP ports that the part listens on once its services have loaded the files. */
  readonly listens: readonly number[];
  /** What proves that the members are served as before, once haproxy has loaded the files. */
  readonly members?: {
    /** The port on loopback where haproxy reports the state of its members. */
    readonly statsPort: number;
    /** Seconds until a deploy stops waiting for a member that was up before. */
    readonly upWithin: number;
  };
}

/** What a part wants the host's firewall to let in. */
export interface Opening {
  /** A TCP port, or the protocol of keepalived. */
  readonly to: number | "vrrp";
  /**
   * The only address or network that may come in. May hold a token.
   *
   * @default - everybody
   */
  readonly from?: string;
}
