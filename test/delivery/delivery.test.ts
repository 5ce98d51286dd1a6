import { gunzipSync } from "node:zlib";
import { TerraformResource } from "cdktf";
import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import { applyScript } from "../../lib/host/scripts";
import { deliveries } from "../../lib/testing/host-files";
import { ECDSA_HOST_KEY, HOST_KEY, balancerStack, synth, variable } from "../support/site";
import { BACKUP, MASTER, MASTER_SECRETS, nullResource, scriptOf, synthesized, waitsFor, withoutHash } from "../support/synthesized";

const withoutSecrets = { mode: BalancingMode.tcp(), failover: Failover.fast() };

describe("the Terraform resources of a host", () => {
  test("a host has one resource for the delivery, one for the secrets, and one that keeps the delivered files in the state", () => {
    const names = Object.keys(synthesized(balancerStack().stack).resource.null_resource).map(withoutHash);
    expect(names).toEqual(["Mail_Backup_Delivered", BACKUP, "Mail_Backup_Secrets", "Mail_Master_Delivered", MASTER, MASTER_SECRETS]);
  });

  test("a host without secrets has no resource for secrets", () => {
    const names = Object.keys(synthesized(balancerStack({ balancer: withoutSecrets }).stack).resource.null_resource).map(withoutHash);
    expect(names).toEqual(["Mail_Backup_Delivered", BACKUP, "Mail_Master_Delivered", MASTER]);
  });

  test("the delivery's triggers contain only a hash of the bundle, so that a failed delivery puts no file text into the state or the next plan", () => {
    const { locals, resource } = synthesized(balancerStack().stack);
    const [, delivery] = Object.entries(resource.null_resource).find(([id]) => withoutHash(id) === MASTER) ?? [];
    const bundle = Object.keys(locals).find((id) => withoutHash(id) === "Mail_Master_Bundle") ?? "";
    expect(delivery?.triggers).toEqual({ host: "10.12.8.11", identity: "Stack/Mail/Master@10.12.8.11", sha256: `\${sha256(jsonencode(local.${bundle}))}` });
  });

  test("a separate resource keeps the bundle in the state after the delivery, so that a plan compares the new files with the live files", () => {
    const { locals, resource } = synthesized(balancerStack().stack);
    const id = (name: string): string => [...Object.keys(locals), ...Object.keys(resource.null_resource)].find((one) => withoutHash(one) === name) ?? "";
    // Nothing runs, and nothing of it can fail. Destroyed first, it would be gone when the delivery fails.
    expect(resource.null_resource[id("Mail_Master_Delivered")]).toEqual({ depends_on: [`null_resource.${id(MASTER)}`], lifecycle: { create_before_destroy: true }, triggers: `\${local.${id("Mail_Master_Bundle")}}` });
  });

  test("cdk.tf.json contains the text of a file only once for each host", () => {
    expect(synth(balancerStack().stack).match(/ chroot +\/var\/lib\/haproxy/g)).toHaveLength(2);
  });

  test("the plan shows the text of each file that is not secret", () => {
    const { triggers } = nullResource(balancerStack({ balancer: withoutSecrets }).stack, MASTER);
    expect(Object.keys(triggers).sort()).toEqual([
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
      "sha256",
    ]);
    expect(triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe("10.8.5.17/32\n");
  });

  test("each file is a JSON list of its lines, so that Terraform's plan prints only the changed lines", () => {
    const { stack } = balancerStack({ balancer: withoutSecrets });
    const [delivery] = deliveries(synthesized(stack));
    for (const [key, value] of Object.entries(delivery?.triggers ?? {})) {
      if (key.startsWith("/") || key === "manifest") expect([key, value.startsWith("${") || Array.isArray(JSON.parse(value.replace(/\$\{"[$%]"\}/g, "")))]).toEqual([key, true]);
    }
    expect(delivery?.triggers["/etc/haproxy/haproxy_smtp_whitelist.lst"]).toBe('["10.8.5.17/32",""]');
  });

  test("the delivery uses one ssh connection, and sends the bundle's files in the manifest's order", () => {
    const { provisioner, triggers, ...resource } = nullResource(balancerStack().stack, MASTER);
    expect(provisioner.map((one) => Object.keys(one))).toEqual([["remote-exec"]]);
    const script = scriptOf({ provisioner, triggers, ...resource });
    const [, names = "[]"] = /<<'=='\n\$\{join\("\\n", \[for name in (\[.*\]) : base64encode\(join\("\\n", jsondecode\(local\.Mail_Master_Bundle_\w+\[name\]\)\)\)\]\)\}\n==\nsh /.exec(script) ?? [];
    const sent = JSON.parse(names) as string[];
    const listed = [...(triggers.manifest ?? "").matchAll(/^file \S+ \S+ (.+)$/gm)].map(([, path]) => path);
    expect(sent).toEqual(listed);
    expect(listed.length).toBeGreaterThan(9);
    expect(script.trimEnd().split("\n").pop()).toBe('sh "$folder/apply.sh" "$folder"');
  });

  test("the delivery puts the bundle into a folder whose name contains the resource's random id, so that no other deploy uses the same folder", () => {
    expect(scriptOf(nullResource(balancerStack().stack, MASTER))).toContain("folder=.cdktf-exchange-balancer-inbox-'${self.id}'\n");
  });

  test("a delivery is created before its predecessor is destroyed, so a failed delivery to the backup node does not remove the master node's delivery from the state", () => {
    expect(nullResource(balancerStack().stack, MASTER).lifecycle.create_before_destroy).toBe(true);
  });

  test("a changed host key causes a new delivery", () => {
    const key = (hostKey: string): string | undefined =>
      nullResource(balancerStack({ balancer: { master: { host: "10.12.8.11", hostKey } } }).stack, MASTER).triggers["host-key"];
    expect(key(HOST_KEY)).toBe(HOST_KEY);
    expect(key(ECDSA_HOST_KEY)).toBe(ECDSA_HOST_KEY);
  });

  test("a node with away: true has no delivery and no secrets, and the other node does not wait for it", () => {
    const { null_resource: all, terraform_data: leaving } = synthesized(
      balancerStack({ balancer: { backup: { host: "10.12.8.12", hostKey: HOST_KEY, away: true } } }).stack,
    ).resource;
    const counts = Object.entries(all).map(([id, resource]) => [withoutHash(id), (resource as { count?: number }).count]);
    expect(Object.fromEntries(counts)).toEqual({
      Mail_Backup_Delivered: 0,
      [BACKUP]: 0,
      Mail_Backup_Secrets: 0,
      Mail_Master_Delivered: undefined,
      [MASTER]: undefined,
      [MASTER_SECRETS]: undefined,
    });
    // It is still this stack's, and leaves when it leaves.
    expect(JSON.stringify(leaving)).toContain("Mail/Backup@10.12.8.12");
  });

  test("if instanceId is set, the delivery's triggers contain its value", () => {
    const { stack } = balancerStack({
      balancer: (within) => {
        const vm = new TerraformResource(within, "Vm", { terraformResourceType: "terraform_data" });
        return { master: { host: "10.12.8.11", instanceId: vm.getStringAttribute("id") } };
      },
    });
    const resource = nullResource(stack, MASTER);
    expect(resource.triggers.instance).toBe("${terraform_data.Vm.id}");
    expect(scriptOf(resource)).toMatch(/sha256\(join\("\\n", \[self\.triggers\["identity"\], local\.Mail_Master_Bundle_\w+\["instance"\]\]\)\)/);
  });

  test("a change of the prop `redeliver` causes a new delivery of the host's files and secrets", () => {
    const { stack } = balancerStack({ balancer: { redeliver: "today", master: { host: "10.12.8.11", hostKey: HOST_KEY, instanceId: "i-1" } } });
    for (const name of [MASTER, MASTER_SECRETS]) expect(nullResource(stack, name).triggers).toMatchObject({ instance: "i-1", redeliver: "today" });
  });

  test("all hosts of a stack get apply.sh from the same Terraform local", () => {
    const { stack } = balancerStack();
    const { locals } = synthesized(stack);
    expect(Object.keys(locals).map(withoutHash)).toEqual([
      "Mail_Backup_Bundle",
      "Mail_Master_Bundle",
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

  test("the delivery's preconditions contain the checks of the host's parts, its DAG and its certificates", () => {
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

describe("the deliveries of a pair", () => {
  test("the delivery to the master node begins after the delivery to the backup node has ended", () => {
    const { stack } = balancerStack();
    expect(waitsFor(stack, BACKUP)).toEqual([LEAVE, "null_resource.Mail_Backup_Secrets"]);
    expect(waitsFor(stack, MASTER)).toEqual([LEAVE, "null_resource.Mail_Master_Secrets", "null_resource.Mail_Backup_Provision"]);
  });

  test("the secrets of one node do not wait for the other node", () => {
    expect(nullResource(balancerStack().stack, MASTER_SECRETS)).not.toHaveProperty("depends_on");
  });
});

const LEAVE = "terraform_data.cdktf_exchange_balancer_leave";
