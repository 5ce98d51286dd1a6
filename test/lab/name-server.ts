import type { Host } from "./hosts";

/** A real name server (dnsmasq) on a host of the lab, on one of its further addresses. */
export class NameServer {
  constructor(
    private readonly host: Host,
    readonly address: string,
    private readonly domain: string,
  ) {}

  /** Answers these names of its domain, name -> address, and answers that all other names of the domain do not exist. */
  async serve(names: Readonly<Record<string, string>>): Promise<void> {
    await this.stop();
    await this.host.must([
      "systemd-run", "--quiet", "--collect", "--unit=name-server", "--service-type=exec",
      "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--no-resolv", "--no-hosts", "--no-ping",
      `--listen-address=${this.address}`, "--bind-interfaces", `--local=/${this.domain}/`,
      ...Object.entries(names).map(([name, address]) => `--host-record=${name}.${this.domain},${address}`),
    ]);
  }

  /** Its port refuses connections. */
  async stop(): Promise<void> {
    await this.host.must("systemctl kill --signal=KILL name-server 2>/dev/null; systemctl stop name-server 2>/dev/null; true");
  }

  /** It receives questions and answers none of them. */
  async mute(): Promise<void> {
    await this.host.must("systemctl kill --signal=STOP name-server");
  }

  async speak(): Promise<void> {
    await this.host.must("systemctl kill --signal=CONT name-server");
  }
}
