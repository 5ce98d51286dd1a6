/** A file that this library writes to a host. */
export interface HostFile {
  readonly path: string;
  readonly mode: string;
  /**
   * What the deploy must update if the file has changed. The name of a service: the service reads the file again.
   * `trust`: the host's store of trusted CAs. `systemd`: systemd's configuration. `none`: nothing.
   */
  readonly usedBy: FileUser;
  readonly content: string;
  /** True if the content must not appear in a log, plan or state. */
  readonly secret?: boolean;
}

/**
 * Returns a file whose content is computed only when code reads the property `content` for the first time. Example: a
 * node is created without a pair, and may join a pair later. If the node joins a pair, the content for a node without a
 * pair is never computed.
 */
export function madeLate(file: Omit<HostFile, "content">, make: () => string): HostFile {
  let made: string | undefined;
  return {
    ...file,
    get content(): string {
      return (made ??= make());
    },
  };
}

export type FileUser = "haproxy" | "keepalived" | "rsyslog" | "trust" | "systemd" | "exchange-balancer-metrics" | "exchange-balancer-routing" | "none";
