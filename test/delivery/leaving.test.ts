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

describe("the resource that runs when a host leaves the stack", () => {
  test("a stack has one resource for removed hosts, with one instance for each host of the stack", () => {
    const { for_each } = leave(balancer({ removalPolicy: RemovalPolicy.RELEASE }));
    expect(Object.keys(for_each)).toEqual(["Stack/Mail/Backup@10.12.8.12", "Stack/Mail/Master@10.12.8.11"]);
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ policy: "release", at_destroy: "keepalived and haproxy are stopped and disabled; their files stay", host: "10.12.8.11", user: "root", port: 22,
      host_key: `${ECDSA_HOST_KEY}\n10.12.8.11 ${ED25519_HOST_KEY}` });
  });

  test("a removed host keeps its files and services by default (policy `retain`)", () => {
    expect(Object.values(leave(balancer({})).for_each).map(({ policy }) => policy)).toEqual(["retain", "retain"]);
    expect(leave(balancer({})).for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ at_destroy: "the host continues to serve and keeps its addresses" });
  });

  test("the resource for removed hosts is created before the delivery, so that Terraform destroys the delivery first", () => {
    expect(nullResource(balancerStack().stack, MASTER).depends_on).toContain("terraform_data.cdktf_exchange_balancer_leave");
  });

  test("the script for removed hosts runs only when Terraform destroys a host's instance of the resource, and an unreachable host with the policy `retain` does not stop the deploy", () => {
    const [run] = leave(balancer({})).provisioner;
    expect(run?.["remote-exec"]).toMatchObject({ when: "destroy", on_failure: "continue" });
    const script = run?.["remote-exec"].inline.join("\n") ?? "";
    expect(script).toContain("policy='${self.output.policy}'");
    expect(script).toContain("--leave \"$policy\" '${self.output.identity}' \"$host\"");
    // What the stack says by now, by the instance's key: the state may have an older policy.
    expect(script).toContain(`stated='\${lookup({ ("Stack/Mail/Master@10.12.8.11") = "retain", ("Stack/Mail/Backup@10.12.8.12") = "retain" }, each.key, self.output.policy)}'`);
    expect(script.match(/\$\{(?!self\.output)(?!base64encode\(self\.output\.)(?!lookup\()/g)).toBeNull();
  });

  test("a destroy fails if a host with the policy `release` or `destroy` is unreachable", () => {
    for (const removalPolicy of [RemovalPolicy.RELEASE, RemovalPolicy.DESTROY]) {
      expect(leave(balancer({ removalPolicy })).provisioner[0]?.["remote-exec"].on_failure).toBe("fail");
    }
  });

  test.each([
    ["no bastion", undefined, { bastion_host: null, bastion_user: null, bastion_port: null, bastion_host_key: null }],
    ["a bastion without a host key", { host: "bastion.mydomain.local" }, { bastion_host: "bastion.mydomain.local", bastion_user: "root", bastion_port: 22, bastion_host_key: null }],
    ["a bastion with a host key", { host: "10.0.0.1", port: 2022, user: "jump", hostKey: HOST_KEY }, { bastion_host: "10.0.0.1", bastion_user: "jump", bastion_port: 2022, bastion_host_key: `${ECDSA_HOST_KEY}\n[10.0.0.1]:2022 ${ED25519_HOST_KEY}` }],
  ])("with %s, the script for removed hosts has the same bastion settings as the delivery", (_, bastion, expected) => {
    const { for_each, connection } = leave(balancer({ ssh: SshAccess.agent({ bastion }) }));
    for (const one of Object.values(for_each)) expect(one).toMatchObject(expected);
    for (const name of Object.keys(expected)) expect(connection[name]).toBe(`\${self.output.${name}}`);
  });

  test("the ssh connection of the script for removed hosts has every setting of the delivery's connection", () => {
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

  test("the resource for removed hosts contains the path of the ssh key, but not the key itself", () => {
    const { for_each, connection } = leave(balancer({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519" }) }));
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ key_file: "../../../id_ed25519" });
    expect(connection.private_key).toMatch(/^\$\{self\.output\.key_file == null \? null : self\.output\.policy == "retain" \? try\(file\(self\.output\.key_file\), null\) : file\(/);
  });

  test("the resource for removed hosts contains the path of the bastion's own key, and contains an ssh certificate only if the path of the certificate's key is known", () => {
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)} root`;
    const bastion = { host: "10.0.0.1", privateKeyPath: "jump", certificate };
    const { for_each } = leave(balancer({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519", certificate, bastion }) }));
    expect(for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ certificate, bastion_key_file: "../../../jump", bastion_certificate: certificate });
    const agent = leave(balancer((within) => ({ ssh: SshAccess.privateKey({ privateKey: variable(within, "ssh_key"), certificate }) })));
    expect(agent.for_each["Stack/Mail/Master@10.12.8.11"]).toMatchObject({ key_file: null, certificate: null });
  });

  test("if a host's address is a token, the host's for_each key in the resource for removed hosts is the construct's path without the address", () => {
    const { for_each } = leave(balancer((within) => ({ master: { host: variable(within, "lb01") } })));
    expect(Object.keys(for_each)).toEqual(["Stack/Mail/Backup@10.12.8.12", "Stack/Mail/Master"]);
    expect(for_each["Stack/Mail/Master"]?.host).toBe("${var.lb01}");
  });

  test("the resource for removed hosts has an instance for a node without a pair, too", () => {
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
