import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { LabFacts } from "../../test/lab/facts";
import { inNamespace } from "../../test/lab/network";
import { inState } from "../../test/lab/paths";
import { must, run } from "../../test/lab/run";
import type { Contender, Wanted } from "./contender";

const FOLDER = inState("bench", "ansible");
const at = (...parts: string[]): string => path.join(FOLDER, ...parts);

/** Ansible with ansible/playbook.yml and the files that the library renders. */
export class Ansible implements Contender {
  readonly name = "ansible";
  readonly firewall = true;

  constructor(private readonly facts: LabFacts) {}

  begin(): Promise<void> {
    rmSync(FOLDER, { recursive: true, force: true });
    cpSync(path.join(__dirname, "ansible"), FOLDER, { recursive: true });
    return Promise.resolve();
  }

  edit({ hosts }: Wanted): Promise<void> {
    const known = hosts.map(({ address }) => this.facts.hosts.find((host) => host.address === address)?.hostKey ?? "");
    writeFileSync(at("known_hosts"), known.join(""));
    const key = `ansible_user=root ansible_ssh_private_key_file=${this.facts.ssh.privateKeyPath}`;
    const inventory = hosts.map(({ name, address }) => `${name} ansible_host=${address} ${key}\n`);
    writeFileSync(at("inventory.ini"), `[balancers]\n${inventory.join("")}`);
    mkdirSync(at("host_vars"), { recursive: true });
    const playbook = readFileSync(at("playbook.yml"), "utf8");
    for (const { name, packages, ports, richRules, files } of hosts) {
      // The allow lists are named by their last part.
      const others = files.filter(({ path: file }) => !playbook.includes(`dest: ${file}\n`) && !file.endsWith("_whitelist.lst"));
      writeFileSync(at("host_vars", `${name}.json`), JSON.stringify({
        packages, ports, rich_rules: richRules, others: others.map(({ path: file, mode }) => ({ path: file, mode })),
      }));
    }
    for (const { name, files } of hosts) {
      for (const file of files) {
        mkdirSync(path.dirname(at("files", name, file.path)), { recursive: true });
        writeFileSync(at("files", name, file.path), file.content, { mode: 0o600 });
      }
    }
    return Promise.resolve();
  }

  async deploy(): Promise<void> {
    await must(inNamespace(["ansible-playbook", "playbook.yml"]), { cwd: FOLDER, env: this.environment });
  }

  /**
   * Closes Ansible's shared ssh connections. The next run must then open new connections, like a deploy on another day.
   */
  async rest(): Promise<void> {
    const sockets = existsSync(at("control")) ? readdirSync(at("control")) : [];
    for (const socket of sockets) await run(["ssh", "-F", "/dev/null", "-o", `ControlPath=${at("control", socket)}`, "-O", "exit", "any"]);
  }

  private readonly environment = { ANSIBLE_CONFIG: at("ansible.cfg"), ANSIBLE_HOME: at("home"), ANSIBLE_NOCOLOR: "1" };
}
