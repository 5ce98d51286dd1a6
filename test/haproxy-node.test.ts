import { DataResource, TerraformProvider, TerraformStack, TerraformVariable } from "cdktf";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { BalancingMode, HostFirewallMode, OsProfile, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { HOST, NETWORK } from "../lib/validation/rules";
import { SAME_HOST } from "../lib/validation/sameness";
import { Case, ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack, secret, synth, variable } from "./support/site";

interface Provisioned {
  readonly triggers: { readonly [key: string]: string };
  readonly connection: object;
  readonly depends_on: string[];
  readonly provisioner: { readonly "remote-exec"?: { readonly inline: string[] }; readonly file?: { readonly content: string } }[];
  readonly lifecycle: { readonly create_before_destroy: boolean; readonly precondition?: { readonly condition: string; readonly error_message: string }[] };
}

/** A resource by its name without the hash that cdktf adds. */
function resource(stack: TerraformStack, name: string): Provisioned {
  const { resource: resources } = JSON.parse(synth(stack)) as { resource: { null_resource: { [id: string]: Provisioned } } };
  const found = Object.entries(resources.null_resource).find(([id]) => id.replace(HASH, "") === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found[1];
}

const HASH = /_[0-9A-F]{8}$/;
const MASTER = "Mail_Master_Provision";
const cfg = (stack: TerraformStack): string => resource(stack, MASTER).triggers["/etc/haproxy/haproxy.cfg"] ?? "";

describe("a delivery", () => {
  test("has one trigger a file, the file's text in clear, and of a secret a fingerprint", () => {
    const { triggers } = resource(balancerStack().stack, MASTER);
    expect(Object.keys(triggers)).toEqual([
      "/etc/haproxy/certificate-check.conf",
      "/etc/haproxy/haproxy.cfg",
      "/etc/haproxy/haproxy_ecp_whitelist.lst",
      "/etc/haproxy/haproxy_owa_whitelist.lst",
      "/etc/haproxy/haproxy_smtp_whitelist.lst",
      "/etc/logrotate.d/haproxy",
      "/etc/rsyslog.d/49-haproxy.conf",
      "/usr/libexec/cdktf-exchange-balancer/certificate-check",
      "/usr/local/share/ca-certificates/mydomain-root.crt",
      "host",
      "identity",
      "manifest",
      "secret /etc/haproxy/exch.pem",
    ]);
    expect(triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe("10.8.5.17/32\n");
    expect(triggers["secret /etc/haproxy/exch.pem"]).toBe(
      '${nonsensitive(sensitive(substr(sha256(try(file("../../../exch.pem"), "")), 0, 6)))}',
    );
  });

  test("is one ssh connection, which brings what the triggers hold", () => {
    const { provisioner } = resource(balancerStack().stack, MASTER);
    expect(provisioner.map((one) => Object.keys(one))).toEqual([["remote-exec"]]);
    const script = provisioner[0]?.["remote-exec"]?.inline[0];
    expect(script).toContain('${base64encode(self.triggers["/etc/haproxy/haproxy.cfg"])}');
    expect(script).toContain('sh "$folder/apply.sh" "$folder"');
    expect(script).not.toContain("exch.pem\"))");
  });

  test("waits for its secrets, which travel by themselves and only when they change", () => {
    const { stack } = balancerStack();
    expect(resource(stack, MASTER).depends_on).toContainEqual(expect.stringMatching(/^null_resource\.Mail_Master_ProvisionSecrets_/));
    const { triggers, provisioner } = resource(stack, `${MASTER}Secrets`);
    expect(Object.keys(triggers)).toEqual(["host", "secret /etc/haproxy/exch.pem"]);
    expect(provisioner.map((one) => Object.keys(one))).toEqual([["remote-exec"], ["file"], ["remote-exec"]]);
    expect(provisioner[1]?.file?.content).toBe('${sensitive(join("", [base64encode(try(file("../../../exch.pem"), "")), "\\n"]))}');
  });

  test("and its secrets come again to another VM, and when they are asked for", () => {
    const { stack } = balancerStack({ balancer: { redeliver: "today", master: { host: "10.12.8.11", hostKey: HOST_KEY, instanceId: "i-1" } } });
    for (const path of [MASTER, `${MASTER}Secrets`]) expect(resource(stack, path).triggers).toMatchObject({ instance: "i-1", redeliver: "today" });
  });

  test("has no secrets where there are none", () => {
    expect(synth(balancerStack({ balancer: { mode: BalancingMode.tcp() } }).stack)).not.toContain("ProvisionSecrets");
  });

  test("creates before it destroys, so that a failed backup leaves the master's state", () => {
    expect(resource(balancerStack().stack, MASTER).lifecycle.create_before_destroy).toBe(true);
  });

  test("carries apply.sh once a stack", () => {
    const { locals } = JSON.parse(synth(balancerStack().stack)) as { locals: { [name: string]: string } };
    expect(Object.keys(locals)).toEqual(["cdktf_exchange_balancer_apply", "cdktf_exchange_balancer_certificate_check"]);
    expect(locals.cdktf_exchange_balancer_apply).toContain("#!/bin/sh\n# Written by cdktf-exchange-balancer.");
  });

  test("has the machine's identity among its triggers where one is given", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({ master: { host: "10.12.8.11", instanceId: new DataResource(within, "Vm").id } }),
    });
    expect(resource(stack, MASTER).triggers.instance).toBe("${terraform_data.Vm.id}");
  });
});

