import { readFileSync, writeFileSync } from "node:fs";
import { OsProfile } from "cdktf-exchange-balancer";
import { trafficPicture } from "../../lib/review/mermaid";
import { reviewModels } from "../support/review-models";
import { balancerStack } from "../support/site";

const PAGE = "README.md";
const PICTURE = /(<!-- picture:[^\n]*-->\n)[^]*?(<!-- end -->)/;

test("README has the picture that the command show draws of README's example", () => {
  const [model] = reviewModels(() => balancerStack({
    dag: { members: [{ name: "exch01", host: "10.12.8.21", weight: 75 }, { name: "exch02", host: "10.12.8.22", weight: 25 }] },
    balancer: { os: OsProfile.ALMALINUX_9 },
  }).stack);
  if (model === undefined) throw new Error("nothing to draw");
  const page = readFileSync(PAGE, "utf8");
  const current = page.replace(PICTURE, (_, start: string, end: string) => `${start}\n\`\`\`mermaid\n${trafficPicture(model)}\`\`\`\n\n${end}`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, current);
  expect(PICTURE.test(page)).toBe(true);
  expect(readFileSync(PAGE, "utf8")).toBe(current);
});
