import { readFileSync, writeFileSync } from "node:fs";
const parse = (p: string): any[] => JSON.parse(readFileSync(p, "utf8"));
const files = ["/work/wt/ma/test/lab-results/matrix.json", "/tmp/matrix-ma.json", "/tmp/matrix-mb.json", "/work/wt/mb/test/lab-results/matrix.json"];
const here = "/work/main/test/lab-results/matrix.json";
const all = new Map<string, any>(parse(here).map((r) => [`${r.suite} ${r.test}`, r]));
for (const f of files) for (const r of parse(f)) { const k = `${r.suite} ${r.test}`; const old = all.get(k); if (!old || old.date < r.date) all.set(k, r); }
const order = ["bullseye", "bookworm", "trixie", "el8", "el9", "el10"]; const tests = ["deploy", "failures", "leaving", "apply", "certificate", "interrupted", "rollout", "failover", "golden"];
const rows = [...all.values()];
console.log(rows.length, rows.filter((r) => r.failed > 0).map((r) => `${r.suite} ${r.test} ${r.date} ${r.failed}`));
writeFileSync("/tmp/merged.json", JSON.stringify(rows));
void order; void tests;
