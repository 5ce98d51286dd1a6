import { execFileSync } from "node:child_process";
import { TerraformOutput, TerraformResource, TerraformStack } from "cdktf";
import { BalancingMode, CloudInitOptions, ExchangeDag, Failover, HaproxyNode, Monitoring, OsProfile, RemovalPolicy, SshAccess, SslBridgeCert, UserDataTarget } from "cdktf-exchange-balancer";
import { applyScript, firstBootScript, withoutComments } from "../../lib/host/scripts";
import { ARTICLE_DAG, Case, balancerStack, newStack, secret, synth, variable } from "../support/site";
import { Synthesized, synthesized, withoutHash } from "../support/synthesized";

const withoutSecrets = { mode: BalancingMode.tcp(), failover: Failover.fast() };
const COMMANDS = { "/etc/haproxy/exch.pem": "cat /mnt/exch.pem", "/etc/keepalived/vrrp.auth": "cat /mnt/vrrp" };

/** A stack with a Terraform output that is the master node's user data in the given form. */
function bornStack(given: Case, form: "text" | "base64Gzip", options: Partial<CloudInitOptions> = {}): TerraformStack {
  const { stack, balancer } = balancerStack(given);
  const userData = balancer.master.cloudInit({ target: UserDataTarget.VSPHERE, ...options });
  new TerraformOutput(stack, "user_data", { value: userData[form] });
  return stack;
}

function script({ locals }: Synthesized): string {
  const [, text = ""] = Object.entries(locals).find(([name]) => withoutHash(name) === "Mail_Master_UserDataText") ?? [];
  return text;
}

interface Condition {
  readonly condition: string;
  readonly error_message: string;
}

function preconditions({ resource }: Synthesized): readonly Condition[] {
  const [, check] = Object.entries(resource.terraform_data).find(([name]) => withoutHash(name) === "Mail_Master_UserDataCheck") ?? [];
  return (check?.lifecycle as { precondition: Condition[] }).precondition;
}

