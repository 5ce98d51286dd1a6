import { HostFile } from "./host-file";

/**
 * One component of a host, such as haproxy or keepalived. Each part can be added and removed by itself, but all parts
 * of a host are delivered and rolled back together.
 */
export interface HostPart {
  /** The part's name in apply.sh. */
  readonly name: string;
  readonly packages: readonly string[];
  /**
   * The version of the program for which the part's files are written: a branch (2.6) or a release (2.2.7). Undefined
   * if no file depends on the version.
   */
  readonly version?: string;
  readonly files: readonly HostFile[];
  /**
   * The paths of this part's check programs. Before the new files go live, apply.sh runs each program with
   * `--before-live NEWS`, where NEWS is a file that lists the changed files. The program runs in a mount namespace of
   * its own, in which the new files are already at their final paths. If the program's exit status is not 0, the deploy
   * stops.
   */
  readonly beforeLive: readonly string[];
  /** SELinux booleans that the deploy turns on, if the host has SELinux. */
  readonly seBooleans: readonly string[];
  /**
   * The removal policy for this part. It applies if a later delivery no longer contains this part. Undefined: the
   * host's removal policy.
   */
  readonly ends?: "destroy";
  /**
   * The network interface on which the part serves. The deploy opens ports in the firewall zone of this interface,
   * unless `zone` in HostState names a zone. May be a token.
   */
  readonly interface?: string;
  /** The virtual addresses on `interface`, with or without a prefix length. May be tokens. */
  readonly virtualAddresses?: readonly string[];
  /** The ports and protocols that the firewall must open. Used only if the deploy manages the firewall. */
  readonly openings: readonly Opening[];
  /**
   * The network interface on which the part forwards packets, in both directions. Used only if the deploy manages the
   * firewall. May be a token.
   */
  readonly forwards?: string;
  /** systemd services to enable, in the order in which they start. */
  readonly services: readonly string[];
  /** TCP ports on which the part listens after its services have loaded the files. */
  readonly listens: readonly number[];
  /**
   * How the deploy checks the members. After haproxy has loaded the files, each member that was up before must be up
   * again. Undefined: the deploy does not check the members.
   */
  readonly members?: {
    /** The port on loopback on which HAProxy reports the state of the members. */
    readonly statsPort: number;
    /** How many seconds a deploy waits until each member that was up before is up again. */
    readonly upWithin: number;
  };
}

/** A TCP port, or a protocol, for which the host's firewall must accept packets. */
export interface Opening {
  /** A TCP port, or `vrrp` for keepalived's protocol. */
  readonly to: number | "vrrp";
  /**
   * The only address or network that may connect. May contain a token.
   *
   * @default - everyone
   */
  readonly from?: string;
}
