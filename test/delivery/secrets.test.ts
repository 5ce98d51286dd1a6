import { BalancingMode, Failover, SslBridgeCert } from "cdktf-exchange-balancer";
import { balancerStack, secret, synth, variable } from "../support/site";
import { MASTER, MASTER_SECRETS, nullResource, scriptOf } from "../support/synthesized";

const CERT = 'try(file("../../../exch.pem"), "")';

describe("the delivery of secrets", () => {
  test("the secrets resource opens two connections, and only the second connection transmits the secrets", () => {
    const { provisioner, triggers } = nullResource(balancerStack().stack, MASTER_SECRETS);
    expect(provisioner.map((one) => Object.keys(one))).toEqual([["remote-exec"], ["file"]]);
    expect(provisioner[1]?.file).toEqual({
      destination: ".cdktf-exchange-balancer-inbox-${self.id}/secrets",
      content: `\${sensitive(join("", [base64encode(${CERT}), "\\n", base64encode(join("", ["auth_pass ", var.vrrp_password, "\\n"])), "\\n"]))}`,
    });
    expect(Object.keys(triggers)).toEqual(["host", "host-key", "secret /etc/haproxy/exch.pem", "secret /etc/keepalived/vrrp.auth"]);
  });

  test("triggers contain only the first six digits of a secret's hash, so that log, plan and state show nothing else of the secret", () => {
    const { stack } = balancerStack();
    for (const name of [MASTER, MASTER_SECRETS]) {
      expect(nullResource(stack, name).triggers).toMatchObject({
        "secret /etc/haproxy/exch.pem": `\${nonsensitive(sensitive(substr(sha256(${CERT}), 0, 6)))}`,
        "secret /etc/keepalived/vrrp.auth": '${nonsensitive(sensitive(substr(sha256(join("", ["auth_pass ", var.vrrp_password, "\\n"])), 0, 6)))}',
      });
    }
  });

  test("the scripts contain no secret, and the triggers contain a secret only as a hash", () => {
    const { stack } = balancerStack();
    for (const name of [MASTER, MASTER_SECRETS]) {
      const { triggers } = nullResource(stack, name);
      const shown = [scriptOf(nullResource(stack, name)), ...Object.entries(triggers).filter(([key]) => !key.startsWith("secret ")).map(([, text]) => text)];
      for (const text of shown) {
        expect(text).not.toContain("exch.pem\")");
        expect(text).not.toContain("var.vrrp_password");
      }
    }
    // They are in the text, so that the search above could have found them.
    expect(synth(stack)).toContain('exch.pem\\")');
    expect(synth(stack)).toContain("var.vrrp_password");
  });

  test("the secrets resource stores the secrets on the host under a name, and the delivery looks for them under the same name", () => {
    const { stack } = balancerStack();
    const key = (name: string): string | undefined => /\n(.*)\n==\n/.exec(scriptOf(nullResource(stack, name)).split('"$folder/secrets-key"')[1] ?? "")?.[1];
    expect(key(MASTER_SECRETS)).toContain('self.triggers["secret /etc/haproxy/exch.pem"], self.triggers["secret /etc/keepalived/vrrp.auth"]');
    // The same fingerprints stand in the triggers of the one and in the bundle of the other.
    expect(key(MASTER)?.replace(/local\.Mail_Master_Bundle_\w+/g, "self.triggers")).toBe(key(MASTER_SECRETS));
  });

  test("secrets reach apply.sh through a pipe that only the ssh user can open", () => {
    const lines = scriptOf(nullResource(balancerStack().stack, MASTER_SECRETS)).trimEnd().split("\n");
    expect(lines.slice(-2)).toEqual(['mkfifo -m 600 "$folder/secrets"', 'sh "$folder/apply.sh" --receive-secrets "$folder"']);
    expect(lines.indexOf("umask 077")).toBeLessThan(lines.indexOf('mkdir "$folder"'));
  });

  test("certificate, key and root CA may be Terraform variables; the plan shows the root CA, but neither certificate nor key", () => {
    const { stack } = balancerStack({
      balancer: (within) => ({
        failover: Failover.fast(),
        mode: BalancingMode.sslBridge({
          cert: SslBridgeCert.fromPem(within, "Cert", {
            certificate: variable(within, "certificate"),
            privateKey: secret(within, "key"),
            rootCas: { "company-root": variable(within, "root") },
          }),
        }),
      }),
    });
    const { triggers } = nullResource(stack, MASTER);
    expect(triggers["/usr/local/share/ca-certificates/company-root.crt"]).toBe("${var.root}");
    expect(triggers["secret /etc/haproxy/exch.pem"]).toContain('join("", ["", var.certificate, "\\n", var.key, "\\n"])');
  });
});
