import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import type { Host } from "./hosts";
import { Site } from "./site";

/** A request in the log of the stand-in for Exchange. */
export interface Logged {
  readonly time: number;
  readonly vdir: string | null;
  readonly health: boolean;
  readonly userAgent: string | null;
  readonly target: string;
  readonly forwardedFor: readonly string[];
  readonly forwardedProto: readonly string[];
  readonly left: boolean;
}

/**
 * The lab for the Exchange suites: the stand-ins for Exchange with their log, HAProxy's status of each stand-in, and
 * clients that send exact bytes.
 */
export class ExchangeSite {
  /** The address of the balancer that gets the requests. The failover suites test the virtual address instead. */
  readonly lb = "198.18.0.11";
  /** A client on every allow list. */
  readonly inside = "198.18.0.31";
  /** A client on OWA's allow list only. */
  readonly outside = "198.18.0.33";

  private constructor(readonly site: Site) {}

  static async attach(): Promise<ExchangeSite> {
    const exchange = new ExchangeSite(await Site.attach());
    await exchange.heal();
    return exchange;
  }

  /** Deploys on the existing hosts. If this fails, resets the hosts and deploys on bare hosts. */
  async deployed(change: LabSite): Promise<void> {
    if ((await this.site.deploy(change)).status !== 0) {
      await this.site.fromBare();
      await this.site.mustDeploy(change);
    }
    await this.allUp();
  }

  async control(method: string, where: string, body?: object, servers: readonly Host[] = this.site.lab.exchangeServers): Promise<string[]> {
    return Promise.all(
      servers.map(({ address }) =>
        this.site.lab.client.must([
          "curl", "-sS", "--fail", "--max-time", "20", "-X", method,
          ...(body === undefined ? [] : ["-d", JSON.stringify(body)]), `http://${address}:8025${where}`,
        ]),
      ),
    );
  }

  heal(): Promise<string[]> {
    return this.control("DELETE", "/control");
  }

  /** Makes one server faulty. */
  async ill(server: string, fault: object): Promise<void> {
    await this.control("PUT", "/control", fault, [this.site.lab.host(server)]);
  }

  forget(): Promise<string[]> {
    return this.control("DELETE", "/log");
  }

  /** The requests that reached Exchange since the last forget(). */
  async log(): Promise<Logged[]> {
    return (await this.control("GET", "/log")).flatMap((text) => (JSON.parse(text) as { requests: Logged[] }).requests);
  }

  /** The requests that reached Exchange since the last forget(), without health checks. */
  async reached(): Promise<Logged[]> {
    return (await this.log()).filter(({ health }) => !health);
  }

  /**
   * Runs clients/raw.py on the client host. The script connects from the address `source`. Returns the script's result.
   */
  async client<T>(source: string, asked: object, timeout = 120): Promise<T> {
    // As a file, because the program's standard input contains its task.
    await this.site.lab.client.must("cat > /run/raw.$$ && mv /run/raw.$$ /run/raw.py", { input: readFileSync(path.join(__dirname, "clients/raw.py")) });
    const said = await this.site.lab.client.must(["python3", "/run/raw.py", this.lb, source], { input: JSON.stringify(asked), timeout });
    return JSON.parse(said) as T;
  }

  /** Returns HAProxy's status of each server: "backend/server" -> status. */
  async statuses(): Promise<Map<string, string>> {
    const csv = await this.site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; cat <&3");
    return new Map(
      csv.split("\n").map((line) => line.split(",")).filter((row) => row.length > 17).map((row) => [`${row[0]}/${row[1]}`, row[17] ?? ""] as const),
    );
  }

  /** Whether the server's status matches `wanted` in all backends that match `backends`. */
  async stand(server: string, wanted: RegExp, backends: RegExp): Promise<boolean> {
    const rows = [...(await this.statuses())].filter(([name]) => name.endsWith(`/${server}`) && backends.test(name));
    return rows.length > 0 && rows.every(([, status]) => wanted.test(status));
  }

  allUp(seconds = 60): Promise<number> {
    return this.site.until("all members are up", seconds, async () => (await this.stand("exch01", /^UP/, /./)) && (await this.stand("exch02", /^UP/, /./)));
  }
}
