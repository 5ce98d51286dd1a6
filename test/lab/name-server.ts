import type { Host } from "./hosts";

/** A real name server (dnsmasq) on an extra address of one of the lab's hosts. */
export class NameServer {
  constructor(
    private readonly host: Host,
    readonly address: string,
    private readonly domain: string,
  ) {}

  /**
   * Starts the server with these names (name -> address). For all other names of its domain it answers that they do not
   * exist.
   */
  async serve(names: Readonly<Record<string, string>>): Promise<void> {
    await this.stop();
    await this.host.must([
      "systemd-run", "--quiet", "--collect", "--unit=name-server", "--service-type=exec",
      "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--no-resolv", "--no-hosts", "--no-ping",
      `--listen-address=${this.address}`, "--bind-interfaces", `--local=/${this.domain}/`,
      ...Object.entries(names).map(([name, address]) => `--host-record=${name}.${this.domain},${address}`),
    ]);
  }

  /** Stops the server, so that its port refuses connections. */
  async stop(): Promise<void> {
    await this.host.must("systemctl kill --signal=KILL name-server 2>/dev/null; systemctl stop name-server 2>/dev/null; true");
  }

  /** Freezes the server, so that it receives questions and does not answer. */
  async mute(): Promise<void> {
    await this.host.must("systemctl kill --signal=STOP name-server");
  }

  async speak(): Promise<void> {
    await this.host.must("systemctl kill --signal=CONT name-server");
  }
}
