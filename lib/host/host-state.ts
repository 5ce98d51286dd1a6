import { OsFamily } from "./os-family";

/**
 * What a part of one host must look like. A host can have several parts (its
 * haproxy, its keepalived), each delivered and rolled back by itself.
 */
export interface HostState {
  /** The part's name, also its folder under /var/lib/cdktf-exchange-balancer. */
  readonly part: string;
  readonly os: { readonly family: OsFamily; readonly version: string };
  readonly packages: readonly string[];
  readonly files: readonly HostFile[];
  /**
   * Shell files among them that have the last word before the files go live: each
   * is called with `--before-live NEWS`, sees the new files in their places, and
   * stops the deploy with another status than 0.
   */
  readonly beforeLive: readonly string[];
  /** SELinux booleans to turn on, where SELinux is. */
  readonly seBooleans: readonly string[];
  readonly firewall?: HostFirewall;
  /** systemd services to enable, in the order in which they come up. */
  readonly services: readonly string[];
  /** TCP ports on which haproxy must listen once it has loaded the files. */
  readonly listens: readonly number[];
  /** What proves that the members are served as before, once haproxy has loaded the files. */
  readonly members?: {
    /** The port on loopback where haproxy tells how its members are. */
    readonly statsPort: number;
    /** Seconds until a deploy gives up waiting for a member that was up before. */
    readonly upWithin: number;
  };
}

export interface HostFile {
  readonly path: string;
  readonly mode: string;
  /** Who has to read it anew when it changes: a service of the host, its CA trust, or systemd itself. */
  readonly usedBy: FileUser;
  readonly content: string;
  /** True for what may be in no log, plan or state. */
  readonly secret?: boolean;
}

export type FileUser = "haproxy" | "keepalived" | "rsyslog" | "trust" | "systemd" | "exchange-balancer-metrics" | "none";

export interface HostFirewall {
  /** The port that ssh itself comes in by, never to be shut. */
  readonly sshPort: number;
  readonly ports: readonly number[];
  readonly richRules: readonly string[];
}
