import { readFileSync, writeFileSync } from "node:fs";
import { Testing } from "cdktf";
import { OsProfile } from "cdktf-exchange-balancer";
import { BorderStack } from "../../examples/border/main";
import type { ReviewModel } from "../../lib/review/model";
import { trafficSvg } from "../../tools/picture/svg";
import { reviewModels } from "../support/review-models";
import { balancerStack } from "../support/site";

function only(models: readonly ReviewModel[]): ReviewModel {
  const [model] = models;
  if (model === undefined || models.length > 1) throw new Error(`${models.length} models to draw`);
  return model;
}

/** The review model of the example in README. */
const readme = (): ReviewModel => only(reviewModels(() => balancerStack({
  dag: { members: [{ name: "exch01", host: "10.12.8.21", weight: 75 }, { name: "exch02", host: "10.12.8.22", weight: 25 }] },
  balancer: { os: OsProfile.ALMALINUX_9 },
}).stack));

const border = (): ReviewModel => only(reviewModels(() => new BorderStack(Testing.app(), "border")).filter(({ published }) => published !== undefined));

test.each([
  ["docs/traffic.svg", "README's example", readme],
  ["docs/border.svg", "the border proxy of examples/border", border],
])("the picture in the file %s equals the picture that trafficSvg() draws for %s", async (file, _, model) => {
  const current = await trafficSvg(model());
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, current);
  expect(readFileSync(file, "utf8")).toBe(current);
});
