import { gunzipSync } from "node:zlib";
import { TerraformResource } from "cdktf";
import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import { applyScript } from "../../lib/host/scripts";
import { ECDSA_HOST_KEY, HOST_KEY, balancerStack, variable } from "../support/site";
import { BACKUP, MASTER, MASTER_SECRETS, nullResource, scriptOf, synthesized, waitsFor, withoutHash } from "../support/synthesized";

const withoutSecrets = { mode: BalancingMode.tcp(), failover: Failover.fast() };

describe("a host", () => {
  test("is delivered by one resource, whatever parts it has, and its secrets by another", () => {
    const names = Object.keys(synthesized(balancerStack().stack).resource.null_resource).map(withoutHash);
    expect(names).toEqual([BACKUP, "Mail_Backup_Secrets", MASTER, MASTER_SECRETS]);
  });

  test("has no resource for secrets if it has no secrets", () => {
    const names = Object.keys(synthesized(balancerStack({ balancer: withoutSecrets }).stack).resource.null_resource).map(withoutHash);
    expect(names).toEqual([BACKUP, MASTER]);
  });

  test("shows each of its files in the plan by one trigger, in clear", () => {
    const { triggers } = nullResource(balancerStack({ balancer: withoutSecrets }).stack, MASTER);
    expect(Object.keys(triggers)).toEqual([
      "/etc/haproxy/haproxy.cfg",
      "/etc/haproxy/haproxy_smtp_whitelist.lst",
      "/etc/haproxy/pair.http",
      "/etc/keepalived/keepalived.conf",
      "/etc/keepalived/pair",
      "/etc/logrotate.d/haproxy",
      "/etc/rsyslog.d/49-haproxy.conf",
      "/etc/systemd/system/haproxy.service.d/50-exchange-balancer.conf",
      "/etc/systemd/system/keepalived.service.d/50-exchange-balancer.conf",
      "/etc/tmpfiles.d/exchange-balancer.conf",
      ...["bans", "keepalived-conf", "last-member", "members-table", "members", "sessions"].map((name) => `/usr/libexec/cdktf-exchange-balancer/${name}.awk`),
      "/usr/libexec/keepalived/haproxy-check",
      "/usr/sbin/exchange-balancer",
      "host",
      "host-key",
      "identity",
      "manifest",
    ]);
    expect(triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe("10.8.5.17/32\n");
  });

  test("has each file as a list of lines in JSON, so that Terraform's plan prints only the changed ones", () => {
    const { stack } = balancerStack({ balancer: withoutSecrets });
    const [resource] = Object.values(synthesized(stack).resource.null_resource);
    for (const [key, value] of Object.entries(resource?.triggers ?? {})) {
      if (key.startsWith("/") || key === "manifest") expect([key, value.startsWith("${") || Array.isArray(JSON.parse(value.replace(/\$\{"[$%]"\}/g, "")))]).toEqual([key, true]);
    }
    expect(resource?.triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe('["10.8.5.17/32",""]');
  });

  test("is reached by one ssh connection, which brings the triggers in the manifest's order", () => {
    const { provisioner, triggers, ...resource } = nullResource(balancerStack().stack, MASTER);
    expect(provisioner.map((one) => Object.keys(one))).toEqual([["remote-exec"]]);
    const script = scriptOf({ provisioner, triggers, ...resource });
    const [, files = ""] = /<<'=='\n((?:\$\{base64encode\(join\("\\n", jsondecode\(self\.triggers\["\/.*\n)+)==\nsh /.exec(script) ?? [];
    const sent = [...files.matchAll(/triggers\["(.+)"\]/g)].map(([, path]) => path);
    const listed = [...(triggers.manifest ?? "").matchAll(/^file \S+ \S+ (.+)$/gm)].map(([, path]) => path);
    expect(sent).toEqual(listed);
    expect(listed.length).toBeGreaterThan(9);
    expect(script.trimEnd().split("\n").pop()).toBe('sh "$folder/apply.sh" "$folder"');
  });

  test("puts the bundle into a folder that no other deploy has, by the resource's random id", () => {
    expect(scriptOf(nullResource(balancerStack().stack, MASTER))).toContain("folder=.cdktf-exchange-balancer-inbox-'${self.id}'\n");
  });

  test("creates before it destroys, so that a failed backup leaves the master's state", () => {
    expect(nullResource(balancerStack().stack, MASTER).lifecycle.create_before_destroy).toBe(true);
  });

  test("is delivered again when it has another host key", () => {
    const key = (hostKey: string): string | undefined =>
      nullResource(balancerStack({ balancer: { master: { host: "10.12.8.11", hostKey } } }).stack, MASTER).triggers["host-key"];
    expect(key(HOST_KEY)).toBe(HOST_KEY);
    expect(key(ECDSA_HOST_KEY)).toBe(ECDSA_HOST_KEY);
  });

  test("that is away is left out with its secrets, and the other node does not wait for it", () => {
    const { null_resource: all, terraform_data: leaving } = synthesized(
      balancerStack({ balancer: { backup: { host: "10.12.8.12", hostKey: HOST_KEY, away: true } } }).stack,
    ).resource;
    const counts = Object.entries(all).map(([id, resource]) => [withoutHash(id), (resource as { count?: number }).count]);
    expect(Object.fromEntries(counts)).toEqual({
      [BACKUP]: 0,
      Mail_Backup_Secrets: 0,
      [MASTER]: undefined,
      [MASTER_SECRETS]: undefined,
    });
    // It is still this stack's, and leaves when it leaves.
    expect(JSON.stringify(leaving)).toContain("Mail/Backup@10.12.8.12");
  });

  test("has instanceId among its triggers if it is set", () => {
    const { stack } = balancerStack({
      balancer: (within) => {
        const vm = new TerraformResource(within, "Vm", { terraformResourceType: "terraform_data" });
        return { master: { host: "10.12.8.11", instanceId: vm.getStringAttribute("id") } };
      },
    });
    const resource = nullResource(stack, MASTER);
    expect(resource.triggers.instance).toBe("${terraform_data.Vm.id}");
    expect(scriptOf(resource)).toContain('sha256(join("\\n", [self.triggers["identity"], self.triggers["instance"]]))');
  });

  test("is delivered again with its secrets if redeliver changes", () => {
    const { stack } = balancerStack({ balancer: { redeliver: "today", master: { host: "10.12.8.11", hostKey: HOST_KEY, instanceId: "i-1" } } });
    for (const name of [MASTER, MASTER_SECRETS]) expect(nullResource(stack, name).triggers).toMatchObject({ instance: "i-1", redeliver: "today" });
  });

  test("gets apply.sh from one local value of the stack", () => {
    const { stack } = balancerStack();
    const { locals } = synthesized(stack);
    expect(Object.keys(locals)).toEqual([
      "cdktf_exchange_balancer_apply",
      "cdktf_exchange_balancer_certificate_check",
      "cdktf_exchange_balancer_tool_bans_awk",
      ...["exchange_balancer_sh", "keepalived_conf_awk", "last_member_awk", "members_awk", "members_table_awk", "sessions_awk"].map((name) => `cdktf_exchange_balancer_tool_${name}`),
      "deliveries_before_cdktf_exchange_balancer",
    ]);
    // Compressed: Terraform reads a local anew for each graph, and a long text slowly.
    expect(gunzipSync(Buffer.from(locals.cdktf_exchange_balancer_apply ?? "", "base64")).toString()).toBe(applyScript());
    expect(scriptOf(nullResource(stack, MASTER))).toContain("\n${local.cdktf_exchange_balancer_apply}\n");
  });

  test("has the checks of all its parts, its DAG and its certificates as preconditions", () => {
    const { stack } = balancerStack({
      dag: { clientNames: ["mail.mydomain.local"] },
      balancer: (within) => ({ master: { host: variable(within, "lb01") }, interface: variable(within, "nic") }),
    });
    const messages = nullResource(stack, MASTER).lifecycle.precondition?.map(({ error_message }) => error_message) ?? [];
    expect(messages).toEqual(
      expect.arrayContaining([
        "host must be a DNS name or a unicast IP address without leading zeros [Stack/Mail/Master]",
        expect.stringMatching(/^interface must be .* \[Stack\/Mail\/Vip\]$/),
        expect.stringMatching(/^path must be an existing text file, .*\[Stack\/Cert\]$/),
      ]),
    );
    expect(nullResource(stack, MASTER_SECRETS).lifecycle.precondition?.map(({ error_message }) => error_message)).toEqual(messages);
  });
});

describe("a pair", () => {
  test("delivers the backup completely, then the master", () => {
    const { stack } = balancerStack();
    expect(waitsFor(stack, BACKUP)).toEqual([LEAVE, "null_resource.Mail_Backup_Secrets"]);
    expect(waitsFor(stack, MASTER)).toEqual([LEAVE, "null_resource.Mail_Master_Secrets", "null_resource.Mail_Backup_Provision"]);
  });

  test("sends no node's secrets after the other node", () => {
    expect(nullResource(balancerStack().stack, MASTER_SECRETS)).not.toHaveProperty("depends_on");
  });
});

const LEAVE = "terraform_data.cdktf_exchange_balancer_leave";
