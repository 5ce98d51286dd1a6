import { TerraformStack, TerraformVariable } from "cdktf";
import { BalancingMode, HostFirewallMode, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { HOST, NETWORK } from "../../lib/validation/rules";
import { SAME_HOST } from "../../lib/validation/sameness";
import { Case, ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack, secret, synth, variable } from "../support/site";
import { MASTER, nullResource } from "../support/synthesized";

const cfg = (stack: TerraformStack): string => nullResource(stack, MASTER).triggers["/etc/haproxy/haproxy.cfg"] ?? "";

describe("the ssh connection of a delivery", () => {
  /** The connection's host_key. Terraform expects a host name before each key except the first. */
  const PINNED = `${ECDSA_HOST_KEY}\n10.12.8.11 ${ED25519_HOST_KEY}`;
  const connection = (site: Case["balancer"]): object => nullResource(balancerStack({ balancer: site }).stack, MASTER).connection;
  const common = { type: "ssh", host: "10.12.8.11", host_key: PINNED, port: 22, timeout: "300s", script_path: "./.cdktf-exchange-balancer-%RAND%.sh" };

  test("the ssh connection uses the ssh agent and the user root by default", () => {
    expect(connection({})).toEqual({ ...common, user: "root", agent: "true" });
  });

  test("the ssh connection uses a key file: Terraform reads this file and hides the key", () => {
    expect(connection({ ssh: SshAccess.privateKeyFile({ path: "id_ed25519", user: "deploy", port: 2222 }) })).toEqual({
      ...common,
      user: "deploy",
      port: 2222,
      agent: "false",
      private_key: '${sensitive(try(file("../../../id_ed25519"), ""))}',
      host_key: `${ECDSA_HOST_KEY}\n[10.12.8.11]:2222 ${ED25519_HOST_KEY}`,
    });
  });

  test("the ssh connection goes through a bastion, and the private key for this connection may be a token", () => {
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
      // Terraform before 1.16 and OpenTofu look for the bastion's keys in here, and take the first for the bastion's, too.
      host_key: [ED25519_HOST_KEY, `10.12.8.11 ${ECDSA_HOST_KEY}`, ...[ECDSA_HOST_KEY, ED25519_HOST_KEY].map((key) => `[\${var.bastion}]:2022 ${key}`)].join("\n"),
    });
  });

  test("the ssh connection pins host keys that are tokens, in the order and form that Terraform needs", () => {
    const { host_key } = connection((stack) => ({ master: { host: variable(stack, "lb01"), hostKey: variable(stack, "scan") } })) as { host_key: string };
    expect(host_key).toContain('join("\\n", concat(slice([for line in');
    expect(host_key).toContain('join(" ", [var.lb01, key])');
  });

  test("agentIdentity tells Terraform which key of the ssh agent to try first", () => {
    expect(connection({ ssh: SshAccess.agent({ agentIdentity: ED25519_HOST_KEY }) })).toEqual({ ...common, user: "root", agent: "true", agent_identity: ED25519_HOST_KEY });
  });

  test("the ssh connection uses one key with its ssh certificate for the node, and another key with its certificate for the bastion", () => {
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

describe("a node with tokens as values", () => {
  test("for an invalid token, Terraform prints the error message that synthesis prints for an invalid literal", () => {
    const { stack } = balancerStack({ balancer: (within) => ({ master: { host: variable(within, "lb01") } }) });
    const checks = nullResource(stack, MASTER).lifecycle.precondition ?? [];
    expect(checks[0]?.error_message).toBe("host must be a DNS name or a unicast IP address without leading zeros [Stack/Mail/Master]");
    expect(checks[0]?.condition).toContain(HOST.condition("var.lb01"));
  });

  test("if two values must differ and are tokens, Terraform checks that they differ", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({ master: { host: variable(within, "lb01") }, virtualAddresses: [variable(within, "vip")] }),
    });
    const conditions = nullResource(stack, MASTER).lifecycle.precondition?.map(({ condition }) => condition);
    const host = SAME_HOST.token;
    expect(conditions).toEqual(
      expect.arrayContaining([
        `\${${host('"10.12.8.12"')} != ${host("var.lb01")}}`,
        `\${${host("var.vip")} != ${host("var.lb01")}}`,
        `\${${host("var.vip")} != ${host('"10.12.8.12"')}}`,
      ]),
    );
  });

  test("a whole allow list may be one token", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({ allow: { smtp: new TerraformVariable(within, "relays", { type: "list(string)" }).listValue } }),
    });
    const { triggers, lifecycle } = nullResource(stack, MASTER);
    expect(triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe('${join("\\n", var.relays)}\n');
    expect(lifecycle.precondition?.[0]?.condition).toBe(`\${length(var.relays) >= 1 && alltrue([for entry in var.relays : ${NETWORK.condition("entry")}])}`);
  });
});

