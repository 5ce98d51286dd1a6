import { createHash } from "node:crypto";
import { TerraformLocal, TerraformOutput, Testing } from "cdktf";
import { hostFiles, hostFilesSerializer } from "cdktf-exchange-balancer/testing";
import { applyScript } from "../lib/host/scripts";
import { unescape } from "../lib/delivery/terraform-text";
import { balancerStack, newStack, synth } from "./support/site";

test("hostFiles() returns each host's files with path, mode and text", () => {
  const hosts = hostFiles(synth(balancerStack().stack));
  expect(hosts.map(({ host, resources }) => ({ host, resources }))).toEqual([
    { host: "10.12.8.12", resources: ["Mail_Backup_Provision_62A39E4F"] },
    { host: "10.12.8.11", resources: ["Mail_Master_Provision_613A503E"] },
  ]);
  expect(hosts[1]?.files).toContainEqual({
    path: "/etc/haproxy/haproxy_smtp_whitelist.lst",
    mode: "0644",
    content: "10.8.5.17/32\n",
    secret: false,
  });
  expect(hosts[1]?.files).toContainEqual({ path: "/etc/haproxy/exch.pem", mode: "0600", content: "", secret: true });
});

test("hostFiles() returns the text as it will be on the host, without Terraform's escapes", () => {
  const script = hostFiles(synth(balancerStack().stack))[0]?.files.find(({ path }) => path.endsWith("haproxy-check"));
  expect(script?.content).toContain('exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1\n');
});

test("hostFiles() returns an empty list for a stack without a balancer", () => {
  const stack = newStack();
  new TerraformOutput(stack, "out", { value: "x" });
  expect(hostFiles(Testing.synth(stack))).toEqual([]);
});

test("the snapshot serializer handles stacks with balancers and leaves everything else to jest", () => {
  expect(hostFilesSerializer.test(synth(balancerStack().stack))).toBe(true);
  for (const other of ["{}", "{", "text", 1, null, undefined, { a: 1 }]) expect(hostFilesSerializer.test(other)).toBe(false);
});

test("the snapshot serializer prints the text of each file line by line; if several hosts have the same file, the text appears only once", () => {
  const shown = hostFilesSerializer.serialize(synth(balancerStack().stack));
  expect(shown).toContain("\n--- /etc/haproxy/haproxy.cfg 0644\n# Written by cdktf-exchange-balancer.");
  expect(shown).toContain("\n--- /etc/haproxy/haproxy.cfg 0644 (as on 10.12.8.12)\n");
  expect(shown).toContain('"/etc/haproxy/haproxy.cfg": "(below)"');
  expect(shown).toContain("--- /etc/haproxy/exch.pem 0600 (secret)\n");
  expect(shown).not.toContain("\\n    ");
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

test("the snapshot serializer prints the library's own scripts only by name and hash", () => {
  const stack = synth(balancerStack().stack);
  const shown = hostFilesSerializer.serialize(stack);
  const { locals } = JSON.parse(stack) as { locals: { [id: string]: string } };
  // The other local value is code of Terraform's.
  for (const [id, text] of Object.entries(locals).filter(([name]) => name.startsWith("cdktf_"))) {
    const held = id.endsWith("_apply") ? applyScript() : unescape(text);
    expect(shown).toMatch(new RegExp(`"${id}": "\\([a-z.-]+ ${sha256(held)}\\)"`));
  }
  const check = hostFiles(stack).flatMap(({ files }) => files).find(({ path }) => path.endsWith("/haproxy-check"))?.content ?? "";
  expect(shown).toContain(`/haproxy-check 0755 (haproxy-check.sh ${sha256(check)})\n`);
  expect(shown).not.toContain("#!/bin/");
});

test("the snapshot serializer prints a user's own texts in full, even if the stack also has the library's scripts", () => {
  const { stack } = balancerStack();
  new TerraformLocal(stack, "mine", "#!/bin/sh\nexit 0\n");
  expect(hostFilesSerializer.serialize(synth(stack))).toContain('"#!/bin/sh",\n      "exit 0"');
});

test("if two resources have an equal attribute, the snapshot serializer prints the attribute once and refers to it", () => {
  const shown = hostFilesSerializer.serialize(synth(balancerStack().stack));
  expect(shown).toMatch(/"lifecycle": "\(as in Mail_Backup_\w+\)"/);
  expect(shown.match(/^ {10}"host": "10\.12\.8\.1[12]",$/gm)?.length).toBeGreaterThanOrEqual(4);
  // Every resource of the stack is there by its own name, each once.
  const names = [...shown.matchAll(/^ {6}"(Mail_\w+)": \{$/gm)].map(([, name]) => name);
  const { resource } = JSON.parse(synth(balancerStack().stack)) as { resource: { null_resource: object } };
  expect(names).toEqual(Object.keys(resource.null_resource));
});