describe("the user data of a host", () => {
  test("user data contain the host's files, compressed by Terraform, but no secret, no hash of a secret and no delivery identity", () => {
    const { stack, balancer } = balancerStack();
    new TerraformOutput(stack, "user_data", { value: balancer.master.cloudInit({ target: UserDataTarget.VSPHERE }).text });
    const text = script(synthesized(stack));
    expect(text).toMatch(/^#!\/bin\/sh\n/);
    expect(text).toContain("base64gzip(local.cdktf_exchange_balancer_first_boot)");
    expect(text).toContain("frontend fe_exch2019");
    expect(text).not.toMatch(/vrrp_password|exch\.pem"\)|sha256|self\./);
    expect(text).toMatch(/secret-commands" <<'=='\n\n==/);
  });

  test("user data contain no secret, whichever prop the secret comes from", () => {
    const stack = newStack();
    const pem = (name: string): SslBridgeCert => SslBridgeCert.fromPem(stack, name, { certificate: variable(stack, `${name}_certificate`), privateKey: secret(stack, `${name}_key`), rootCas: { [`${name.toLowerCase()}-root`]: variable(stack, `${name}_ca`) } });
    const { balancer } = balancerStack({
      balancer: {
        mode: BalancingMode.sslBridge({ cert: pem("Main"), sniCerts: [{ cert: pem("Other"), names: ["autodiscover.mydomain.local"] }] }),
        ssh: SshAccess.privateKey({ user: "deploy", privateKey: secret(stack, "ssh_key"), bastion: { host: "bastion", privateKey: secret(stack, "bastion_key") } }),
        monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"], password: secret(stack, "metrics_password") }),
        failover: Failover.article({ authPass: secret(stack, "vrrp_secret") }),
      },
    }, stack);
    new TerraformOutput(stack, "user_data", { value: balancer.master.cloudInit({ target: UserDataTarget.NO_CLOUD }).text });
    const whole = synthesized(stack);
    const text = script(whole);
    const reached = new Set<string>();
    const follow = (code: string): void => {
      for (const [, name = ""] of code.matchAll(/local\.(\w+)/g)) {
        if (reached.has(name)) continue;
        reached.add(name);
        follow(JSON.stringify(whole.locals[name] ?? ""));
      }
    };
    follow(text);
    const all = [text, ...[...reached].map((name) => JSON.stringify(whole.locals[name] ?? ""))].join("\n");
    expect([...new Set(all.match(/\bvar\.\w+/g))].sort()).toEqual(["var.Main_ca", "var.Other_ca"]);
  });

  test("Terraform checks the values and the size of user data before it computes either form (text or base64Gzip)", () => {
    const { stack, balancer } = balancerStack({ balancer: withoutSecrets });
    const userData = balancer.master.cloudInit({ target: UserDataTarget.VSPHERE });
    new TerraformOutput(stack, "text", { value: userData.text });
    new TerraformOutput(stack, "again", { value: userData.text });
    new TerraformOutput(stack, "packed", { value: userData.base64Gzip });
    const { locals } = synthesized(stack);
    const forms = Object.entries(locals).filter(([name]) => name.startsWith("Mail_Master_UserData") && !name.includes("Text"));
    expect(forms.map(([name, value]) => [withoutHash(name), value.replace(/_[0-9A-F]{8}/g, "")])).toEqual([
      ["Mail_Master_UserDataBase64Gzip", "${[terraform_data.Mail_Master_UserDataCheck.id, base64gzip(local.Mail_Master_UserDataText)][1]}"],
      ["Mail_Master_UserData", "${[terraform_data.Mail_Master_UserDataCheck.id, local.Mail_Master_UserDataText][1]}"],
    ]);
  });

  test("user data contain secretCommands only as base64, so that no command can become a part of the script itself", () => {
    const text = script(synthesized(bornStack({}, "text", { secretCommands: { ...COMMANDS, "/etc/haproxy/exch.pem": "cat /x\n==\nreboot ${x} %{y}" } })));
    expect(text).not.toContain("reboot");
    expect(text).toContain(Buffer.from("cat /x\n==\nreboot ${x} %{y}").toString("base64"));
  });

  test("user data that are too large for the target are refused, and the message contains their size", () => {
    for (const form of ["text", "base64Gzip"] as const) {
      expect(() => synth(bornStack({ balancer: withoutSecrets }, form, { target: UserDataTarget.AWS }))).toThrow(
        /\] user data must be at most 16384 bytes before base64 for AWS, got about \d{5} bytes.* \[Stack\/Mail\/Master\]/,
      );
    }
    // What stands in a file of the deploying machine is not known yet.
    expect(() => synth(bornStack({}, "base64Gzip", { target: UserDataTarget.AWS }))).toThrow(/got at least \d{5} bytes \[/);
    expect(() => synth(bornStack({ balancer: withoutSecrets }, "text", { target: UserDataTarget.OPENSTACK }))).toThrow(/at most 65535 bytes as base64 for OpenStack, got about \d{5} bytes \(base64Gzip is smaller\)/);
    expect(() => synth(bornStack({ balancer: withoutSecrets }, "base64Gzip", { target: UserDataTarget.OPENSTACK }))).not.toThrow();
    expect(() => synth(bornStack({}, "text", { target: UserDataTarget.NO_CLOUD }))).not.toThrow();
  });

  test("user data have a precondition for their size and for each value that is a token", () => {
    const { stack, balancer } = balancerStack({ balancer: (of) => ({ ...withoutSecrets, interface: variable(of, "nic") }) });
    new TerraformOutput(stack, "user_data", { value: balancer.master.cloudInit({ target: UserDataTarget.AZURE }).base64Gzip });
    const conditions = preconditions(synthesized(stack));
    expect(conditions.map(({ error_message }) => error_message)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^interface must be a network interface/),
      expect.stringMatching(/user data must be at most 65535 bytes before base64 for Azure, got /),
    ]));
    expect(conditions.find(({ error_message }) => error_message.includes("user data"))?.condition).toMatch(/floor\(length\(replace\(base64gzip\(local\.\w+\), "=", ""\)\) \* 3 \/ 4\)\)\) <= 65535\}$/);
  });

  test("user data have no preconditions for secrets and local files, because user data contain neither of them", () => {
    const messages = preconditions(synthesized(bornStack({}, "text"))).map(({ error_message }) => error_message);
    expect(messages.join("\n")).not.toMatch(/authPass|existing text file/);
  });
});

describe("the method cloudInit()", () => {
  test("cloudInit() refuses wrong options", () => {
    const { balancer } = balancerStack();
    const wrong = (options: object): (() => unknown) => () => balancer.master.cloudInit(options as CloudInitOptions);
    expect(wrong({})).toThrow("target must be one of aws, azure, gcp, nocloud, openstack, vsphere, got undefined [Stack/Mail/Master]");
    expect(wrong({ target: "ibm" })).toThrow('target must be one of aws, azure, gcp, nocloud, openstack, vsphere, got "ibm"');
    expect(wrong({ target: "aws", secret_commands: {} })).toThrow("did you mean secretCommands?");
    expect(wrong({ target: "aws", secretCommands: { "/etc/x": 1 } })).toThrow('secretCommands["/etc/x"] must be text, got 1');
    expect(wrong({ target: "aws", secretCommands: { "/etc/x": " \n" } })).toThrow('secretCommands["/etc/x"] must be a shell command of printable ASCII text that prints the secret, got " \\n"');
    const { stack, balancer: other } = balancerStack();
    expect(() => other.master.cloudInit({ target: UserDataTarget.AWS, secretCommands: { "/etc/x": variable(stack, "x") } })).toThrow(", known at synthesis, got a token");
  });

  test("cloudInit() refuses a second call for the same host", () => {
    const { balancer } = balancerStack();
    balancer.master.cloudInit({ target: UserDataTarget.GCP });
    balancer.backup.cloudInit({ target: UserDataTarget.GCP });
    expect(() => balancer.master.cloudInit({ target: UserDataTarget.GCP })).toThrow("cloudInit() must be called only once for each host: keep the object that it returns [Stack/Mail/Master]");
  });

  test("cloudInit() refuses secretCommands that lack a secret of the host, or that contain a file that is not a secret of the host", () => {
    const commands = (secretCommands: { [path: string]: string }, given: Case = {}) => (): unknown => synth(bornStack(given, "text", { secretCommands }));
    expect(commands(COMMANDS)).not.toThrow();
    expect(commands({ "/etc/haproxy/exch.pem": "cat x" })).toThrow(
      'secretCommands must be left out, or have a command for each secret of this host (/etc/haproxy/exch.pem, /etc/keepalived/vrrp.auth), got no command for "/etc/keepalived/vrrp.auth" [Stack/Mail/Master]',
    );
    expect(commands({ ...COMMANDS, "/etc/shadow": "cat x" })).toThrow('got a command for the secret "/etc/shadow"');
    expect(commands(COMMANDS, { balancer: withoutSecrets })).toThrow("secretCommands must be left out, because this host has no secrets, got a command for");
  });
});

