import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readGolden } from "../support/golden";
import { SYSTEMS } from "../support/systems";
import { ATTACK_CATALOGUE, CATALOGUE_DATE } from "../../lib/haproxy/attack-catalogue";
import { httpLogFormat, refusal, tcpLogFormat } from "../../lib/haproxy/log-format";

const PAGE = readFileSync(join(__dirname, "../../docs/log.md"), "utf8");
const configs = [...readGolden(SYSTEMS.map(({ name }) => name)).values()].flat().flatMap(({ path, content }) => (path === "/etc/haproxy/haproxy.cfg" && content !== undefined ? [content] : []));

test("docs/log.md describes each field of the log format", () => {
  const fields = [httpLogFormat(true), httpLogFormat(false), tcpLogFormat(true)].flatMap((line) => line.match(/\b[a-z_]+(?==)/g) ?? []);
  for (const field of fields) expect(PAGE).toContain(`\`${field}\``);
});

test("each refusing rule in the golden configs has a name, and docs/log.md describes the rule by this name", () => {
  expect(configs.length).toBeGreaterThan(20);
  for (const cfg of configs) {
    // The metrics port has a log of its own kind: none but errors.
    const lines = cfg.slice(0, cfg.includes("frontend fe_metrics") ? cfg.indexOf("frontend fe_metrics") : undefined).split("\n").map((line) => line.trim());
    lines.forEach((line, index) => {
      // What does not begin with TLS has no rule's name: TCP mode reads nothing of it.
      if (!/^(http-request deny|tcp-request content reject)/.test(line) || line.includes("req.ssl_hello_type")) return;
      // What is wrong with a request that can be read in two ways is noted where it is found.
      if (/set-var\(txn\.rule\) var\(txn\.refused\)/.test(lines[index - 1] ?? "")) return;
      // So is a known attack, and who guesses passwords; other tests look for their entries.
      if (/^http-request deny (deny_status 429 )?if \{ var\(txn\.(attack|guard)\) -m found \}$/.test(line)) return;
      const [, name = ""] = /^(?:http-request|tcp-request content) set-var\(txn\.rule\) str\(([a-z0-9_.-]+)\)$/.exec(lines[index - 1] ?? "") ?? [];
      expect(`${line}: ${name}`).toMatch(/: [a-z0-9_.-]+$/);
      expect(PAGE).toContain(`\`${name.replace(/^allow-.*/, "allow-…")}\``);
    });
  }
});

test("docs/log.md lists each reason to refuse an ambiguous request", () => {
  const reasons = new Set(configs.flatMap((cfg) => [...cfg.matchAll(/set-var\(txn\.refused\) str\(([a-z]+)\)/g)].map(([, reason]) => reason)));
  expect([...reasons].sort()).toEqual(["body", "encoding", "header", "host", "method", "path", "url"]);
  for (const reason of reasons) expect(PAGE).toContain(`| \`${reason}\` |`);
});

test("docs/guards.md contains each entry of the catalogue of known attacks word for word, and docs/log.md links to this page", () => {
  const guards = readFileSync(join(__dirname, "../../docs/guards.md"), "utf8");
  for (const { name, cve, since, matches, costs, mayGo } of ATTACK_CATALOGUE) expect(guards).toContain(`| \`${name}\` | ${cve} | ${since} | ${matches} | ${costs} | ${mayGo} |`);
  expect(guards).toContain(CATALOGUE_DATE);
  expect(PAGE).toContain("| `attack-…` | 403 |");
});

test("the log line of a request that passes all rules names no rule", () => {
  for (const cfg of configs.filter((text) => text.includes("set-var(txn.rule)"))) {
    for (const frontend of cfg.split(/^frontend /m).filter((text) => text.includes("set-var(txn.rule)"))) {
      expect(frontend.lastIndexOf("unset-var(txn.rule)")).toBeGreaterThan(frontend.lastIndexOf(" set-var(txn.rule)"));
    }
  }
});

test("before the line that refuses a request, a line of the same type (http-request or tcp-request content) sets the rule's name for the log", () => {
  expect(refusal("path", "http-request deny if x")).toEqual(["http-request set-var(txn.rule) str(path)", "http-request deny if x"]);
  expect(refusal("allow-smtp", "tcp-request content reject if x")[0]).toBe("tcp-request content set-var(txn.rule) str(allow-smtp)");
});
