import { Balance, BalancingMode, Duration, SslBridgeCert } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";
import { newStack } from "../support/site";

const cert = (): SslBridgeCert => SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "exch.pem" });

test.each<[string, object, string]>([
  ["a balance that HAProxy does not have", { balance: "roundrobin\n    server evil 1.2.3.4:443" }, 'balance must be one of roundrobin, leastconn, source, got "roundrobin\\n    server evil 1.2.3.4:443"'],
  ["a timeout in minutes", { idleTimeout: 60 }, "idleTimeout must be a Duration, such as Duration.seconds(15), got 60"],
  ["a flag in text", { redirectToHttps: "no" }, 'redirectToHttps must be true or false, known at synthesis, got "no"'],
  ["a health check by its path", { healthCheck: "/owa/healthcheck.htm" }, 'healthCheck must be a HealthCheck, such as HealthCheck.httpGet("/owa/healthcheck.htm"), got "/owa/healthcheck.htm"'],
  ["CAs in a list", { rootCas: ["root.ca"] }, "rootCas must be an object that maps names to texts, got a list"],
  ["CAs in a Map", { rootCas: new Map([["ca", "x"]]) }, "rootCas must be an object that maps names to texts, got an instance of Map"],
  ["a CA that is not text", { rootCas: { ca: 5 } }, 'rootCas["ca"] must be text, got 5'],
  ["an option of SSL bridging", { http2: true }, 'options must be an object of known keys, got the unknown key "http2": its keys are balance, idleTimeout, redirectToHttps, healthCheck, rootCas'],
])("BalancingMode.tcp() refuses %s", (_, options, message) => {
  expect(() => BalancingMode.tcp(untyped(options))).toThrow(new Error(`${message} [BalancingMode.tcp]`));
});

test.each<[string, object, string]>([
  ["a flag in text", { http2: "yes" }, 'http2 must be true or false, known at synthesis, got "yes"'],
  ["an unknown TLS policy", { tlsPolicy: "TLSv1.2" }, 'tlsPolicy must be one of system, modern, intermediate, old, got "TLSv1.2"'],
  ["an unknown strictness", { pathStrictness: true }, "pathStrictness must be one of strict, lenient, got true"],
  ["a timeout in seconds", { clientTimeout: 30 }, "clientTimeout must be a Duration, such as Duration.seconds(15), got 30"],
  ["headers in a list", { responseHeaders: ["X-Test: 1"] }, "responseHeaders must be an object that maps names to texts, got a list"],
  ["a header that is a number", { responseHeaders: { "X-Test": 1 } }, 'responseHeaders["X-Test"] must be text, got 1'],
  ["a path as its certificate", { cert: "exch.pem" }, 'cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got "exch.pem"'],
  ["no certificate", { cert: undefined }, 'cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got undefined'],
  ["a key in Python's spelling", { http_2: true }, 'options must be an object of known keys, got the unknown key "http_2": did you mean http2?'],
])("BalancingMode.sslBridge() and sslOffload() refuse %s", (_, options, message) => {
  for (const name of ["sslBridge", "sslOffload"] as const) {
    expect(() => BalancingMode[name](untyped({ cert: cert(), ...options }))).toThrow(new Error(`${message} [BalancingMode.${name}]`));
  }
});

test.each<[string, object, string]>([
  ["an unknown onCertificateMismatch", { onCertificateMismatch: "ignore" }, 'onCertificateMismatch must be one of stop, warn, got "ignore"'],
  ["an unknown key of an SNI certificate", { sniCerts: [{ cert: cert(), names: ["a.b"], verify_name: "x" }] }, 'sniCerts[0] must be an object of known keys, got the unknown key "verify_name": its keys are cert, names'],
  ["an SNI certificate that is a path", { sniCerts: ["exch.pem"] }, 'sniCerts[0] must be an object with cert, names, got "exch.pem"'],
  ["an SNI certificate entry without a certificate", { sniCerts: [{ names: ["a.b"] }] }, 'sniCerts[0].cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got undefined'],
  ["SNI certificates that are not a list", { sniCerts: {} }, "sniCerts must be a list whose length is known at synthesis; its entries may be tokens, got an empty object"],
])("BalancingMode.sslBridge() refuses %s", (_, options, message) => {
  expect(() => BalancingMode.sslBridge(untyped({ cert: cert(), ...options }))).toThrow(new Error(`${message} [BalancingMode.sslBridge]`));
});

test("BalancingMode.sslOffload() refuses options that only SSL bridging has", () => {
  expect(() => BalancingMode.sslOffload(untyped({ cert: cert(), sniCerts: [] }))).toThrow('the unknown key "sniCerts"');
});

test.each(["a\nb", 'a"b', "a\\b", "a$b", "%d", "a\u0007b", ""])("the value %j of a response header is refused", (value) => {
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { "X-Test": value } })).toThrow(
    'responseHeaders["X-Test"] must be printable text without double quote, backslash, % or $',
  );
});

test.each(["X Test", "X:Test", "", "1X", "X\n"])("the name %j of a response header is refused", (name) => {
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { [name]: "x" } })).toThrow("responseHeaders' name must be the name of an HTTP header");
});

const FRAMING = ["Content-Length", "transfer-encoding", "CONTENT-ENCODING", "Content-Range", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade"];
test.each(FRAMING)("a mode refuses to set the header %s, because this header delimits a response", (name) => {
  for (const prop of ["responseHeaders", "replaceResponseHeaders"] as const) {
    expect(() => BalancingMode.sslBridge({ cert: cert(), [prop]: { [name]: "5" } })).toThrow(
      `${prop}' name must be a header that describes the page, got ${name}, which says how the message is read [BalancingMode.sslBridge]`,
    );
  }
});

test.each(["Set-Cookie", "www-authenticate", "Location", "Content-Type"])("a mode refuses to replace Exchange's header %s", (name) => {
  expect(() => BalancingMode.sslOffload({ cert: cert(), replaceResponseHeaders: { [name]: "5" } })).toThrow(
    `replaceResponseHeaders' name must be a header that describes the page, got ${name}, which must stay as Exchange sends it, because logins, redirects and pages need it [BalancingMode.sslOffload]`,
  );
});

test("a header that is named twice is refused, in any case of letters, in one list or in both", () => {
  const message = "responseHeaders' and replaceResponseHeaders' names must be all different, without regard to case, got x-a twice [BalancingMode.sslBridge]";
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { "X-A": "1", "x-a": "2" } })).toThrow(message);
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { "X-A": "1" }, replaceResponseHeaders: { "X-a": "2" } })).toThrow(message);
});

test("BalancingMode.tcp() accepts only certificates as CAs", () => {
  const key = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----";
  expect(() => BalancingMode.tcp({ rootCas: { ca: key } })).toThrow('rootCas["ca"] must be a certificate in PEM form without a private key, known at synthesis, got something else [BalancingMode.tcp]');
  expect(() => BalancingMode.tcp({ rootCas: { "../ca": key } })).toThrow("rootCas' name must be");
});

test("the modes accept valid values", () => {
  expect(BalancingMode.tcp({ balance: Balance.SOURCE, idleTimeout: Duration.seconds(5), redirectToHttps: false, healthCheck: undefined }).name).toBe("tcp");
  expect(BalancingMode.sslBridge({ cert: cert(), sniCerts: [], responseHeaders: {} }).name).toBe("sslBridge");
});
