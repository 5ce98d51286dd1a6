import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inState, STATE } from "./paths";

/** The Debian releases the lab can make hosts and tools of. */
export const SUITES = ["bullseye", "bookworm", "trixie"] as const;
export type Suite = (typeof SUITES)[number];

export function suiteOf(text: string): Suite {
  const found = SUITES.find((suite) => suite === text);
  if (found === undefined) throw new Error(`There is no Debian release "${text}" here. Use one of ${SUITES.join(", ")}.`);
  return found;
}

const remembered = inState("suite");

const upNow = (): Suite | undefined => (existsSync(remembered) ? suiteOf(readFileSync(remembered, "utf8")) : undefined);

/** The release of the balancers: of those that are up, else what EXLAB_SUITE says. The other hosts are always bookworm. */
export const balancerSuite = (): Suite => upNow() ?? wanted() ?? "bookworm";

const wanted = (): Suite | undefined => {
  const said = process.env["EXLAB_SUITE"];
  return said === undefined || said === "" ? undefined : suiteOf(said);
};

/** Settles the release until `down`. */
export function settleSuite(): Suite {
  const [suite, other] = [balancerSuite(), wanted()];
  if (other !== undefined && other !== suite) {
    throw new Error(`The lab's balancers are ${suite}. Run "npm run lab -- down" before you bring up ${other}.`);
  }
  mkdirSync(STATE, { recursive: true });
  writeFileSync(remembered, suite);
  return suite;
}
