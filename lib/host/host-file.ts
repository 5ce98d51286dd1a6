/** A file of ours on a host. */
export interface HostFile {
  readonly path: string;
  readonly mode: string;
  /** Who has to read it again when it changes: a service of the host, its CA trust, or systemd itself. */
  readonly usedBy: FileUser;
  readonly content: string;
  /** True for what must not appear in a log, plan or state. */
  readonly secret?: boolean;
}

/** A file whose text is made when it is first asked for: what a node would serve alone is never read where a pair takes it. */
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
