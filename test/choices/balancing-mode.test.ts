import { Balance, BalancingMode, Duration, SslBridgeCert } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";
import { newStack } from "../support/site";

const cert = (): SslBridgeCert => SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "exch.pem" });

test.each<[string, object, string]>([
  ["an unknown balance", { balance: "roundrobin\n    server evil 1.2.3.4:443" }, 'balance must be one of roundrobin, leastconn, source, got "roundrobin\\n    server evil 1.2.3.4:443"'],
  ["a number where a Duration is expected", { idleTimeout: 60 }, "idleTimeout must be a Duration, such as Duration.seconds(15), got 60"],
  ["text where true or false is expected", { redirectToHttps: "no" }, 'redirectToHttps must be true or false, known at synthesis, got "no"'],
  ["a path where a HealthCheck is expected", { healthCheck: "/owa/healthcheck.htm" }, 'healthCheck must be a HealthCheck, such as HealthCheck.httpGet("/owa/healthcheck.htm"), got "/owa/healthcheck.htm"'],
  ["a list where an object of CAs is expected", { rootCas: ["root.ca"] }, "rootCas must be an object that maps names to texts, got a list"],
  ["a Map where an object of CAs is expected", { rootCas: new Map([["ca", "x"]]) }, "rootCas must be an object that maps names to texts, got an instance of Map"],
  ["a CA that is not text", { rootCas: { ca: 5 } }, 'rootCas["ca"] must be text, got 5'],
  ["an option that only SSL bridging has", { http2: true }, 'options must be an object of known keys, got the unknown key "http2": its keys are balance, idleTimeout, redirectToHttps, healthCheck, rootCas'],
])("BalancingMode.tcp() refuses %s", (_, options, message) => {
  expect(() => BalancingMode.tcp(untyped(options))).toThrow(new Error(`${message} [BalancingMode.tcp]`));
});

test.each<[string, object, string]>([
  ["text where true or false is expected", { http2: "yes" }, 'http2 must be true or false, known at synthesis, got "yes"'],
  ["an unknown TLS policy", { tlsPolicy: "TLSv1.2" }, 'tlsPolicy must be one of system, modern, intermediate, old, got "TLSv1.2"'],
  ["an unknown pathStrictness", { pathStrictness: true }, "pathStrictness must be one of strict, lenient, got true"],
  ["a number where a Duration is expected", { clientTimeout: 30 }, "clientTimeout must be a Duration, such as Duration.seconds(15), got 30"],
  ["a list as the value of responseHeaders", { responseHeaders: ["X-Test: 1"] }, "responseHeaders must be an object that maps names to texts, got a list"],
  ["a response header whose value is a number", { responseHeaders: { "X-Test": 1 } }, 'responseHeaders["X-Test"] must be text, got 1'],
  ["a path as the value of cert", { cert: "exch.pem" }, 'cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got "exch.pem"'],
  ["a missing certificate", { cert: undefined }, 'cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got undefined'],
  ["an option name in snake_case", { http_2: true }, 'options must be an object of known keys, got the unknown key "http_2": did you mean http2?'],
])("BalancingMode.sslBridge() and sslOffload() refuse %s", (_, options, message) => {
  for (const name of ["sslBridge", "sslOffload"] as const) {
    expect(() => BalancingMode[name](untyped({ cert: cert(), ...options }))).toThrow(new Error(`${message} [BalancingMode.${name}]`));
  }
});

test.each<[string, object, string]>([
  ["an unknown value of onCertificateMismatch", { onCertificateMismatch: "ignore" }, 'onCertificateMismatch must be one of stop, warn, got "ignore"'],
  ["an unknown key in an entry of sniCerts", { sniCerts: [{ cert: cert(), names: ["a.b"], verify_name: "x" }] }, 'sniCerts[0] must be an object of known keys, got the unknown key "verify_name": its keys are cert, names'],
  ["a path as an entry of sniCerts", { sniCerts: ["exch.pem"] }, 'sniCerts[0] must be an object with cert, names, got "exch.pem"'],
  ["an entry of sniCerts without a certificate", { sniCerts: [{ names: ["a.b"] }] }, 'sniCerts[0].cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }), got undefined'],
  ["an object as the value of sniCerts", { sniCerts: {} }, "sniCerts must be a list whose length is known at synthesis; its entries may be tokens, got an empty object"],
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
test.each(FRAMING)("BalancingMode.sslBridge() refuses the name %s in responseHeaders and replaceResponseHeaders, because this header controls how clients read the response", (name) => {
  for (const prop of ["responseHeaders", "replaceResponseHeaders"] as const) {
    expect(() => BalancingMode.sslBridge({ cert: cert(), [prop]: { [name]: "5" } })).toThrow(
      `${prop}' name must be a header that a balancer can set safely, got ${name}, which controls how HTTP messages are read [BalancingMode.sslBridge]`,
    );
  }
});

test.each(["Set-Cookie", "www-authenticate", "Location", "Content-Type"])("BalancingMode.sslOffload() refuses the name %s in replaceResponseHeaders, because this header must stay as Exchange sends it", (name) => {
  expect(() => BalancingMode.sslOffload({ cert: cert(), replaceResponseHeaders: { [name]: "5" } })).toThrow(
    `replaceResponseHeaders' name must be a header that a balancer can set safely, got ${name}, which must stay as Exchange sends it, because logins, redirects and pages need it [BalancingMode.sslOffload]`,
  );
});

test("BalancingMode.sslBridge() refuses two names for the same header, even if the names differ in case, or one is in responseHeaders and the other in replaceResponseHeaders", () => {
  const message = "the header names in responseHeaders and replaceResponseHeaders must be all different, without regard to case, got x-a twice [BalancingMode.sslBridge]";
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { "X-A": "1", "x-a": "2" } })).toThrow(message);
  expect(() => BalancingMode.sslBridge({ cert: cert(), responseHeaders: { "X-A": "1" }, replaceResponseHeaders: { "X-a": "2" } })).toThrow(message);
});

test("BalancingMode.tcp() refuses a CA that contains a private key, and a CA name that is a path", () => {
  const key = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----";
  expect(() => BalancingMode.tcp({ rootCas: { ca: key } })).toThrow('rootCas["ca"] must be a certificate in PEM form without a private key, known at synthesis, got another value [BalancingMode.tcp]');
  expect(() => BalancingMode.tcp({ rootCas: { "../ca": key } })).toThrow("rootCas' name must be");
});

test("BalancingMode.tcp() and sslBridge() accept valid options", () => {
  expect(BalancingMode.tcp({ balance: Balance.SOURCE, idleTimeout: Duration.seconds(5), redirectToHttps: false, healthCheck: undefined }).name).toBe("tcp");
  expect(BalancingMode.sslBridge({ cert: cert(), sniCerts: [], responseHeaders: {} }).name).toBe("sslBridge");
});