describe("user data that depend on the VM that receives them", () => {
  const vm = (stack: TerraformStack, id: string): TerraformResource => new TerraformResource(stack, id, { terraformResourceType: "openstack_compute_instance_v2" });

  test("user data are refused if they depend on the VM that receives them, even through another VM, and the message contains the VM's address in Terraform", () => {
    const stack = newStack();
    const [one, other] = [vm(stack, "lb01"), vm(stack, "lb02")];
    const { balancer } = balancerStack({ balancer: { ...withoutSecrets, master: { host: one.getStringAttribute("access_ip_v4") }, backup: { host: other.getStringAttribute("access_ip_v4") } } }, stack);
    other.addOverride("user_data", balancer.backup.cloudInit({ target: UserDataTarget.OPENSTACK }).base64Gzip);
    expect(() => synth(stack)).toThrow(
      "[Stack/Mail/Backup] user data must not depend on the VM that receives it, but it needs openstack_compute_instance_v2.lb02, which needs this user data. Terraform could not create any of them first.",
    );
    const two = newStack();
    const [first, second] = [vm(two, "lb01"), vm(two, "lb02")];
    const pair = balancerStack({ balancer: { ...withoutSecrets, masterVrrpAddress: first.getStringAttribute("private_ip"), backupVrrpAddress: second.getStringAttribute("private_ip") } }, two).balancer;
    first.addOverride("user_data", pair.master.cloudInit({ target: UserDataTarget.OPENSTACK }).base64Gzip);
    second.addOverride("user_data", pair.backup.cloudInit({ target: UserDataTarget.OPENSTACK }).base64Gzip);
    expect(() => synth(two)).toThrow(/user data must not depend on the VM that receives it, but it needs openstack_compute_instance_v2\.lb0[12], which needs this user data/);
  });

  test("a VM may receive the user data of a node whose props hostKey and instanceId refer to this VM; on a node without a pair, the prop host may refer to it, too", () => {
    const stack = newStack();
    const [port, machine, alone] = [new TerraformResource(stack, "port", { terraformResourceType: "openstack_networking_port_v2" }), vm(stack, "lb01"), vm(stack, "lb03")];
    const { balancer } = balancerStack({ balancer: { ...withoutSecrets, master: { host: port.getStringAttribute("ip"), hostKey: machine.getStringAttribute("key"), instanceId: machine.getStringAttribute("id") } } }, stack);
    machine.addOverride("user_data", balancer.master.cloudInit({ target: UserDataTarget.OPENSTACK }).base64Gzip);
    const node = new HaproxyNode(stack, "Alone", { dag: new ExchangeDag(stack, "Other", ARTICLE_DAG), mode: BalancingMode.tcp(), os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(), host: alone.getStringAttribute("ip") });
    alone.addOverride("user_data", node.cloudInit({ target: UserDataTarget.OPENSTACK }).base64Gzip);
    expect(() => synth(stack)).not.toThrow();
  });
});

describe("the option sshDelivery: false", () => {
  test("sshDelivery: false removes every delivery and keeps the user data", () => {
    const resources = Object.values(synthesized(bornStack({ balancer: { sshDelivery: false } }, "text")).resource.null_resource);
    expect(resources.map((resource) => (resource as unknown as { count?: number }).count)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("sshDelivery: false is refused together with a removalPolicy that needs an ssh login", () => {
    expect(() => balancerStack({ balancer: { sshDelivery: false, removalPolicy: RemovalPolicy.RELEASE } })).toThrow('removalPolicy must be RETAIN with sshDelivery: false, got "release" [Stack/Mail/Master]');
  });
});

test("the apply.sh in user data differs from the apply.sh of a delivery only in comments", () => {
  const program = (text: string): string => execFileSync("bash", ["-c", 'eval "f() {\n$(cat)\n}" && declare -f f'], { input: text }).toString();
  expect(program(firstBootScript())).toBe(program(applyScript()));
  expect(firstBootScript().length).toBeLessThan(applyScript().length * 0.85);
  expect(withoutComments("a\n# b\n  # c\ncat <<UNIT\n# d\n\nUNIT\n\n#!/x\n")).toBe("a\ncat <<UNIT\n# d\n\nUNIT\n\n#!/x\n");
});
