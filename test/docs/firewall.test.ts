import { readFileSync, writeFileSync } from "node:fs";
import { HaproxyLogs, Monitoring } from "cdktf-exchange-balancer";
import { ReviewModel } from "../../lib/review/model";
import { openings } from "../../lib/review/openings";
import { reviewModels } from "../support/review-models";
import { balancerStack } from "../support/site";

const PAGE = "docs/firewall.md";
const TABLE = /(<!-- openings:[^\n]*-->\n)[^]*(<!-- end -->)/;

/** The review model of the site for which docs/firewall.md lists the openings. */
function readmesSite(): ReviewModel {
  const [model] = reviewModels(() => balancerStack({
    dag: { members: [{ name: "exch01", host: "10.12.8.21" }, { name: "exch02", host: "10.12.8.22" }], nameServers: ["10.0.0.53"] },
    balancer: { monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"] }), logs: HaproxyLogs.remote({ address: "10.8.5.20" }) },
  }).stack);
  if (model === undefined) throw new Error("nothing to review");
  return model;
}

test("the table of openings in docs/firewall.md equals the table that the command `show` writes for the same site", () => {
  const rows = openings(readmesSite()).map(({ from, to, port, why }) => `| ${from} | ${to} | ${port} | ${why} |\n`);
  const table = `| from | to | port | why |\n|---|---|---|---|\n${rows.join("")}`;
  const page = readFileSync(PAGE, "utf8");
  const current = page.replace(TABLE, (_, start: string, end: string) => `${start}\n${table}\n${end}`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, current);
  expect(TABLE.test(page)).toBe(true);
  expect(readFileSync(PAGE, "utf8")).toBe(current);
});
