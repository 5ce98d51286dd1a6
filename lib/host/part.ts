import { HostFile } from "./host-file";

/**
 * One function of a host, such as haproxy or keepalived. Each part can be added and removed by itself, but all parts of
 * a host are delivered and rolled back together.
 */
export interface HostPart {
  /** The part's name in apply.sh. */
  readonly name: string;
  readonly packages: readonly string[];
  /**
   * The version of the part's program for which the files are written: a branch or a release. Undefined if no file
   * depends on the version.
   */
  readonly version?: string;
  readonly files: readonly HostFile[];
  /**
   * Programs among the files that check the new files before they go live. apply.sh calls each program with
   * `--before-live NEWS`. The program sees the new files in their places, and stops the deploy with an exit status
   * other than 0.
   */
  readonly beforeLive: readonly string[];
  /** SELinux booleans to turn on, if the host has SELinux. */
  readonly seBooleans: readonly string[];
  /** What happens to the part when it is no longer delivered. Undefined: the host's removal policy applies. */
  readonly ends?: "destroy";
  /**
   * The network interface on which the part serves. The deploy opens ports only in the firewall zone of this interface.
   * May be a token.
   */
  readonly interface?: string;
  /** The virtual addresses on this interface, with or without a prefix length. May be tokens. */
  readonly virtualAddresses?: readonly string[];
  /** The ports that the firewall must open. Only used if the deploy manages the firewall. */
  readonly openings: readonly Opening[];
  /**
   * The network interface on which the part forwards packets, in both directions. Only used if the deploy manages the
   * firewall. May be a token.
   */
  readonly forwards?: string;
  /** systemd services to enable, in the order in which they start. */
  readonly services: readonly string[];
  /** TCP ports on which the part listens after its services have loaded the files. */
  readonly listens: readonly number[];
  /** How the deploy checks that the members are up as before, after haproxy has loaded the files. */
  readonly members?: {
    /** The port on loopback where haproxy reports the state of the members. */
    readonly statsPort: number;
    /** How many seconds a deploy waits for a member that was up before. */
    readonly upWithin: number;
  };
}

/** A port or protocol that the host's firewall must open. */
export interface Opening {
  /** A TCP port, or the protocol of keepalived. */
  readonly to: number | "vrrp";
  /**
   * The only address or network that may connect. May contain a token.
   *
   * @default - everyone
   */
  readonly from?: string;
}
