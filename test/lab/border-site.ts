import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { LabBorder, LabSite } from "../../examples/lab/main";
import type { ReviewModel } from "../../lib/review/model";
import { openings, type Opening } from "../../lib/review/openings";
import { ExchangeSite, type Logged } from "./exchange-site";
import { Host } from "./hosts";
import type { Outcome } from "./run";
import type { Site } from "./site";
import { BORDER_ADDRESS, planOf } from "./topology";
import { hostKeyText, letThrough, zonesUp } from "./zones";

/**
 * Addresses outside: MICROSOFT stands for Microsoft 365, OUTSIDE is an ordinary client, and STRANGER is a client on no
 * list.
 */
export const MICROSOFT = "198.18.3.32";
export const OUTSIDE = "198.18.3.31";
export const STRANGER = "198.18.3.33";

/** The lab with a DMZ: two border proxies, a client outside, and a firewall between the networks. */
export class BorderSite {
  readonly bd01 = new Host(planOf("bd01"));
  readonly bd02 = new Host(planOf("bd02"));
  readonly out01 = new Host(planOf("out01"));

  private constructor(readonly exchange: ExchangeSite, private readonly usual: LabBorder) {}

  static async attach(): Promise<BorderSite> {
    await zonesUp();
    const exchange = await ExchangeSite.attach();
    const hosts = await Promise.all(["bd01", "bd02"].map(async (name) => ({ address: planOf(name).address, hostKey: await hostKeyText(planOf(name)) })));
    return new BorderSite(exchange, { hosts, virtualAddress: BORDER_ADDRESS, networks: [MICROSOFT], smtp: [OUTSIDE, MICROSOFT] });
  }

  get site(): Site {
    return this.exchange.site;
  }

  /**
   * Returns the settings of the border proxies and the balancers: the defaults, with the values of `border` and `site`
   * in place of the defaults.
   */
  with(border: Partial<LabBorder> = {}, site: LabSite = {}): LabSite {
    return {
      borderAccess: [this.bd01.address, this.bd02.address],
      // The lists inside hold for clients outside, too.
      owa: ["198.18.0.0/15"],
      smtp: ["198.18.0.31/32", OUTSIDE, MICROSOFT],
      otherDirectories: [{ path: "/api", healthPath: "/owa/healthcheck.htm" }],
      failover: { profile: "fast" },
      maxconn: 300,
      ...site,
      border: { ...this.usual, maxconn: 300, ...border },
    };
  }

