import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformStack } from "cdktf";
import { BalancingMode, CertificateMismatch, MemberState, SslBridgeCert } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { untyped } from "./support/refused";
import { Case, balancerStack, newStack, secret, synth, variable } from "./support/site";
import { Pair, Wish, made, openssl } from "./support/openssl";

// Certificates are openssl's, in files as a site has them.

const folder = mkdtempSync(join(tmpdir(), "certificates-"));
const root = made({ cn: "Root", ca: true });
const issuing = made({ cn: "Issuing", ca: true, issuer: root });
const other = made({ cn: "Other root", ca: true });
const NAMES = ["mail.mydomain.local", "autodiscover.mydomain.local"];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

let number = 0;
function file(...blocks: readonly string[]): string {
  const path = join(folder, `${(number += 1)}.pem`);
  writeFileSync(path, blocks.join(""));
  return path;
}

const rootFile = file(root.certificate);

function pem(pair: Pair, ...chain: readonly Pair[]): string {
  return file(pair.certificate, ...chain.map(({ certificate }) => certificate), pair.key);
}

function cert(path: string, props: object = {}, stack = newStack()): SslBridgeCert {
  return SslBridgeCert.fromPemFile(stack, "Cert", { path, rootCas: [rootFile], ...props });
}

/** A stack with a balancer that bridges SSL with the certificate at this path. */
function site(path: string, props: object = {}, dag: Case["dag"] = {}): TerraformStack {
  return balancerStack({ dag, balancer: (stack) => ({ mode: BalancingMode.sslBridge({ cert: cert(path, props, stack) }) }) }).stack;
}

function messages(stack: TerraformStack, level: string): string[] {
  return stack.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === level).map(({ data }) => String(data)));
}