describe("the order", () => {
  test("is the backup's haproxy, its keepalived, then the master's", () => {
    const { stack } = balancerStack();
    const afterOf = (path: string): string[] => resource(stack, path).depends_on.filter((name) => name.startsWith("null_resource.") && !name.includes("Secrets")).map((name) => name.replace(HASH, ""));
    expect(afterOf("Mail_Vip_Backup")).toEqual(["null_resource.Mail_Backup_Provision"]);
    expect(afterOf(MASTER)).toEqual(["null_resource.Mail_Vip_Backup"]);
    expect(afterOf("Mail_Vip_Master")).toEqual(["null_resource.Mail_Master_Provision"]);
  });
});

describe("the null provider", () => {
  const providers = (stack: TerraformStack): unknown => (JSON.parse(synth(stack)) as { provider: { null: unknown } }).provider.null;

  test("is made where the stack has none", () => {
    expect(providers(balancerStack().stack)).toEqual([{}]);
  });

  test("is the user's own, even one that comes later", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine");
    expect(providers(stack)).toEqual([{}]);
  });

  test("is the user's own from bindings of their own", () => {
    const { stack } = balancerStack();
    class GeneratedProvider extends TerraformProvider {}
    new GeneratedProvider(stack, "Generated", { terraformResourceType: "null", terraformGeneratorMetadata: { providerName: "null" } });
    expect(providers(stack)).toHaveLength(1);
  });

  test("is made beside one that has an alias", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine", { alias: "other" });
    expect(providers(stack)).toEqual([{ alias: "other" }, {}]);
  });
});

