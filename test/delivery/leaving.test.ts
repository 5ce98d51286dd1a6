import { TerraformStack } from "cdktf";
import { ExchangeDag, HaproxyNode, RemovalPolicy, SshAccess } from "cdktf-exchange-balancer";
import { BalancingMode, OsProfile } from "cdktf-exchange-balancer";
import { ARTICLE_DAG, Case, ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack, newStack, variable } from "../support/site";
import { MASTER, nullResource, synthesized } from "../support/synthesized";

interface Leave {
  readonly for_each: { readonly [key: string]: { readonly [name: string]: unknown } };
  readonly connection: { readonly [name: string]: string };
  readonly provisioner: readonly { readonly "remote-exec": { readonly inline: string[]; readonly when: string; readonly on_failure: string } }[];
}

function leave(stack: TerraformStack): Leave {
  const { terraform_data: all } = synthesized(stack).resource;
  expect(Object.keys(all).filter((name) => name.includes("leave"))).toEqual(["cdktf_exchange_balancer_leave"]);
  return all.cdktf_exchange_balancer_leave as unknown as Leave;
}

const balancer = (site: Case["balancer"]): TerraformStack => balancerStack({ balancer: site }).stack;

describe("what leaves", () => {
  test("has one resource a stack, with an instance a host", () => {
    const { for_each } = leave(balancer({ removalPolicy: RemovalPolicy.RELEASE }));
    expect(Object.keys(for_each)).toEqual(["Stack/Mail/Backup@10.12.8.12", "Stack/Mail/Master@10.12.8.11"]);
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ policy: "release", at_destroy: "keepalived and haproxy are stopped and disabled; their files stay", host: "10.12.8.11", user: "root", port: 22,
      host_key: `${ECDSA_HOST_KEY}\n10.12.8.11 ${ED25519_HOST_KEY}` });
  });

  test("retains a removed host by default", () => {
    expect(Object.values(leave(balancer({})).for_each).map(({ policy }) => policy)).toEqual(["retain", "retain"]);
    expect(leave(balancer({})).for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ at_destroy: "the host continues to serve and keeps its addresses" });
  });

  test("is created before the delivery, so that it is destroyed after it", () => {
    expect(nullResource(balancerStack().stack, MASTER).depends_on).toContain("terraform_data.cdktf_exchange_balancer_leave");
  });

  test("runs only when an instance is destroyed, and a retained host that is off stops nothing", () => {
    const [run] = leave(balancer({})).provisioner;
    expect(run?.["remote-exec"]).toMatchObject({ when: "destroy", on_failure: "continue" });
    const script = run?.["remote-exec"].inline.join("\n") ?? "";
    expect(script).toContain("policy='${self.output.policy}'");
    expect(script).toContain("--leave \"$policy\" '${self.output.identity}' \"$host\"");
    // What the stack says by now, by the instance's key: the state may have an older policy.
    expect(script).toContain(`stated='\${lookup({ ("Stack/Mail/Master@10.12.8.11") = "retain", ("Stack/Mail/Backup@10.12.8.12") = "retain" }, each.key, self.output.policy)}'`);
    expect(script.match(/\$\{(?!self\.output)(?!base64encode\(self\.output\.)(?!lookup\()/g)).toBeNull();
  });

  test("fails if a host that is to be released or cleaned cannot be reached", () => {
    for (const removalPolicy of [RemovalPolicy.RELEASE, RemovalPolicy.DESTROY]) {
      expect(leave(balancer({ removalPolicy })).provisioner[0]?.["remote-exec"].on_failure).toBe("fail");
    }
  });

  test.each([
    ["none", undefined, { bastion_host: null, bastion_user: null, bastion_port: null, bastion_host_key: null }],
    ["a bastion", { host: "bastion.mydomain.local" }, { bastion_host: "bastion.mydomain.local", bastion_user: "root", bastion_port: 22, bastion_host_key: null }],
    ["a pinned bastion", { host: "10.0.0.1", port: 2022, user: "jump", hostKey: HOST_KEY }, { bastion_host: "10.0.0.1", bastion_user: "jump", bastion_port: 2022, bastion_host_key: `${ECDSA_HOST_KEY}\n[10.0.0.1]:2022 ${ED25519_HOST_KEY}` }],
  ])("connects as the delivery does: %s", (_, bastion, expected) => {
    const { for_each, connection } = leave(balancer({ ssh: SshAccess.agent({ bastion }) }));
    for (const one of Object.values(for_each)) expect(one).toMatchObject(expected);
    for (const name of Object.keys(expected)) expect(connection[name]).toBe(`\${self.output.${name}}`);
  });

  test("knows every key that a delivery's connection has", () => {
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)} root`;
    const bastion = { host: "10.0.0.1", port: 2022, user: "jump", hostKey: HOST_KEY, privateKeyPath: "jump", certificate };
    const keys = (ssh: SshAccess): string[] => {
      const stack = balancer({ ssh });
      const all = Object.keys(leave(stack).connection);
      return Object.keys(nullResource(stack, MASTER).connection).filter((key) => !all.includes(key));
    };
    expect(keys(SshAccess.privateKeyFile({ path: "id_ed25519", certificate, bastion }))).toEqual([]);
    expect(keys(SshAccess.agent({ agentIdentity: "root@lab" }))).toEqual([]);
  });

  test("has the key's path and never the key", () => {
    const { for_each, connection } = leave(balancer({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519" }) }));
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ key_file: "../../../id_ed25519" });
    expect(connection.private_key).toMatch(/^\$\{self\.output\.key_file == null \? null : self\.output\.policy == "retain" \? try\(file\(self\.output\.key_file\), null\) : file\(/);
  });

  test("has the paths of the bastion's own key, and no certificate without its key", () => {
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)} root`;
    const bastion = { host: "10.0.0.1", privateKeyPath: "jump", certificate };
    const { for_each } = leave(balancer({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519", certificate, bastion }) }));
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ certificate, bastion_key_file: "../../../jump", bastion_certificate: certificate });
    const agent = leave(balancer((within) => ({ ssh: SshAccess.privateKey({ privateKey: variable(within, "ssh_key"), certificate }) })));
    expect(agent.for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ key_file: null, certificate: null });
  });

  test("identifies hosts by their construct if the address is a token", () => {
    const { for_each } = leave(balancer((within) => ({ master: { host: variable(within, "lb01") } })));
    expect(Object.keys(for_each)).toEqual(["Stack/Mail/Backup@10.12.8.12", "Stack/Mail/Master"]);
    expect(for_each["Stack/Mail/Master"]?.host).toBe("${var.lb01}");
  });

  test("has an instance for a node without a pair, too", () => {
    const stack = newStack();
    new HaproxyNode(stack, "Node", {
      dag: new ExchangeDag(stack, "Dag", ARTICLE_DAG),
      mode: BalancingMode.tcp(),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      host: "10.12.8.11",
    });
    expect(Object.keys(leave(stack).for_each)).toEqual(["Stack/Node@10.12.8.11"]);
  });
});
