import { SshAccess } from "cdktf-exchange-balancer";
import { ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack } from "../support/site";

const EXPECTED =
  'all lines that `ssh-keyscan HOST` prints for one host, or one public key without a name before it, such as "ecdsa-sha2-nistp256 AAAAE2Vj..."';

const withKey = (hostKey: string): ReturnType<typeof balancerStack> => balancerStack({ balancer: { master: { host: "10.12.8.11", hostKey } } });
const warnings = (hostKey: string): string[] =>
  withKey(hostKey).balancer.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));

describe("hostKey", () => {
  test.each([
    ["the documentation's placeholder", "ssh-ed25519 AAAA…", '"ssh-ed25519 AAAA…", the placeholder of the documentation (replace it with the output of `ssh-keyscan HOST`)'],
    ["an ASCII placeholder", "10.12.8.11 ssh-rsa AAAA...", '"10.12.8.11 ssh-rsa AAAA...", the placeholder of the documentation (replace it with the output of `ssh-keyscan HOST`)'],
    ["a placeholder in words", "<the host's key>", '"<the host\'s key>", a placeholder (replace it with the output of `ssh-keyscan HOST`)'],
    ["a command in place of what it prints", "ssh-keyscan lb01", '"ssh-keyscan lb01", a placeholder (replace it with the output of `ssh-keyscan HOST`)'],
    ["hashed names", `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA`, '"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA", a line with a hashed host name (run ssh-keyscan without -H)'],
    ["a marker", `@revoked * ${ED25519_HOST_KEY}`, `"@revoked * ${ED25519_HOST_KEY.slice(0, 90)}`],
    ["keys of two hosts", `lb01 ${ED25519_HOST_KEY}\nlb02 ${ECDSA_HOST_KEY}`, "keys of several hosts: lb01 and lb02"],
    ["no key", "# lb01:22 SSH-2.0-OpenSSH_9.2p1\n", "nothing"],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "a private key"],
    ["a key that was cut", ED25519_HOST_KEY.slice(0, 60), `"${ED25519_HOST_KEY.slice(0, 60)}"`],
  ])("refuses %s", (_, hostKey, got) => {
    expect(() => withKey(hostKey)).toThrow(`hostKey must be ${EXPECTED}, got ${got}`);
    expect(() => balancerStack({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1", hostKey } }) } })).toThrow(
      `ssh.bastion.hostKey must be ${EXPECTED}, got ${got}`,
    );
  });

  test("warns if the only key is of a type that Terraform does not ask for first", () => {
    expect(warnings(ED25519_HOST_KEY)).toEqual([expect.stringContaining("hostKey has only a key of type ssh-ed25519. Terraform asks for ecdsa keys first")]);
    expect(warnings(`lb01 ${ED25519_HOST_KEY}`)).toHaveLength(1);
  });

  test("does not warn about a complete scan or an ecdsa key", () => {
    expect(warnings(HOST_KEY)).toEqual([]);
    expect(warnings(ECDSA_HOST_KEY)).toEqual([]);
  });
});

describe("the bastion", () => {
  test("has at most one private key of its own, and exactly one with a certificate", () => {
    const of = (bastion: object, agent = false) => () => {
      const through = { bastion: { host: "10.12.8.1", ...bastion } };
      return balancerStack({ balancer: { ssh: agent ? SshAccess.agent(through) : SshAccess.privateKeyFile({ path: "id", ...through }) } });
    };
    const place = "[Stack/Mail/Master]";
    expect(of({ privateKeyPath: "a", privateKey: "b" })).toThrow(`ssh.bastion must have either privateKeyPath or privateKey, got both ${place}`);
    expect(of({ certificate: "x" })).toThrow(`ssh.bastion.certificate must come with the private key that it certifies, got none ${place}`);
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)}`;
    expect(() => balancerStack({ balancer: { ssh: SshAccess.privateKeyFile({ path: "id", certificate, bastion: { host: "10.12.8.1", privateKeyPath: "a" } }) } })).toThrow(
      `ssh.bastion.certificate must be set if ssh.certificate is set and the bastion has its own private key, got none ${place}`,
    );
    expect(of({ privateKeyPath: "a", certificate: "x" })).toThrow("ssh.bastion.certificate must be the text of an ssh certificate");
    expect(of({ privateKeyPath: "a" }, true)).toThrow(`ssh.bastion must have no private key with SshAccess.agent(): add the key to the agent ${place}`);
  });

  test("whose private key is a literal is refused", () => {
    expect(() => balancerStack({ balancer: { ssh: SshAccess.privateKeyFile({ path: "id", bastion: { host: "10.12.8.1", privateKey: "-----BEGIN" } }) } })).toThrow(
      "ssh.bastion.privateKey must be a token",
    );
  });
});