describe("the connection", () => {
  /** As Terraform wants it: the first line without a name. */
  const PINNED = `${ECDSA_HOST_KEY}\n10.12.8.11 ${ED25519_HOST_KEY}`;
  const connection = (site: Case["balancer"]): object => resource(balancerStack({ balancer: site }).stack, MASTER).connection;
  const common = { type: "ssh", host: "10.12.8.11", host_key: PINNED, port: 22, timeout: "300s", script_path: "./.cdktf-exchange-balancer-%RAND%.sh" };

  test("is by the agent as root", () => {
    expect(connection({})).toEqual({ ...common, user: "root", agent: "true" });
  });

  test("is by a key file, which Terraform reads and hides", () => {
    expect(connection({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519", user: "deploy", port: 2222 }) })).toEqual({
      ...common,
      user: "deploy",
      port: 2222,
      agent: "false",
      private_key: '${sensitive(try(file("../../../id_ed25519"), ""))}',
      host_key: `${ECDSA_HOST_KEY}\n[10.12.8.11]:2222 ${ED25519_HOST_KEY}`,
    });
  });

  test("is by a key from elsewhere, through a bastion", () => {
    expect(
      connection((stack) => ({
        ssh: SshAccess.privateKey({
          privateKey: secret(stack, "ssh_key"),
          bastion: { host: variable(stack, "bastion"), port: 2022, user: "jump", hostKey: HOST_KEY },
        }),
      })),
    ).toEqual({
      ...common,
      user: "root",
      agent: "false",
      private_key: "${var.ssh_key}",
      bastion_host: "${var.bastion}",
      bastion_port: 2022,
      bastion_user: "jump",
      bastion_host_key: `${ECDSA_HOST_KEY}\n[\${var.bastion}]:2022 ${ED25519_HOST_KEY}`,
      // Terraform before 1.16 and OpenTofu look for the bastion's keys in here.
      host_key: [PINNED, ...[ECDSA_HOST_KEY, ED25519_HOST_KEY].map((key) => `[\${var.bastion}]:2022 ${key}`)].join("\n"),
    });
  });

  test("pins host keys that are tokens, in the form that Terraform takes", () => {
    const { host_key } = connection((stack) => ({ master: { host: variable(stack, "lb01"), hostKey: variable(stack, "scan") } })) as { host_key: string };
    expect(host_key).toContain('join("\\n", concat(slice([for line in');
    expect(host_key).toContain('join(" ", [var.lb01, key])');
  });

  test("is by one key of the agent's many", () => {
    expect(connection({ ssh: SshAccess.agent({ agentIdentity: ED25519_HOST_KEY }) })).toEqual({ ...common, user: "root", agent: "true", agent_identity: ED25519_HOST_KEY });
  });

  test("is by a key with an ssh certificate, and by the bastion's own", () => {
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)} root\n`;
    expect(
      connection((stack) => ({
        ssh: SshAccess.privateKeyFile({
          path: "id_ed25519", certificate,
          bastion: { host: "10.12.8.1", privateKey: secret(stack, "jump_key"), certificate },
        }),
        master: { host: "10.12.8.11" },
      })),
    ).toMatchObject({
      agent: "false",
      private_key: '${sensitive(try(file("../../../id_ed25519"), ""))}',
      certificate,
      bastion_private_key: "${var.jump_key}",
      bastion_certificate: certificate,
    });
    expect(connection({ ssh: SshAccess.privateKeyFile({ path: "a", bastion: { host: "10.12.8.1", privateKeyPath: "b" } }) })).toMatchObject({
      bastion_private_key: '${sensitive(try(file("../../../b"), ""))}',
    });
  });
});

describe("values that are tokens", () => {
  test("are checked by Terraform, with the same words", () => {
    const { stack } = balancerStack({ balancer: (within) => ({ master: { host: variable(within, "lb01") } }) });
    const checks = resource(stack, MASTER).lifecycle.precondition ?? [];
    expect(checks[0]?.error_message).toBe("host must be a DNS name or a unicast IP address without leading zeros [Stack/Mail/Master]");
    expect(checks[0]?.condition).toContain(HOST.condition("var.lb01"));
  });

  test("that must differ are compared by Terraform", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({ master: { host: variable(within, "lb01") }, virtualAddresses: [variable(within, "vip")] }),
    });
    const conditions = resource(stack, "Mail_Vip_Master").lifecycle.precondition?.map(({ condition }) => condition);
    expect(conditions).toEqual(
      expect.arrayContaining([
        '${lower("10.12.8.12") != lower(var.lb01)}',
        `\${${SAME_HOST.token("var.vip")} != ${SAME_HOST.token("var.lb01")}}`,
        `\${${SAME_HOST.token("var.vip")} != ${SAME_HOST.token('"10.12.8.12"')}}`,
      ]),
    );
  });

  test("can be a whole allow list", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({ allow: { smtp: new TerraformVariable(within, "relays", { type: "list(string)" }).listValue } }),
    });
    const { triggers, lifecycle } = resource(stack, MASTER);
    expect(triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe('${join("\\n", var.relays)}\n');
    expect(lifecycle.precondition?.[0]?.condition).toBe(`\${length(var.relays) >= 1 && alltrue([for entry in var.relays : ${NETWORK.condition("entry")}])}`);
  });

  test("never let the VRRP password into a file that is shown", () => {
    const { stack } = balancerStack();
    const { triggers, lifecycle } = resource(stack, "Mail_Vip_Master");
    const { provisioner } = resource(stack, "Mail_Vip_MasterSecrets");
    expect(triggers["/etc/keepalived/keepalived.conf"]).toContain("include /etc/keepalived/vrrp.auth\n");
    expect(triggers["secret /etc/keepalived/vrrp.auth"]).toBe(
      '${nonsensitive(sensitive(substr(sha256(join("", ["auth_pass ", var.vrrp_password, "\\n"])), 0, 6)))}',
    );
    expect(provisioner[1]?.file?.content).toContain("sensitive(");
    expect(lifecycle.precondition?.[0]?.error_message).not.toContain("${");
  });

  test("can be the certificate, its key and its CA", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({
        mode: BalancingMode.sslBridge({
          cert: SslBridgeCert.fromPem(within, "Cert", {
            certificate: variable(within, "certificate"),
            privateKey: secret(within, "key"),
            rootCas: { "company-root": variable(within, "root") },
          }),
        }),
      }),
    });
    const { triggers } = resource(stack, MASTER);
    expect(triggers["/usr/local/share/ca-certificates/company-root.crt"]).toBe("${var.root}");
    expect(triggers["secret /etc/haproxy/exch.pem"]).toContain('join("", ["", var.certificate, "\\n", var.key, "\\n"])');
  });
});

describe("what lands", () => {
  const manifest = (site: Case["balancer"]): readonly string[] =>
    hostFiles(synth(balancerStack({ balancer: site }).stack)).find(({ host }) => host === "10.12.8.11")?.manifest ?? [];

  test("on Debian needs what its firewalld only recommends", () => {
    expect(manifest({})).toEqual(expect.arrayContaining(["os debian 12", "package python3-nftables", "package netbase", "package iproute2"]));
  });

  test("on AlmaLinux turns on the boolean for ports that are no web server's", () => {
    expect(manifest({ os: OsProfile.ALMALINUX_9 })).toEqual(expect.arrayContaining(["os redhat 9", "sebool haproxy_connect_any", "package iproute"]));
  });

  test("opens the served ports, and ssh's own where it is another than 22", () => {
    expect(manifest({ ssh: SshAccess.agent({ port: 2222 }) })).toEqual(
      expect.arrayContaining(["ssh-port 2222", "port 80/tcp", "port 443/tcp", "port 25/tcp", "port 143/tcp", 'rich-rule rule family="ipv4" source address="10.12.8.12" protocol value="vrrp" accept']),
    );
  });

  test("leaves a firewall alone that is somebody else's", () => {
    const lines = manifest({ firewall: HostFirewallMode.UNMANAGED });
    expect(lines.filter((line) => /^(port|rich-rule|ssh-port|package firewalld)/.test(line))).toEqual([]);
  });

  test("in TCP mode has no certificate and no list that no rule asks for", () => {
    const { stack } = balancerStack({ balancer: { mode: BalancingMode.tcp() } });
    const paths = hostFiles(synth(stack)).flatMap(({ files }) => files.map(({ path }) => path));
    expect(paths.filter((path) => /exch\.pem|ecp|owa/.test(path))).toEqual([]);
    expect(cfg(stack)).not.toMatch(/ ssl (crt|verify)|ssl-default/);
  });
});

test("with name servers members are looked up while HAProxy runs, and its start waits for none", () => {
  // Not among the golden files: haproxy -c warns where the name server cannot be reached, as in the lab's check.
  const text = cfg(balancerStack({ dag: { nameServers: ["10.12.8.2"] } }).stack);
  expect(text).toContain("resolvers dns\n    nameserver dns1 10.12.8.2:53\n    resolve_retries 3\n    timeout resolve 1s\n    timeout retry 1s\n    hold valid 10s\n");
  for (const what of ["nx", "other", "refused", "timeout"]) expect(text).toContain(`\n    hold ${what} 24d\n`);
  // Kept, it would keep a name's former address although a valid answer has another.
  expect(text).not.toContain("hold obsolete");
  const servers = text.split("\n").filter((line) => line.startsWith("    server "));
  expect(servers.filter((line) => !line.includes(" resolvers dns init-addr none"))).toEqual([]);
});
