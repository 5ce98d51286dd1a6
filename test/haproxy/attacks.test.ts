import { AttackPattern, KnownAttacks } from "cdktf-exchange-balancer";
import { ATTACK_CATALOGUE } from "../../lib/haproxy/attack-catalogue";
import { AttackModel, attackRules } from "../../lib/haproxy/attacks";

const lines = (attacks: readonly AttackModel[], counted = false): readonly string[] => attackRules(attacks, counted, false).flatMap((block) => block.lines);
const END = ["http-request set-var(txn.rule) var(txn.attack) if { var(txn.attack) -m found }", "http-request deny if { var(txn.attack) -m found }"];

test("haproxy.cfg has no attack rules if the catalogue is empty", () => {
  expect(attackRules([], true, false)).toEqual([]);
  expect(attackRules(KnownAttacks.none()._model, true, false)).toEqual([]);
});

test("haproxy.cfg has one line for each sign of an attack, and the cheapest conditions come first in this line", () => {
  const sign = { methods: ["PUT"], directories: ["owa", "ecp"], under: "/owa/a", endings: [".js", ".css"], headers: ["X-A", "B_c"], cookie: "d", headerMatches: { name: "e", pattern: "^f" }, url: ["A1", "/"] };
  expect(lines([{ name: "x", signs: [sign, { otherMethodsThan: ["GET"] }] }])).toEqual([
    "http-request set-var(txn.attack) str(attack-x) if { method PUT } { var(txn.directory) -m str -i owa ecp } { var(txn.path) -m beg -i /owa/a } { var(txn.path) -m end -i .js .css } " +
      "{ req.hdr_names -m reg -i (^|,)(X[-_]A|B[-_]c)(,|$) } { req.fhdr(cookie) -m reg -i (^|[;,[:space:]])d[[:space:]]*= } { req.fhdr(e) -m reg -i ^f } " +
      "{ url -m reg -i (A|%(25)*(u00)?([64]|%(36|34))(1|%(31)))(1|%(25)*(u00)?(3|%(33))(1|%(31))).*([\\x2f]|%(25)*(u00)?(2|%(32))(f|%([46]6))) }",
    "http-request set-var(txn.attack) str(attack-x) if !{ method GET }",
    ...END,
  ]);
});

test("with metrics, a Lua action counts the requests that the attack rules refuse", () => {
  expect(lines([{ name: "x", signs: [{ methods: ["PUT"] }] }], true).slice(1)).toEqual([END[0], "http-request lua.exchange_balancer_refused if { var(txn.attack) -m found }", END[1]]);
});

test("the attack rules do not apply to requests for other hosts behind the same address", () => {
  expect(attackRules([{ name: "x", signs: [{ methods: ["PUT"] }] }], false, true).flatMap((block) => block.lines).slice(1)).toEqual(["http-request unset-var(txn.attack) if elsewhere", ...END]);
});

test("a pattern finds its text in every encoding, and special characters of the text are escaped in the regular expression", () => {
  const all = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
  for (const letter of all) {
    const [line = ""] = lines([AttackPattern.url("x", [`a${letter}b`])._model]);
    const [, pattern = ""] = / \{ url -m reg -i (\S+) \}$/.exec(line) ?? [];
    // What the writer itself puts there; the letter is a byte in hexadecimal.
    expect(pattern.replace(/\[\\x[0-9a-f]{2}\]|\\x5c\\x[0-9a-f]{2}/g, "")).toMatch(/^[A-Za-z0-9()|%*?.[\]]+$/);
    // The same expression in JavaScript, once HAProxy has read the bytes.
    const read = new RegExp(pattern.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))), "i");
    const code = letter.charCodeAt(0).toString(16).padStart(2, "0");
    for (const spelling of [letter, `%${code}`, `%25${code}`, `%2525${code}`, `%u00${code}`, `%${[...code].map((digit) => `%${digit.charCodeAt(0).toString(16)}`).join("")}`]) {
      expect([spelling, read.test(`/owa/?q=a${spelling}b`)]).toEqual([spelling, true]);
    }
    expect(read.test("/owa/?q=a\u00e9b")).toBe(false);
  }
});

test("each attack rule, even with the longest pattern, is shorter than HAProxy's line limit of 2048 bytes", () => {
  const longest = AttackPattern.url("a".repeat(32), ["~".repeat(40)])._model;
  for (const line of lines([...ATTACK_CATALOGUE, longest])) expect(line.length).toBeLessThan(2000);
});

test("each name in the catalogue of known attacks is unique, and each entry has a description", () => {
  expect(new Set(KnownAttacks.entries.map(({ name }) => name)).size).toBe(KnownAttacks.entries.length);
  for (const entry of KnownAttacks.entries) for (const text of Object.values(entry)) expect(text).toMatch(/\S/);
});
