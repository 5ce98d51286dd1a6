import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import { outdatedMonitoringFiles } from "../../tools/monitoring/files";

// The rules of grafana/dashboard-linter, on the file that is shipped.

const dashboard = JSON.parse(readFileSync(join(__dirname, "../../monitoring/dashboard.json"), "utf8")) as Dashboard;
const panels = (dashboard.panels ?? []).filter((panel): panel is Panel => panel.type !== "row");
const targets = panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({ panel: panel.title ?? "", ...(target as unknown as { expr: string; datasource?: object; legendFormat?: string }) })));
const variables = dashboard.templating.list ?? [];
const variable = (name: string): (typeof variables)[number] | undefined => variables.find((one) => one.name === name);

/** Names of counters: metrics that only grow. */
const COUNTER = /\b[a-z_]+_total\b/g;

test("the dashboard and alert files in monitoring/ are equal to what their sources generate", () => {
  // If not: npm run build, and commit monitoring/.
  expect(outdatedMonitoringFiles()).toEqual([]);
});

test("every panel, every query and every other variable of the dashboard uses the data source that the variable `datasource` selects", () => {
  expect(variables[0]).toMatchObject({ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" });
  for (const { datasource } of [...panels, ...targets, ...variables.slice(1)]) expect(datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
});

test.each(["job", "instance"])("the dashboard's variable %s allows several values and the choice All", (name) => {
  expect(variable(name)).toMatchObject({ type: "query", multi: true, includeAll: true, allValue: ".+", refresh: 2 });
  expect(variable(name)?.query).toMatch(/^label_values\(/);
});

test("the dashboard has the expected rows, and more than 20 panels", () => {
  expect(panels.length).toBeGreaterThan(20);
  expect((dashboard.panels ?? []).filter((panel): panel is RowPanel => panel.type === "row").map(({ title }) => title)).toEqual([
    "Now", "Traffic by protocol", "Errors", "Latency by protocol", "Members", "Failovers", "Certificates", "Limits",
  ]);
});

describe.each(panels.map((panel) => [panel.title ?? "", panel] as const))("the panel %s", (title, panel) => {
  test("a dashboard panel has a unique title, a description and a unit", () => {
    expect(panels.filter((other) => other.title === title)).toHaveLength(1);
    expect(panel.description).toMatch(/^[A-Z0-9].*\.$/s);
    expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
  });

  test("a dashboard panel's queries select the chosen job and instance, and each query has a legend", () => {
    const asked = targets.filter((target) => target.panel === title);
    expect(asked.length).toBeGreaterThan(0);
    for (const { expr, legendFormat } of asked) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      for (const selector of selectors) expect(selector).toMatch(/^\{job=~"\$job",instance=~"\$instance"/);
      expect(legendFormat).toBeTruthy();
    }
  });

  test("a dashboard panel shows counters only as rates or increases", () => {
    for (const { expr } of targets.filter((target) => target.panel === title)) {
      for (const counter of expr.matchAll(COUNTER)) {
        expect(expr.slice(0, counter.index)).toMatch(/(rate|increase)\($/);
        expect(expr.slice(counter.index)).toMatch(/^[a-z_]+\{[^}]*\}\[\$__rate_interval\]\)/);
      }
    }
  });
});

test("the dashboard has a fixed uid and no id", () => {
  expect(dashboard).toMatchObject({ uid: "exchange-balancers", title: "Exchange balancers" });
  expect(dashboard.id ?? null).toBeNull();
});
