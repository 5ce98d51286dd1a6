import { AttackPattern, BalancingMode, KnownAttacks, SslBridgeCert } from "cdktf-exchange-balancer";
import { INJECTIONS, untyped } from "../support/refused";
import { newStack } from "../support/site";

const NAMES = "one of proxylogon, proxyshell, proxynotshell, owassrf, tabshell, proxytoken, unused-method, forged-header";
const TEXT = "3 to 40 printable ASCII characters without blanks, known at synthesis";
const NAME = "1 to 32 lower-case letters, digits and dashes, beginning with a letter or digit, known at synthesis";

test.each<[string, () => unknown, string]>([
  ["an entry that the catalogue does not have", () => KnownAttacks.catalogue({ without: ["proxylogin"] }), `without[0] must be ${NAMES}, got "proxylogin" [KnownAttacks.catalogue]`],
  ["a number in the list of entries", () => KnownAttacks.catalogue(untyped({ without: [1] })), "without[0] must be text, got 1 [KnownAttacks.catalogue]"],
  ["a pattern that is text", () => KnownAttacks.catalogue(untyped({ also: ["powershell"] })), 'also[0] must be an AttackPattern, such as AttackPattern.url("cve-2027-0001", ["frobnicate"]), got "powershell" [KnownAttacks.catalogue]'],
  ["two patterns with the same name", () => KnownAttacks.only([AttackPattern.method("a", "A"), AttackPattern.method("a", "B")]), "also must be patterns with different names, got a twice [KnownAttacks.only]"],
  ["a pattern with the name of an entry in the catalogue", () => AttackPattern.method("proxyshell", "A"), 'name must be a name that the catalogue does not use, got "proxyshell" [AttackPattern.method]'],
  ["an empty list of texts", () => AttackPattern.url("a", []), "texts must be a list of at least one text, known at synthesis, got an empty list [AttackPattern.url]"],
  ["a text instead of a list", () => AttackPattern.url("a", untyped("powershell")), 'texts must be a list of at least one text, known at synthesis, got "powershell" [AttackPattern.url]'],
  ["a text that is too long", () => AttackPattern.url("a", ["a".repeat(21), "b".repeat(20)]), "texts must be at most 40 characters in all, got 41 [AttackPattern.url]"],
  ["a text of two letters, because it is in many URLs", () => AttackPattern.url("a", ["ab"]), `texts[0] must be ${TEXT}, got "ab" [AttackPattern.url]`],
  ["a text with blanks", () => AttackPattern.url("a", ["a b c"]), `texts[0] must be ${TEXT}, got "a b c" [AttackPattern.url]`],
  ["a header's value", () => AttackPattern.header("a", "X-Frob: 1"), 'header must be the name of an HTTP header, known at synthesis, got "X-Frob: 1" [AttackPattern.header]'],
  ["a method in small letters", () => AttackPattern.method("a", "get"), 'method must be the name of an HTTP method, such as PROPFIND, known at synthesis, got "get" [AttackPattern.method]'],
  ["the catalogue's name instead of the catalogue", () => BalancingMode.sslBridge(untyped({ cert: SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "exch.pem" }), knownAttacks: "catalogue" })), 'knownAttacks must be a KnownAttacks, such as KnownAttacks.catalogue(), got "catalogue" [BalancingMode.sslBridge]'],
])("a catalogue of known attacks refuses %s", (_, make, message) => {
  expect(make).toThrow(new Error(message));
});

test.each(INJECTIONS)("no value of an attack pattern can become a line of haproxy.cfg: %j", (text) => {
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
