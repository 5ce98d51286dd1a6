import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { LabFacts } from "../../test/lab/facts";
import { inState } from "../../test/lab/paths";
import { must } from "../../test/lab/run";
import { knownHosts } from "../../lib/delivery/known-hosts";
import { Deployment } from "../../test/lab/terraform";
import type { Contender, Wanted } from "./contender";

const FOLDER = inState("bench", "provisioners");
const STACK = path.join(FOLDER, "cdktf.out/stacks/provisioners");

/**
 * The commands of the smallest possible deploy on a host. They unpack the same files as the other contenders, and
 * enable and start the same services. They check nothing, open no ports, and have no rollback. They run on the backup
 * first.
 */
const START = [
  "set -e",
  "tar -x -C / -f .bench.tar && rm .bench.tar",
  "update-ca-certificates >/dev/null 2>&1",
  "systemctl daemon-reload",
  "systemctl enable --quiet rsyslog haproxy keepalived firewalld 2>/dev/null",
  "systemctl restart firewalld rsyslog haproxy keepalived",
];

export class Provisioners implements Contender {
  readonly name = "provisioners";
  readonly firewall = false;
  private readonly deployment = new Deployment(FOLDER, []);

  constructor(private readonly facts: LabFacts) {}

  begin(): Promise<void> {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(STACK, { recursive: true });
    return Promise.resolve();
  }

  async edit({ hosts }: Wanted): Promise<void> {
    const resources: Record<string, object> = {};
    for (const { name, address, files } of hosts) {
      const tree = path.join(FOLDER, name);
      for (const { path: file, mode, content } of files) {
        mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
        writeFileSync(path.join(tree, file), content, { mode: parseInt(mode, 8) });
      }
      const paths = files.map(({ path: file }) => file.slice(1));
      // keepalived's folder below /usr/libexec is the only one that the packages do not bring.
      await must(["tar", "-c", "--owner=0", "--group=0", "-f", path.join(STACK, `${name}.tar`), "-C", tree, ...paths]);
      resources[name] = {
        connection: {
          type: "ssh", host: address, user: "root", agent: "false", private_key: `\${file("${this.facts.ssh.privateKeyPath}")}`,
          host_key: knownHosts({ host: address, port: 22, keys: this.facts.hosts.find((host) => host.address === address)?.hostKey ?? "" }),
        },
        provisioner: [{ file: { source: `${name}.tar`, destination: ".bench.tar" } }, { "remote-exec": { inline: [START.join("\n")] } }],
        ...(name !== hosts[0]?.name ? { depends_on: [`null_resource.${hosts[0]?.name ?? ""}`] } : {}),
      };
    }
    const terraform = { required_providers: { null: { source: "hashicorp/null", version: "3.2.4" } } };
    writeFileSync(path.join(STACK, "cdk.tf.json"), JSON.stringify({ terraform, resource: { null_resource: resources } }, undefined, 2));
    await this.deployment.terraform(["version"]);
  }

  async deploy(): Promise<void> {
    const { status, stdout, stderr } = await this.deployment.apply();
    if (status !== 0) throw new Error(`${this.name}: status ${status}\n${stdout.slice(-3000)}${stderr}`);
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }
}