describe("a certificate that synthesis can read", () => {
  test.each<[string, string]>([
    ["with its intermediate CA after it", pem(made({ names: NAMES, issuer: issuing }), issuing)],
    ["with its chain up to the root", pem(made({ names: NAMES, issuer: issuing }), issuing, root)],
    ["whose private key comes first in the file", ((pair) => file(pair.key, pair.certificate))(made({ names: NAMES, issuer: root }))],
    ["with a wildcard name", pem(made({ names: ["*.mydomain.local"], issuer: root }))],
    ["with an RSA key", pem(made({ names: NAMES, issuer: root, key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] }))],
    ["without an extended key usage", pem(made({ names: NAMES, issuer: root, extensions: [`subjectAltName=${NAMES.map((name) => `DNS:${name}`).join(",")}`] }))],
  ])("a certificate %s is accepted without a warning", (_, path) => {
    const stack = site(path);
    expect(messages(stack, "@cdktf/warn").filter((text) => text.includes("Cert"))).toEqual([]);
    expect(messages(stack, "@cdktf/info")).toEqual([]);
  });

  const server = (wish: Wish): string => pem(made({ names: NAMES, issuer: root, ...wish }));
  const good = made({ names: NAMES, issuer: issuing });
  test.each<[string, () => string, RegExp]>([
    ["has expired", () => server({ from: -40, until: -3 }), /^path must not be expired, got CN=mail.mydomain.local, which expired on 20\d\d-\d\d-\d\d\. Request a new one: npx cdktf-exchange-balancer cert request --name 'mail.mydomain.local' --name 'autodiscover.mydomain.local' \[Stack\/Cert\]$/],
    ["is not valid yet", () => server({ from: 3 }), /must be valid already, got CN=mail.mydomain.local, which is valid from/],
    ["has a weak RSA key", () => server({ key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"] }), /must have an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521, got RSA 1024 in CN=mail.mydomain.local\. Windows on the Exchange servers supports no other keys/],
    ["has an Ed25519 key", () => server({ key: ["-algorithm", "ED25519"] }), /got ED25519 in CN=mail.mydomain.local\. Windows on the Exchange servers supports no other keys/],
    ["has a key on a curve other than P-256, P-384 and P-521", () => server({ key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"] }), /got EC secp256k1 in/],
    ["is signed with SHA-1", () => server({ digest: "sha1" }), /must be signed with SHA-256, SHA-384 or SHA-512, got SHA-1 in CN=mail.mydomain.local. Ask the CA to issue this certificate again/],
    ["is only for TLS clients", () => server({ extensions: ["subjectAltName=DNS:mail.mydomain.local", "extendedKeyUsage=clientAuth"] }), /must be for TLS servers \(extended key usage serverAuth, 1\.3\.6\.1\.5\.5\.7\.3\.1\), got CN=mail.mydomain.local, which is only for 1\.3\.6\.1\.5\.5\.7\.3\.2/],
    ["lacks the key usage digitalSignature", () => server({ extensions: ["subjectAltName=DNS:mail.mydomain.local", "keyUsage=keyEncipherment"] }), /must have the key usage digitalSignature/],
    ["comes with the key of another certificate", () => file(good.certificate, issuing.certificate, made().key), /must contain the private key of CN=mail.mydomain.local, got another key/],
    ["comes after its issuer in the file", () => file(issuing.certificate, good.certificate, good.key), /must begin with the private key's certificate, CN=mail.mydomain.local, but begins with CN=Issuing. npx cdktf-exchange-balancer cert bundle writes the certificates in the right order/],
    ["comes without a key", () => file(good.certificate, issuing.certificate), /path must be in PEM form and contain "PRIVATE KEY-----"/],
    ["comes with two keys", () => file(good.certificate, issuing.certificate, good.key, good.key), /must contain one private key, got 2/],
    ["comes with a key that has a passphrase", () => {
      const key = file(good.key);
      return file(good.certificate, issuing.certificate, openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x"));
    }, /must contain a private key without a passphrase, .*got an encrypted key/],
    ["comes without its intermediate CA", () => file(good.certificate, good.key), /must have a chain that ends at a root of rootCas, got a chain that ends at CN=mail.mydomain.local, issued by CN=Issuing/],
    ["has a foreign certificate in its chain", () => pem(good, other), /must contain the whole chain in order, got CN=Other root after CN=mail.mydomain.local, but the issuer of CN=mail.mydomain.local is CN=Issuing\. Put/],
    ["has its chain in the wrong order", () => pem(good, root, issuing), /must contain the chain in order, each certificate followed by its issuer's certificate, got CN=Root after CN=mail.mydomain.local/],
    ["was truncated", () => file(good.certificate.replace(/\n[^\n]{20}/, "\n"), good.key), /must contain certificates in PEM form, got a certificate that cannot be read/],
    ["is a PFX", () => {
      const path = join(folder, "site.pfx");
      openssl("pkcs12", "-export", "-in", pem(good), "-out", path, "-passout", "pass:x");
      return path;
    }, /must be in PEM form, got ".*site\.pfx", which is in DER or PFX form. Convert it with npx cdktf-exchange-balancer cert from-pfx/],
  ])("a certificate is refused if it %s", (_, path, message) => {
    expect(() => cert(path())).toThrow(message);
  });

  test.each<[string, readonly string[], RegExp | undefined]>([
    ["refuses a certificate that lacks one client name", ["mail.mydomain.local"], /^path must be for mail.mydomain.local, autodiscover.mydomain.local, got a certificate for mail.mydomain.local\. It lacks autodiscover.mydomain.local\. Request a certificate for all of these names: npx cdktf-exchange-balancer cert request --name 'mail.mydomain.local' --name 'autodiscover.mydomain.local' \[Stack\/Cert\]$/],
    ["refuses *.local for mail.mydomain.local", ["*.local"], /It lacks mail.mydomain.local, autodiscover.mydomain.local/],
    ["refuses m*.mydomain.local, because a wildcard must be a whole label", ["m*.mydomain.local", "autodiscover.mydomain.local"], /It lacks mail.mydomain.local\./],
    ["refuses a name that only the subject has", [], /got a certificate for no name\. It lacks mail/],
    ["accepts a name in capital letters", ["MAIL.MyDomain.local", "autodiscover.mydomain.local"], undefined],
  ])("the library compares a certificate's names with the client names by RFC 6125: it %s", (_, names, message) => {
    const path = pem(made({ names, issuer: root }));
    if (message === undefined) expect(() => site(path)).not.toThrow();
    else expect(() => site(path)).toThrow(message);
  });

  test("with coversMembers, a certificate must contain the hosts of all members, including IP addresses", () => {
    const members = [{ name: "exch01", host: "exch01.mydomain.local" }, { name: "exch02", host: "10.12.8.22" }];
    const path = pem(made({ names: NAMES, issuer: root }));
    expect(() => site(path, {}, { members })).not.toThrow();
    expect(() => site(path, { coversMembers: true }, { members })).toThrow(/It lacks exch01.mydomain.local, 10.12.8.22\./);
    const all = pem(made({ names: [...NAMES, "exch01.mydomain.local", "10.12.8.22"], issuer: root }));
    expect(() => site(all, { coversMembers: true }, { members })).not.toThrow();
  });

  test("SslBridgeCert.expires is the expiry date, and synthesis warns if this date is at most expiryWarningDays away", () => {
    const path = pem(made({ names: NAMES, issuer: root, until: 20 }));
    const stack = newStack();
    const read = cert(path, {}, stack);
    expect(read.expires).toBe(new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10));
    expect(messages(stack, "@cdktf/warn")).toEqual([
      expect.stringMatching(/^path expires soon: CN=mail.mydomain.local in (19|20) days, on 20\S+\. Request a new one: .* \[Stack\/Cert\]$/),
    ]);
    const quiet = newStack();
    cert(path, { expiryWarningDays: 14 }, quiet);
    expect(messages(quiet, "@cdktf/warn")).toEqual([]);
  });

  test("cdk.tf.json contains no part of the certificate's private key", () => {
    const pair = made({ names: NAMES, issuer: root });
    const text = synth(site(pem(pair)));
    for (const line of pair.key.split("\n").filter((line) => line.length > 20)) expect(text).not.toContain(line);
    expect(text).not.toContain("PRIVATE KEY-----\\n");
  });

  test("a certificate whose CA is unknown gets only a warning, because the hosts might know the CA", () => {
    const stack = newStack();
    SslBridgeCert.fromPemFile(stack, "Cert", { path: pem(made({ names: NAMES, issuer: root })) });
    expect(messages(stack, "@cdktf/warn")).toEqual([expect.stringContaining("path has a chain that ends at CN=mail.mydomain.local, issued by CN=Root. This issuer is not among the public CAs that Node.js knows")]);
  });

  test("a self-signed certificate is accepted if rootCas contains it", () => {
    const own = made({ names: NAMES });
    expect(() => cert(pem(own), { rootCas: [file(own.certificate)] })).not.toThrow();
  });
});

test("a certificate file that does not exist at synthesis is accepted, with a message that the certificate was not checked", () => {
  const stack = site("/no/such/exch.pem");
  expect(messages(stack, "@cdktf/info")).toEqual([
    'the file "/no/such/exch.pem" (prop path) does not exist at synthesis, so synthesis did not check the certificate. Terraform reads the file during the plan [Stack/Cert]',
  ]);
});

test.each<[string, () => string, RegExp]>([
  ["that contains a private key", () => file(root.certificate, root.key), /rootCas\[0\] must not contain a private key/],
  ["that contains several CAs", () => file(root.certificate, other.certificate), /rootCas\[0\] must contain one certificate, got 2. Put each CA into a separate file/],
  ["that contains a server's certificate", () => file(made({ issuer: root }).certificate), /rootCas\[0\] must be the certificate of a CA, got the certificate of CN=mail.mydomain.local. Use the certificate of its issuer, CN=Root/],
  ["that contains an expired CA", () => file(made({ cn: "Old root", ca: true, from: -9, until: -1 }).certificate), /rootCas\[0\] must not be expired, got CN=Old root, which expired on .*The CA must be renewed/],
])("a file in rootCas %s is refused", (_, path, message) => {
  expect(() => cert("/no/such/exch.pem", { rootCas: [path()] })).toThrow(message);
});

test("a certificate given as literal text is checked like a certificate file; a certificate given as a token is not checked", () => {
  const stack = newStack();
  const privateKey = secret(stack, "key");
  const { certificate } = made({ names: NAMES, issuer: root, until: -1, from: -5 });
  expect(() => SslBridgeCert.fromPem(stack, "A", { certificate, privateKey, rootCas: { root: root.certificate } })).toThrow(/^certificate must not be expired, got/);
  const sound = made({ names: NAMES, issuer: root }).certificate;
  expect(SslBridgeCert.fromPem(stack, "B", { certificate: sound, privateKey, rootCas: { root: root.certificate } }).expires).toMatch(/^20/);
  expect(SslBridgeCert.fromPem(stack, "C", { certificate: variable(stack, "c"), privateKey }).expires).toBeUndefined();
});

test.each([0, 398, 1.5])("%j is refused as expiryWarningDays", (expiryWarningDays) => {
  expect(() => cert("x.pem", { expiryWarningDays })).toThrow(`expiryWarningDays must be an integer from 1 to 397, got ${expiryWarningDays} [Stack/Cert]`);
});

describe("several certificates for different client names", () => {
  const first = pem(made({ names: ["mail.mydomain.local"], issuer: root }));
  const second = pem(made({ names: ["autodiscover.mydomain.local"], issuer: root }));
  const with2 = (names: string[], further = second): (() => TerraformStack) => () =>
    balancerStack({
      balancer: (stack) => ({
        mode: BalancingMode.sslBridge({
          cert: cert(first, {}, stack),
          sniCerts: [{ cert: SslBridgeCert.fromPemFile(stack, "Second", { path: further, rootCas: [rootFile] }), names }],
        }),
      }),
    }).stack;

  test("with sniCerts, each certificate needs only its own client names", () => {
    expect(with2(["autodiscover.mydomain.local"])).not.toThrow();
    expect(with2(["autodiscover.mydomain.local"], first)).toThrow(/\[Stack\/Second\]/);
  });

  test.each<[string[], string]>([
    [[], "sniCerts[0].names must be at least one of the DAG's clientNames, got none [Stack/Mail/Master]"],
    [["owa.mydomain.local"], 'sniCerts[0].names[0] must be one of the DAG\'s clientNames (mail.mydomain.local, autodiscover.mydomain.local), got "owa.mydomain.local"'],
    [["a b"], 'sniCerts[0].names[0] must be a DNS name of at most 253 characters, such as mail.mydomain.local, got "a b"'],
  ])("sniCerts refuses an entry with the names %j", (names, message) => {
    expect(with2(names)).toThrow(message);
  });

  test("sniCerts refuses an entry for the first client name, because HAProxy's health checks use this name", () => {
    const all = pem(made({ names: NAMES, issuer: root }));
    expect(with2(["mail.mydomain.local"], all)).toThrow(/the names of sniCerts must be different for each entry, got mail.mydomain.local twice/);
  });

  test("two certificates are refused if their CA files have the same name but different paths", () => {
    const stack = newStack();
    const [a, b] = [join(folder, "a"), join(folder, "b")].map((path) => `${path}.ca`);
    for (const path of [a, b]) writeFileSync(path ?? "", root.certificate);
    const of = (id: string, path: string, ca: string): SslBridgeCert => SslBridgeCert.fromPemFile(stack, id, { path, rootCas: [ca] });
    writeFileSync(join(folder, "same.ca"), root.certificate);
    const nested = mkdtempSync(join(folder, "nested-"));
    writeFileSync(join(nested, "same.ca"), root.certificate);
    const mode = BalancingMode.sslBridge({
      cert: of("First", first, join(folder, "same.ca")),
      sniCerts: [{ cert: of("Second", second, join(nested, "same.ca")), names: ["autodiscover.mydomain.local"] }],
    });
    expect(() => balancerStack({ balancer: { mode } })).toThrow('rootCas of different certificates must not use the same name for different CAs, got two different CAs named "same"');
  });
});


describe("the configuration of certificate-check", () => {
  function compared(dag: Case["dag"], mode: (stack: TerraformStack) => BalancingMode = (stack) => BalancingMode.sslBridge({ cert: cert("/no/such.pem", {}, stack) })): string[] {
    const { stack } = balancerStack({ dag, balancer: (within) => ({ mode: mode(within) }) });
    const [host] = hostFiles(synth(stack));
    const conf = host?.files.find(({ path }) => path === "/etc/haproxy/certificate-check.conf");
    return conf?.content.trimEnd().split("\n").slice(1) ?? [];
  }

  test("certificate-check.conf contains each client name with the path of its certificate, and each member with its state", () => {
    const members = [
      { name: "exch01", host: "10.12.8.21" },
      { name: "exch02", host: "10.12.8.22", weight: 0 },
      { name: "exch03", host: "10.12.8.23", state: MemberState.DRAIN },
      { name: "exch04", host: "10.12.8.24", state: MemberState.MAINTENANCE },
    ];
    expect(compared({ members })).toEqual([
      "mismatch stop",
      "warn-days 30",
      "trust /etc/ssl/certs/ca-certificates.crt",
      "present mail.mydomain.local /etc/haproxy/exch.pem 30",
      "present autodiscover.mydomain.local /etc/haproxy/exch.pem 30",
      "ask mail.mydomain.local",
      "member exch01 10.12.8.21 ready",
      "member exch02 10.12.8.22 drained",
      "member exch03 10.12.8.23 drained",
      "member exch04 10.12.8.24 drained",
    ]);
  });

  test("there is no certificate-check.conf in TCP mode, because the balancers have no certificate", () => {
    expect(compared({}, () => BalancingMode.tcp())).toEqual([]);
  });

  test("an unknown value of onCertificateMismatch is refused", () => {
    const options = { cert: cert("/no/such.pem"), onCertificateMismatch: "ignore" as CertificateMismatch };
    expect(() => BalancingMode.sslBridge(options)).toThrow('onCertificateMismatch must be one of stop, warn, got "ignore" [BalancingMode.sslBridge]');
  });
});

test.each(['a"b', "a\nb", "${path.root}/x", "%{x}", "", "a\\b"])("SslBridgeCert.fromPemFile() refuses the path %j", (path) => {
  expect(() => SslBridgeCert.fromPemFile(newStack(), "Cert", { path })).toThrow(
    "path must be a path without quote, backslash, $, % or line break",
  );
});

test("a private key in the prop certificate or rootCas is refused, and the message does not show the key", () => {
  const stack = newStack();
  const key = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nSECRET";
  const privateKey = secret(stack, "key");
  for (const [prop, props] of [
    ["certificate", { certificate: key, privateKey }],
    ['rootCas["root"]', { certificate: variable(stack, "c"), privateKey, rootCas: { root: key } }],
  ] as const) {
    const refused = `${prop} must not contain a private key, because this value is shown in plans and kept in the state [Stack/${prop}]`;
    expect(() => SslBridgeCert.fromPem(stack, prop, props)).toThrow(new Error(refused));
  }
});

test("a certificate that is not PEM is refused, and the message names the commands that convert it", () => {
  expect(() => SslBridgeCert.fromPem(newStack(), "Cert", { certificate: "MIIC", privateKey: "${var.key}" })).toThrow(/privateKey must be a token/);
  const stack = newStack();
  expect(() => SslBridgeCert.fromPem(stack, "Cert", { certificate: "MIIC", privateKey: secret(stack, "key") })).toThrow(
    'certificate must be in PEM form and contain "-----BEGIN CERTIFICATE-----". To convert other forms, use openssl x509 -inform der (DER) or openssl pkcs12 (PFX) [Stack/Cert]',
  );
});

test("a token is refused as the path of a certificate or the name of a CA", () => {
  const stack = newStack();
  const token = variable(stack, "v");
  expect(() => SslBridgeCert.fromPemFile(stack, "A", { path: token })).toThrow(/path must be a path .*, known at synthesis, got/);
  expect(() => SslBridgeCert.fromPem(stack, "B", { certificate: token, privateKey: token, rootCas: { [token]: token } })).toThrow(/name must be .*, known at synthesis, got/);
});

test("a private key that is a literal text is refused", () => {
  expect(() => SslBridgeCert.fromPem(newStack(), "Cert", { certificate: "c", privateKey: "-----BEGIN" })).toThrow(
    "privateKey must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be readable in cdk.tf.json [Stack/Cert]",
  );
});

test("two CA files of a certificate are refused if their names without extension are the same", () => {
  expect(() => SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "x.pem", rootCas: ["a/root.ca", "b/root.pem"] })).toThrow(
    'rootCas[1] must have a unique name, got "root" twice [Stack/Cert]',
  );
});

test.each<[string, object, string]>([
  ["a Buffer as the path", { path: Buffer.from("x") }, "path must be a path without quote, backslash, $, % or line break, got an instance of Buffer"],
  ["an object as rootCas", { path: "exch.pem", rootCas: { root: "root.ca" } }, "rootCas must be a list whose length is known at synthesis; its entries may be tokens, got an object"],
  ["a text as rootCas", { path: "exch.pem", rootCas: "root.ca" }, 'rootCas must be a list whose length is known at synthesis; its entries may be tokens, got "root.ca"'],
  ["a number as an entry of rootCas", { path: "exch.pem", rootCas: [5] }, "rootCas[0] must be text, got 5"],
  ["a text as expiryWarningDays", { path: "exch.pem", expiryWarningDays: "30" }, 'expiryWarningDays must be an integer from 1 to 397, got "30"'],
  ["a text as coversMembers", { path: "exch.pem", coversMembers: "yes" }, 'coversMembers must be true or false, known at synthesis, got "yes"'],
  ["a prop name in snake_case", { path: "exch.pem", root_cas: [] }, 'props must be an object of known keys, got the unknown key "root_cas": did you mean rootCas?'],
])("SslBridgeCert.fromPemFile() refuses %s", (_, props, message) => {
  expect(() => SslBridgeCert.fromPemFile(newStack(), "Cert", untyped(props))).toThrow(new Error(`${message} [Stack/Cert]`));
});

test.each<[string, object, string]>([
  ["a list as rootCas", { rootCas: ["x"] }, "rootCas must be an object that maps names to texts, got a list"],
  ["a Buffer as the certificate", { certificate: Buffer.from("x") }, "certificate must be text, got an instance of Buffer"],
  ["a number as the private key, and the message does not show the number", { privateKey: 12345 }, "privateKey must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be readable in cdk.tf.json"],
])("SslBridgeCert.fromPem() refuses %s", (_, props, message) => {
  const stack = newStack();
  const good = { certificate: variable(stack, "c"), privateKey: secret(stack, "k") };
  expect(() => SslBridgeCert.fromPem(stack, "Cert", untyped({ ...good, ...props }))).toThrow(new Error(`${message} [Stack/Cert]`));
});

test("expiryWarningDays of each certificate is in certificate-check.conf", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({
      mode: BalancingMode.sslBridge({
        cert: SslBridgeCert.fromPemFile(within, "Cert", { path: "exch.pem", expiryWarningDays: 14 }),
        sniCerts: [{ cert: SslBridgeCert.fromPemFile(within, "Sni", { path: "sni.pem", expiryWarningDays: 60 }), names: ["autodiscover.mydomain.local"] }],
      }),
    }),
  });
  const conf = hostFiles(synth(stack))[0]?.files.find(({ path }) => path.endsWith("certificate-check.conf"))?.content;
  expect(conf?.split("\n").filter((line) => line.startsWith("present "))).toEqual([
    "present mail.mydomain.local /etc/haproxy/exch.pem 14",
    "present autodiscover.mydomain.local /etc/haproxy/exch-2.pem 60",
  ]);
});
