import { KNOWN_HOSTS, type LabFacts, readFacts } from "./facts";
import { insideHost, isOn, keepDisk, makeDisk, newDisk, powerOff, powerOn, shutDown, waitUntilBooted } from "./machine";
import { inNamespace, networkIsUp, setLink } from "./network";
import { CLOUD_IMAGE, noCloudSeed } from "./cloud-init";
import { cloudRoot } from "./root-fs";
import { must, type Outcome, run } from "./run";
import { type System, SYSTEMS } from "./systems";
import { type HostPlan, hostSideInterface, planOf } from "./topology";

export interface ExecOptions {
  /** The time limit in seconds; default 60. At the limit, the command is killed, and its exit status is 124. */
  readonly timeout?: number;
  readonly input?: string | Buffer;
}

/** One host of the lab, with the operations that tests use. */
export class Host {
  readonly name: string;
  readonly address: string;

  constructor(private readonly plan: HostPlan) {
    this.name = plan.name;
    this.address = plan.address;
  }

  /**
   * Runs a command as root inside the host. A string runs in bash; a list runs without a shell. The host needs no sshd
   * and no network for this.
   */
  async exec(command: string | readonly string[], options: ExecOptions = {}): Promise<Outcome> {
    const argv = typeof command === "string" ? ["bash", "-c", command] : command;
    // timeout(1) inside the host, because ending nsenter would leave the command running in there.
    const limit = options.timeout ?? 60;
    return run(insideHost(this.plan, ["timeout", "-k", "2", String(limit), ...argv]), {
      ...(options.input === undefined ? {} : { input: options.input }),
      timeout: limit + 10,
    });
  }

  /** Runs a command like exec, and returns its output. Throws if the command fails. */
  async must(command: string | readonly string[], options: ExecOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.exec(command, options);
    if (status !== 0) throw new Error(`On ${this.name} this failed with status ${status}: ${String(command)}\n${stdout}${stderr}`);
    return stdout;
  }

  read(file: string): Promise<string> {
    return this.must(["cat", file]);
  }

  get isOn(): boolean {
    return isOn(this.plan);
  }

  /** Switches the node off without a shutdown and without a message to its peers. */
  async powerOff(): Promise<void> {
    await powerOff(this.plan);
  }

  async shutDown(): Promise<void> {
    await shutDown(this.plan);
  }

  /** Switches the host on, and does not wait until it has booted. */
  async powerOn(): Promise<void> {
    await powerOn(this.plan);
  }

  /** Switches the host on and waits until it has booted. */
  async start(): Promise<void> {
    await powerOn(this.plan);
    await waitUntilBooted(this.plan);
  }

  /** Gives the host a new disk, as before its first deploy, and starts the host. */
  async reset(): Promise<void> {
    await powerOff(this.plan);
    await makeDisk(this.plan);
    await this.start();
  }

  /** Resets the host to a new cloud VM whose cloud-init has this user data, and waits until cloud-init has finished. */
  async bornFrom(userData: string | Buffer): Promise<Outcome> {
    await powerOff(this.plan);
    await makeDisk(this.plan, await cloudRoot(), { ...CLOUD_IMAGE, ...noCloudSeed(userData, `${this.name}-1`) });
    await this.start();
    return this.cloudInitStatus();
  }

  async cloudInitStatus(): Promise<Outcome> {
    return this.exec("cloud-init status --long --wait", { timeout: 400 });
  }

  /**
   * Saves the host's present disk, so that `comeBack` can return to it. Leaves the host off. A reset or the lab's next
   * `up` discards the saved disk.
   */
  async keep(): Promise<void> {
    await shutDown(this.plan);
    keepDisk(this.plan);
  }

  /** Resets the host to the disk that `keep` has saved, and starts the host. */
  async comeBack(): Promise<void> {
    await powerOff(this.plan);
    await newDisk(this.plan);
    await this.start();
  }

  async linkDown(): Promise<void> {
    await setLink(hostSideInterface(this.plan), "down");
  }

  async linkUp(): Promise<void> {
    await setLink(hostSideInterface(this.plan), "up");
  }

  /** Counts the successful ssh logins since the host booted. Two counts show whether a deploy connected in between. */
  async sshLogins(): Promise<number> {
    await this.must("journalctl --sync");
    const lines = await this.must("journalctl --boot --no-pager --quiet --output=cat SYSLOG_IDENTIFIER=sshd + SYSLOG_IDENTIFIER=sshd-session");
    return lines.split("\n").filter((line) => line.startsWith("Accepted ")).length;
  }
}

export class Lab {
  private constructor(readonly facts: LabFacts) {}

  /** The lab that is up. Throws if no lab is up. */
  static async attach(): Promise<Lab> {
    const facts = readFacts();
    if (!(await networkIsUp())) throw new Error('The lab is not up. Run "npm run lab -- up".');
    return new Lab(facts);
  }

  /** The system of the balancers, so that no test needs to name a system. */
  get system(): System {
    return SYSTEMS[this.facts.suite];
  }

  host(name: string): Host {
    return new Host(planOf(name));
  }

  get balancers(): Host[] {
    return this.ofKind("balancer");
  }

  get exchangeServers(): Host[] {
    return this.ofKind("exchange");
  }

  get client(): Host {
    return this.host("client");
  }

  private ofKind(kind: HostPlan["kind"]): Host[] {
    return this.facts.hosts.filter((host) => host.kind === kind).map((host) => this.host(host.name));
  }

  /** Runs a command of this machine in the lab's network, where Terraform runs too. */
  async inNamespace(argv: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<Outcome> {
    return run(inNamespace(argv), options);
  }

  /** Logs in to a host with the lab's key, as Terraform does; the host's key is checked. */
  async ssh(user: string, host: string, command: string, options: Parameters<typeof run>[1] = {}): Promise<Outcome> {
    return run(inNamespace(sshCommand(this.facts, user, host, [command])), options);
  }

  async mustInNamespace(argv: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<string> {
    return must(inNamespace(argv), options);
  }
}

export function sshCommand(facts: LabFacts, user: string, host: string, command: readonly string[]): string[] {
  const plan = planOf(host);
  return [
    "ssh", "-F", "/dev/null", "-i", facts.ssh.privateKeyPath, "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=5",
    "-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${KNOWN_HOSTS}`, "-o", "LogLevel=ERROR",
    `${user}@${plan.address}`, ...command,
  ];
}
