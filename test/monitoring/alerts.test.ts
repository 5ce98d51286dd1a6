import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Alert, ALERTS } from "../../tools/monitoring/alerts";
import { rulesFile, rulesTest } from "../../tools/monitoring/rules";

test("each alert has its own name", () => {
  expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
});

describe.each(ALERTS.map((alert) => [alert.name, alert] as const))("the alert %s", (_, alert: Alert) => {
  test("the alert's summary says what is wrong and what to do, in at least two sentences", () => {
    expect(alert.summary).toMatch(/^.{20,}[.:] .{15,}\.$/s);
  });

  test("the alert's expression selects only this library's jobs", () => {
    const selectors = alert.expr.match(/\{[^}]*\}/g) ?? [];
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors) expect(selector).toMatch(/^\{job="exchange-balancer(-haproxy)?"/);
  });

  test("the alert's summary uses only labels that the firing alert has", () => {
    for (const [, label = ""] of alert.summary.matchAll(/\$labels\.([a-z_]+)/g)) expect(Object.keys(alert.fires.labels)).toContain(label);
  });
});

// Prometheus' own word; the lab runs the same where this machine has no promtool.
const promtool = spawnSync("promtool", ["--version"]).status === 0 ? test : test.skip;

promtool("promtool confirms that each alert rule fires only for its test series", () => {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    writeFileSync(join(folder, "alerts.yml"), rulesFile());
    writeFileSync(join(folder, "test.yml"), rulesTest("alerts.yml"));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", "test.yml"], { cwd: folder, encoding: "utf8" });
    expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
