/** A file of this library on a host. */
export interface HostFile {
  readonly path: string;
  readonly mode: string;
  /** Who must read the file again after a change: a service, the CA trust, or systemd. */
  readonly usedBy: FileUser;
  readonly content: string;
  /** True if the text must not appear in a log, plan or state. */
  readonly secret?: boolean;
}

/**
 * A file whose text is made when it is first read. The text for a node without a pair is never made if the node joins a
 * pair.
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
