import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { BorderStack } from "../../examples/border/main";
import { openings } from "../../lib/review/openings";
import { reviewText } from "../../lib/review/review";
import { reviewModels } from "../support/review-models";

const PAGE = join(__dirname, "../../docs/border.md");

const models = (): ReturnType<typeof reviewModels> => reviewModels(() => new BorderStack(Testing.app(), "border"));

test("docs/border.md contains the firewall openings that the review of examples/border lists", () => {
  const rows = models().flatMap((model) => openings(model).map(({ from, to, port, why }) => `| ${model.published === undefined ? "inside" : "border"} | ${from} | ${to} | ${port} | ${why} |`));
  const table = ["| for | from | to | port | why |", "|---|---|---|---|---|", ...rows].join("\n");
  const page = readFileSync(PAGE, "utf8");
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(PAGE, page.replace(/(?<=<!-- openings -->\n)[^]*?(?=<!-- end -->)/, () => `${table}\n`));
  expect(readFileSync(PAGE, "utf8")).toContain(`\n${table}\n`);
});

test("the review of a border proxy lists the publications and draws the inner balancers", () => {
  const text = reviewText("border", models());
  const [, inside = "", border = ""] = text.split(/^## /m);
  expect(inside).toContain("| 192.0.2.11 | 10.12.8.15 | TCP 8443 | HTTPS, from border proxies |");
  expect(inside).not.toContain("### What is published to the outside");
  expect(border).toContain("### What is published to the outside");
  expect(border).toContain("| outlook | /Autodiscover, /mapi, /rpc, /EWS without /EWS/mrsproxy.svc, /OAB | everyone |");
  expect(border).toContain("| hybrid | /Autodiscover, /EWS, /api, /owa/GUID@DOMAIN | ${var.microsoft_365} |");
  expect(border).toContain("### DNS records to request for the public zone");
  expect(border).toContain("| mail.mydomain.com | A | 192.0.2.11 |");
  expect(border).toContain('subgraph balancers["border proxies"]');
  expect(border).toContain('member_inner1["10.12.8.15"]');
  expect(border).toContain("| the outside | 192.0.2.11 | TCP 443 | HTTPS |");
  expect(border).toContain("| 192.0.2.11 | 10.12.8.15 | TCP 8443 | sessions and health checks |");
});