  /** Sets the firewall between the networks so that it admits only the connections in the review model, and deploys. */
  async deploy(site: LabSite): Promise<Outcome> {
    const before = this.site.deployment.env;
    const folder = mkdtempSync(path.join(tmpdir(), "border-review-"));
    try {
      this.site.deployment.env = { ...before, EXLAB_SITE: JSON.stringify(site), CDKTF_EXCHANGE_BALANCER_REVIEW: folder };
      const synthesized = await this.site.deployment.synth();
      if (synthesized.status !== 0) return synthesized;
      this.openings = (JSON.parse(readFileSync(path.join(folder, "lab.json"), "utf8")) as ReviewModel[]).flatMap(openings);
      await letThrough(this.openings);
      return await this.site.deployment.apply();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The firewall openings that the last deploy needs. They are read from the review model of this deploy. */
  openings: readonly Opening[] = [];

  async mustDeploy(site: LabSite): Promise<string> {
    const { status, stdout, stderr } = await this.deploy(site);
    if (status !== 0) throw new Error(`The deploy failed with status ${status}:\n${stdout.slice(-4000)}${stderr}`);
    return stdout;
  }

  /** Waits until a client outside reaches Exchange through the border proxies. */
  async served(seconds = 30): Promise<void> {
    await this.site.until("a client outside reaches Exchange", seconds, async () => (await this.curl("/owa/")).status === 200);
  }

  /** Runs curl on the client host in the outside network, through the border proxies. */
  async curl(target: string, source = OUTSIDE, ...options: string[]): Promise<{ status: number; body: string }> {
    const { stdout } = await this.out01.exec([
      "curl", "--silent", "--insecure", "--max-time", "10", "--path-as-is", "--interface", source, "--write-out", "\n%{http_code}",
      "--resolve", `mail.lab.test:443:${BORDER_ADDRESS}`, ...options, `https://mail.lab.test${target}`,
    ]);
    const lines = stdout.split("\n");
    return { status: Number(lines.pop()), body: lines.join("\n") };
  }

  /**
   * Runs clients/raw.py on the client host in the outside network. The script connects from the address `source` to the
   * border proxies. Returns the script's result.
   */
  async client<T>(source: string, asked: object, timeout = 240): Promise<T> {
    await this.out01.must("cat > /run/raw.py", { input: readFileSync(path.join(__dirname, "clients/raw.py")) });
    return JSON.parse(await this.out01.must(["python3", "/run/raw.py", BORDER_ADDRESS, source], { input: JSON.stringify(asked), timeout })) as T;
  }

  /** Runs `asking`, and returns the requests that reached Exchange meanwhile, without health checks. */
  async reachedBy(asking: () => Promise<unknown>): Promise<Logged[]> {
    await this.exchange.forget();
    await asking();
    return this.exchange.reached();
  }

  /** Whether a TCP connection from the host to the address and port succeeds. */
  async connects(host: Host, address: string, port: number): Promise<boolean> {
    return (await host.exec(`timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`)).status === 0;
  }

  /**
   * Runs the load of usual mail clients (clients/load.py) on each given host during `happening`. Throws if a client was
   * not served.
   */
  async underLoad(places: readonly { readonly host: Host; readonly address: string }[], happening: () => Promise<void>): Promise<Record<string, number>[]> {
    const stop = "/run/load.stop";
    await Promise.all(places.map(({ host }) => host.must(["rm", "-f", stop])));
    const loads = places.map(({ host, address }) =>
      host.exec(["python3", "-", address, stop], { input: readFileSync(path.join(__dirname, "clients/load.py")), timeout: 900 }),
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await happening();
    } finally {
      await Promise.all(places.map(({ host }) => host.must(["touch", stop])));
    }
    const said = await Promise.all(loads);
    return said.map(({ status, stdout, stderr }, index) => {
      if (status !== 0) throw new Error(`The load ended with status ${status}: ${stderr}`);
      const { counts, failures } = JSON.parse(stdout) as { counts: Record<string, number>; failures: Record<string, string[]> };
      const at = places[index]?.host.name ?? "";
      if (Object.keys(failures).length > 0) throw new Error(`Some clients were not served, from ${at}: ${JSON.stringify({ counts, failures }, null, 1).slice(0, 4000)}`);
      process.stdout.write(`    served under load, from ${at}: ${JSON.stringify(counts)}\n`);
      return counts;
    });
  }

  /**
   * Runs `happening`. Meanwhile, four clients outside send one request after another, each on its own connection. A
   * client repeats a request until it gets 200, for at most 60 s. Returns how many requests the clients sent (`asked`),
   * how many of these did not get 200 at the first try (`failed`), and the longest time from the first try of such a
   * request to its 200, in seconds (`longest`).
   */
  async outage(happening: () => Promise<void>): Promise<{ asked: number; failed: number; longest: number }> {
    await this.out01.must(["rm", "-f", "/run/outage.stop"]);
    const load = this.out01.exec(["python3", "-", BORDER_ADDRESS, "/run/outage.stop"], { input: OUTAGE, timeout: 300 });
    try {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await happening();
    } finally {
      await this.out01.must(["touch", "/run/outage.stop"]);
    }
    const { status, stdout, stderr } = await load;
    if (status !== 0) throw new Error(`The clients ended with status ${status}: ${stderr}`);
    return JSON.parse(stdout) as { asked: number; failed: number; longest: number };
  }
}

const OUTAGE = `
import json, os, socket, ssl, sys, threading, time
context = ssl._create_unverified_context()
address, stop = sys.argv[1:3]
lock = threading.Lock()
seen = {"asked": 0, "failed": 0, "longest": 0}
def once():
    with socket.create_connection((address, 443), 3) as raw:
        raw.settimeout(10)
        with context.wrap_socket(raw, server_hostname="mail.lab.test") as sock:
            sock.sendall(b"GET /owa/healthcheck.htm HTTP/1.1\\r\\nHost: mail.lab.test\\r\\nConnection: close\\r\\n\\r\\n")
            return sock.recv(64).split(b" ")[1:2] == [b"200"]
def run():
    while not os.path.exists(stop):
        began, failed = time.time(), False
        while time.time() - began < 60:
            try:
                if once(): break
            except (OSError, IndexError): pass
            failed = True
            time.sleep(0.05)
        with lock:
            seen["asked"] += 1
            if failed:
                seen["failed"] += 1
                seen["longest"] = max(seen["longest"], round(time.time() - began, 2))
        time.sleep(0.02)
threads = [threading.Thread(target=run) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(seen))
`;
