import { mkdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { Host, Lab } from "./hosts";
import { inState, REPOSITORY } from "./paths";
import type { Outcome } from "./run";
import { Deployment, typescriptApp } from "./terraform";

const WORK = inState("deploy", "jest");

/** The lab's balancer pair, deployed from examples/lab with the settings of a test. */
export class Site {
  private constructor(
    readonly lab: Lab,
    readonly deployment: Deployment,
  ) {}

  static async attach(): Promise<Site> {
    const app = typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts"));
    return new Site(await Lab.attach(), new Deployment(WORK, app));
  }

  /** Resets the balancers to bare hosts, and removes the Terraform state. */
  async fromBare(): Promise<void> {
    this.forgetState();
    await Promise.all(this.lab.balancers.map((host) => host.reset()));
  }

  /** Removes the Terraform state. The hosts stay as they are. */
  forgetState(): void {
    rmSync(WORK, { recursive: true, force: true });
    mkdirSync(WORK, { recursive: true });
  }

  /** Synthesizes the stack, and applies it. The caller checks the result. */
  async deploy(site: LabSite = {}): Promise<Outcome> {
    this.configure(site);
    return this.deployment.deploy();
  }

  /** Deploys, and returns Terraform's output. Throws if the deploy fails. */
  async mustDeploy(site: LabSite = {}): Promise<string> {
    const { status, stdout, stderr } = await this.deploy(site);
    if (status !== 0) throw new Error(`The deploy failed with status ${status}:\n${stdout.slice(-3000)}${stderr}`);
    return stdout;
  }

  /** Delivers one unchanged resource again, with `terraform apply -replace`. Returns Terraform's output. */
  async mustRedeploy(resource: string): Promise<string> {
    const { stdout: listed } = await this.deployment.terraform(["state", "list"]);
    const address = listed.split("\n").find((line) => line.startsWith(`null_resource.${resource}_`)) ?? "";
    const { status, stdout, stderr } = await this.deployment.apply(`-replace=${address}`);
    if (status !== 0) throw new Error(`The deploy failed with status ${status}:\n${stdout.slice(-3000)}${stderr}`);
    return stdout;
  }

  /** Synthesizes the stack and makes a plan, but does not apply it. Status 0: no changes; 2: changes; 1: an error. */
  async plan(site: LabSite = {}): Promise<Outcome> {
    this.configure(site);
    const synthesized = await this.deployment.synth();
    return synthesized.status === 0 ? this.deployment.plan() : synthesized;
  }

  private configure(site: LabSite): void {
    this.deployment.env = { EXLAB_SITE: JSON.stringify(site) };
  }

  get lb01(): Host {
    return this.lab.host("lb01");
  }

  get lb02(): Host {
    return this.lab.host("lb02");
  }

  /** The balancers that hold the virtual address now. */
  async holders(): Promise<string[]> {
    const held = await Promise.all(
      this.lab.balancers.map(async (host) => {
        if (!host.isOn) return false;
        const { stdout } = await host.exec(["ip", "-4", "-brief", "address", "show", this.lab.facts.interface]);
        return stdout.includes(`${this.lab.facts.virtualAddress}/`);
      }),
    );
    return this.lab.balancers.filter((_, index) => held[index]).map(({ name }) => name);
  }

  /** Waits until a condition is true, and checks every 100 ms. The error names the condition. */
  async until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<number> {
    const started = Date.now();
    while (!(await holds())) {
      if (Date.now() - started > seconds * 1000) throw new Error(`Still not true after ${seconds} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return (Date.now() - started) / 1000;
  }

  /** Runs curl on the client. Returns the status and body of the answer, and curl's exit status. */
  async curl(url: string, ...options: string[]): Promise<{ status: number; body: string; error: number }> {
    const { status, stdout } = await this.lab.client.exec([
      "curl", "--silent", "--insecure", "--max-time", "15", "--path-as-is", "--write-out", "\n%{http_code}", ...options, url,
    ]);
    const lines = stdout.split("\n");
    return { status: Number(lines.pop()), body: lines.join("\n"), error: status };
  }

  /**
   * Runs the load of usual mail clients (clients/load.py) during `happening`. Returns for each kind of client how often it was
   * served. Throws if a client was not served.
   */
  async underLoad(happening: () => Promise<void>): Promise<Record<string, number>> {
    const stop = "/run/load.stop";
    await this.lab.client.must(["rm", "-f", stop]);
    const load = this.lab.client.exec(["python3", "-", this.lab.facts.virtualAddress, stop], {
      input: readFileSync(path.join(__dirname, "clients/load.py")),
      timeout: 600,
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await happening();
    } finally {
      await this.lab.client.must(["touch", stop]);
    }
    const { status, stdout, stderr } = await load;
    if (status !== 0) throw new Error(`The load ended with status ${status}: ${stderr}`);
    const { counts, failures } = JSON.parse(stdout) as { counts: Record<string, number>; failures: Record<string, string[]> };
    if (Object.keys(failures).length > 0) throw new Error(`Some clients were not served: ${JSON.stringify({ counts, failures }, null, 1).slice(0, 4000)}`);
    // Print how many requests could have noticed a fault.
    process.stdout.write(`    served under load: ${JSON.stringify(counts)}\n`);
    return counts;
  }

  /** Sends `count` requests, each on its own connection. Returns how many of them each Exchange server answered. */
  async servers(count: number, url: string): Promise<Map<string, number>> {
    const script = `for i in $(seq ${count}); do curl -sk -o /dev/null -D - '${url}' | grep -i '^x-lab-server:'; done`;
    return tally((await this.lab.client.must(script)).match(/exch0[12]/g));
  }

  /** Opens `count` sessions on a port of the virtual address. Returns how many of them each Exchange server greeted. */
  async greeters(count: number, port: number, goodbye: string): Promise<Map<string, number>> {
    const { virtualAddress } = this.lab.facts;
    const script = `for i in $(seq ${count}); do
      exec 3<>/dev/tcp/${virtualAddress}/${port}; read -r -t 5 line <&3; echo "$line"; printf '${goodbye}\\r\\n' >&3; read -r -t 5 line <&3; exec 3>&-
    done`;
    return tally((await this.lab.client.must(script)).match(/^.*exch0[12]/gim)?.map((line) => /exch0[12]/i.exec(line)?.[0].toLowerCase() ?? ""));
  }
}

function tally(names: readonly string[] | null | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