describe("the files and the manifest of a host", () => {
  const manifest = (site: Case["balancer"]): readonly string[] =>
    hostFiles(synth(balancerStack({ balancer: site }).stack)).find(({ host }) => host === "10.12.8.11")?.manifest ?? [];

  test("the manifest for Debian includes the packages that firewalld only recommends and that this library needs", () => {
    expect(manifest({})).toEqual(expect.arrayContaining(["os debian 12", "package python3-nftables", "package netbase", "package iproute2"]));
  });

  test("the manifest for AlmaLinux turns on the SELinux boolean that lets HAProxy connect to ports other than web ports", () => {
    expect(manifest({ os: OsProfile.ALMALINUX_9 })).toEqual(expect.arrayContaining(["os redhat 9", "sebool haproxy_connect_any", "package iproute"]));
  });

  test("the manifest opens the served ports to everybody and VRRP only to the other node; the line about firewalld contains the ssh port", () => {
    const lines = manifest({ ssh: SshAccess.agent({ port: 2222 }) });
    expect(lines.filter((line) => /^(open|firewall) /.test(line))).toEqual([
      "firewall firewalld 2222",
      "open tcp 80",
      "open tcp 443",
      "open tcp 25",
      "open tcp 143",
      "open tcp 8405 from 10.12.8.12",
      "open vrrp from 10.12.8.12",
    ]);
  });

  test("the manifest opens no port if the firewall is unmanaged", () => {
    const lines = (site: Case["balancer"]): readonly string[] => manifest(site).filter((line) => /^(open|firewall|package firewalld)/.test(line));
    expect(lines({ firewall: HostFirewallMode.UNMANAGED })).toEqual([]);
    expect(lines({}).length).toBeGreaterThan(3);
  });

  test("a host in TCP mode gets no certificate and no allow lists for directories", () => {
    const { stack } = balancerStack({ balancer: { mode: BalancingMode.tcp() } });
    const paths = hostFiles(synth(stack)).flatMap(({ files }) => files.map(({ path }) => path));
    expect(paths.filter((path) => /exch\.pem|ecp|owa/.test(path))).toEqual([]);
    expect(cfg(stack)).not.toMatch(/ ssl (crt|verify)|ssl-default/);
  });
});

test("with name servers, HAProxy resolves members at run time, and starts even if no name server answers", () => {
  // Not among the golden files: haproxy -c warns where the name server cannot be reached, as in the lab's check.
  const text = cfg(balancerStack({ dag: { nameServers: ["10.12.8.2"] } }).stack);
  expect(text).toContain("resolvers dns\n    nameserver dns1 10.12.8.2:53\n    resolve_retries 3\n    timeout resolve 1s\n    timeout retry 1s\n    hold valid 10s\n");
  for (const what of ["nx", "other", "refused", "timeout"]) expect(text).toContain(`\n    hold ${what} 24d\n`);
  // Kept, it would keep a name's former address although a valid answer has another.
  expect(text).not.toContain("hold obsolete");
  const servers = text.split("\n").filter((line) => line.startsWith("    server exch"));
  expect(servers.filter((line) => !line.includes(" resolvers dns init-addr none"))).toEqual([]);
});
