import { AttackPattern, BalancingMode, KnownAttacks, SslBridgeCert } from "cdktf-exchange-balancer";
import { INJECTIONS, untyped } from "../support/refused";
import { newStack } from "../support/site";

const NAMES = "one of proxylogon, proxyshell, proxynotshell, owassrf, tabshell, proxytoken, unused-method, forged-header";
const TEXT = "3 to 40 printable ASCII characters without blanks, known at synthesis";
const NAME = "1 to 32 lower-case letters, digits and dashes, beginning with a letter or digit, known at synthesis";

test.each<[string, () => unknown, string]>([
  ["an unknown entry in `without`", () => KnownAttacks.catalogue({ without: ["proxylogin"] }), `without[0] must be ${NAMES}, got "proxylogin" [KnownAttacks.catalogue]`],
  ["a number in `without`", () => KnownAttacks.catalogue(untyped({ without: [1] })), "without[0] must be text, got 1 [KnownAttacks.catalogue]"],
  ["text where an AttackPattern is expected", () => KnownAttacks.catalogue(untyped({ also: ["powershell"] })), 'also[0] must be an AttackPattern, such as AttackPattern.url("cve-2027-0001", ["frobnicate"]), got "powershell" [KnownAttacks.catalogue]'],
  ["two patterns with the same name", () => KnownAttacks.only([AttackPattern.method("a", "A"), AttackPattern.method("a", "B")]), "also must be patterns with different names, got a twice [KnownAttacks.only]"],
  ["a pattern with the name of an entry in the catalogue", () => AttackPattern.method("proxyshell", "A"), 'name must be a name that the catalogue does not use, got "proxyshell" [AttackPattern.method]'],
  ["a pattern with an empty list of texts", () => AttackPattern.url("a", []), "texts must be a list of at least one text, known at synthesis, got an empty list [AttackPattern.url]"],
  ["a pattern with one text where a list of texts is expected", () => AttackPattern.url("a", untyped("powershell")), 'texts must be a list of at least one text, known at synthesis, got "powershell" [AttackPattern.url]'],
  ["a pattern whose texts have more than 40 characters in all", () => AttackPattern.url("a", ["a".repeat(21), "b".repeat(20)]), "texts must be at most 40 characters in total, got 41 [AttackPattern.url]"],
  ["a pattern text of two letters, because many URLs contain it", () => AttackPattern.url("a", ["ab"]), `texts[0] must be ${TEXT}, got "ab" [AttackPattern.url]`],
  ["a pattern text with blanks", () => AttackPattern.url("a", ["a b c"]), `texts[0] must be ${TEXT}, got "a b c" [AttackPattern.url]`],
  ["a header name that is followed by a value", () => AttackPattern.header("a", "X-Frob: 1"), 'header must be the name of an HTTP header, known at synthesis, got "X-Frob: 1" [AttackPattern.header]'],
  ["a method in lower case", () => AttackPattern.method("a", "get"), 'method must be the name of an HTTP method, such as PROPFIND, known at synthesis, got "get" [AttackPattern.method]'],
  ["a text where a KnownAttacks is expected", () => BalancingMode.sslBridge(untyped({ cert: SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "exch.pem" }), knownAttacks: "catalogue" })), 'knownAttacks must be a KnownAttacks, such as KnownAttacks.catalogue(), got "catalogue" [BalancingMode.sslBridge]'],
])("KnownAttacks, AttackPattern and the prop knownAttacks refuse %s", (_, make, message) => {
  expect(make).toThrow(new Error(message));
});

test.each(INJECTIONS)("AttackPattern refuses %j as a name, a header, a cookie or a method, because the text could add a line to haproxy.cfg", (text) => {
  expect(() => AttackPattern.url(text, ["abc"])).toThrow(`name must be ${NAME}`);
  expect(() => AttackPattern.header("a", text)).toThrow("header must be");
  expect(() => AttackPattern.cookie("a", text)).toThrow("cookie must be");
  expect(() => AttackPattern.method("a", text)).toThrow("method must be");
});

test("KnownAttacks.catalogue() leaves out the entries in `without`, and adds the patterns in `also`", () => {
  const names = (attacks: KnownAttacks): string[] => attacks._model.map(({ name }) => name);
  expect(names(KnownAttacks.catalogue())).toEqual(KnownAttacks.entries.map(({ name }) => name));
  expect(names(KnownAttacks.catalogue({ without: ["owassrf", "tabshell"], also: [AttackPattern.cookie("a", "b")] }))).toEqual(["proxylogon", "proxyshell", "proxynotshell", "proxytoken", "unused-method", "forged-header", "a"]);
  expect(names(KnownAttacks.only([AttackPattern.cookie("a", "b")]))).toEqual(["a"]);
  expect(KnownAttacks.CATALOGUE_DATE).toMatch(/^20\d\d-\d\d-\d\d$/);
});
