import { SshAccess } from "cdktf-exchange-balancer";
import { ECDSA_HOST_KEY, ED25519_HOST_KEY, HOST_KEY, balancerStack } from "../support/site";

const EXPECTED =
  'all lines that `ssh-keyscan HOST` prints for one host, or one public key without a name before it, such as "ecdsa-sha2-nistp256 AAAAE2Vj..."';

const withKey = (hostKey: string): ReturnType<typeof balancerStack> => balancerStack({ balancer: { master: { host: "10.12.8.11", hostKey } } });
const warnings = (hostKey: string): string[] =>
  withKey(hostKey).balancer.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));

describe("the prop hostKey", () => {
  test.each([
    ["the documentation's placeholder", "ssh-ed25519 AAAA…", '"ssh-ed25519 AAAA…", the placeholder of the documentation (replace it with the output of `ssh-keyscan HOST`)'],
    ["the documentation's placeholder, written with three dots instead of one ellipsis character", "10.12.8.11 ssh-rsa AAAA...", '"10.12.8.11 ssh-rsa AAAA...", the placeholder of the documentation (replace it with the output of `ssh-keyscan HOST`)'],
    ["a placeholder in words", "<the host's key>", '"<the host\'s key>", a placeholder (replace it with the output of `ssh-keyscan HOST`)'],
    ["the command ssh-keyscan instead of its output", "ssh-keyscan lb01", '"ssh-keyscan lb01", a placeholder (replace it with the output of `ssh-keyscan HOST`)'],
    ["a line with a hashed host name", `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA`, '"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA", a line with a hashed host name (run ssh-keyscan without -H)'],
    ["a line with the marker @revoked", `@revoked * ${ED25519_HOST_KEY}`, `"@revoked * ${ED25519_HOST_KEY.slice(0, 90)}`],
    ["keys of two hosts", `lb01 ${ED25519_HOST_KEY}\nlb02 ${ECDSA_HOST_KEY}`, "keys of several hosts: lb01 and lb02"],
    ["a comment without a key", "# lb01:22 SSH-2.0-OpenSSH_9.2p1\n", "nothing"],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "a private key"],
    ["a truncated key", ED25519_HOST_KEY.slice(0, 60), `"${ED25519_HOST_KEY.slice(0, 60)}"`],
  ])("a node and a bastion refuse this hostKey: %s", (_, hostKey, got) => {
    expect(() => withKey(hostKey)).toThrow(`hostKey must be ${EXPECTED}, got ${got}`);
    expect(() => balancerStack({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1", hostKey } }) } })).toThrow(
      `ssh.bastion.hostKey must be ${EXPECTED}, got ${got}`,
    );
  });

  test("a hostKey that contains only one key gives a warning if the key is not an ecdsa key, because Terraform asks for an ecdsa key first", () => {
    expect(warnings(ED25519_HOST_KEY)).toEqual([expect.stringContaining("hostKey has only a key of type ssh-ed25519. Terraform asks the host for an ecdsa key first")]);
    expect(warnings(`lb01 ${ED25519_HOST_KEY}`)).toHaveLength(1);
  });

  test("hostKey gives no warning if it contains all keys of a host, or only an ecdsa key", () => {
    expect(warnings(HOST_KEY)).toEqual([]);
    expect(warnings(ECDSA_HOST_KEY)).toEqual([]);
  });
});

describe("the props of an ssh bastion", () => {
  test("a bastion's private key and ssh certificate are refused if they contradict each other or the node's ssh access", () => {
    const of = (bastion: object, agent = false) => () => {
      const through = { bastion: { host: "10.12.8.1", ...bastion } };
      return balancerStack({ balancer: { ssh: agent ? SshAccess.agent(through) : SshAccess.privateKeyFile({ path: "id", ...through }) } });
    };
    const place = "[Stack/Mail/Master]";
    expect(of({ privateKeyPath: "a", privateKey: "b" })).toThrow(`ssh.bastion must have either privateKeyPath or privateKey, got both ${place}`);
    expect(of({ certificate: "x" })).toThrow(`ssh.bastion.certificate must be set together with the bastion's private key that it certifies, got no private key ${place}`);
    const certificate = `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)}`;
    expect(() => balancerStack({ balancer: { ssh: SshAccess.privateKeyFile({ path: "id", certificate, bastion: { host: "10.12.8.1", privateKeyPath: "a" } }) } })).toThrow(
      `ssh.bastion.certificate must be set if ssh.certificate is set and the bastion has its own private key, got none ${place}`,
    );
    expect(of({ privateKeyPath: "a", certificate: "x" })).toThrow("ssh.bastion.certificate must be the text of an ssh certificate");
    expect(of({ privateKeyPath: "a" }, true)).toThrow(`ssh.bastion must have no private key of its own if ssh is SshAccess.agent(). Add the bastion's key to the agent ${place}`);
  });

  test("a bastion's private key is refused if it is a literal text", () => {
    expect(() => balancerStack({ balancer: { ssh: SshAccess.privateKeyFile({ path: "id", bastion: { host: "10.12.8.1", privateKey: "-----BEGIN" } }) } })).toThrow(
      "ssh.bastion.privateKey must be a token",
    );
  });
});
