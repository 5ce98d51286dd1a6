import { TerraformOutput, Testing } from "cdktf";
import { hostFiles, hostFilesSerializer } from "cdktf-exchange-balancer/testing";
import { balancerStack, newStack, synth } from "./support/site";

test("hostFiles gives each host's files with path, mode and text", () => {
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

test("hostFiles gives the text as it will stand on the host, without Terraform's escapes", () => {
  const script = hostFiles(synth(balancerStack().stack))[0]?.files.find(({ path }) => path.endsWith("haproxy-check"));
  expect(script?.content).toContain('exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1\n');
});

test("hostFiles finds nothing in a stack without a balancer", () => {
  const stack = newStack();
  new TerraformOutput(stack, "out", { value: "x" });
  expect(hostFiles(Testing.synth(stack))).toEqual([]);
});

test("the serializer takes balancers' stacks and leaves all else to jest", () => {
  expect(hostFilesSerializer.test(synth(balancerStack().stack))).toBe(true);
  for (const other of ["{}", "{", "text", 1, null, undefined, { a: 1 }]) expect(hostFilesSerializer.test(other)).toBe(false);
});

test("the serializer shows files as text, once, shell line by line, and our own scripts by name", () => {
  const shown = hostFilesSerializer.serialize(synth(balancerStack().stack));
  expect(shown).toContain("\n--- /etc/haproxy/haproxy.cfg 0644\n# Written by cdktf-exchange-balancer;");
  expect(shown).toContain("\n--- /etc/haproxy/haproxy.cfg 0644 (as on 10.12.8.12)\n");
  expect(shown).toContain('"/etc/haproxy/haproxy.cfg": "(below)"');
  expect(shown).toContain('"cdktf_exchange_balancer_apply": "(apply.sh)"');
  expect(shown).toContain("--- /etc/haproxy/exch.pem 0600 (secret)\n");
  expect(shown).toContain('"cdktf_exchange_balancer_certificate_check": "(certificate-check.sh)"');
  expect(shown.match(/^--- .*haproxy-check 0755.*$/gm)).toEqual(Array(2).fill("--- /usr/libexec/keepalived/haproxy-check 0755 (haproxy-check.sh)"));
  expect(shown).not.toMatch(/^#!.*sh/m);
  expect(shown).not.toContain("\\n    ");
});
