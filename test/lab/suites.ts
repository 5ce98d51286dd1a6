import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { SYSTEMS } from "../../lib/host/systems";
import { inState, STATE } from "./paths";

/** The Debian releases whose packages the lab makes hosts and tools of. */
export const DEBIANS = ["bullseye", "bookworm", "trixie"] as const;
export type Debian = (typeof DEBIANS)[number];

/** The profile that each of them is. */
export const PROFILES = { bullseye: "DEBIAN_11", bookworm: "DEBIAN_12", trixie: "DEBIAN_13" } as const satisfies Readonly<Record<Debian, keyof typeof SYSTEMS>>;

/** What each of them ships. */
export const releaseOf = (debian: Debian): (typeof SYSTEMS)[(typeof PROFILES)[Debian]] => SYSTEMS[PROFILES[debian]];

/** The systems that the balancers can have. systems.ts says what each is. */
export const SUITES = [...DEBIANS, "el8", "el9", "el10"] as const;
export type Suite = (typeof SUITES)[number];

export function suiteOf(text: string): Suite {
  const found = SUITES.find((suite) => suite === text);
  if (found === undefined) throw new Error(`EXLAB_SUITE must be one of ${SUITES.join(", ")}, got "${text}".`);
  return found;
}

export function debianOf(text: string): Debian {
  const found = DEBIANS.find((debian) => debian === text);
  if (found === undefined) throw new Error(`--suite must be one of ${DEBIANS.join(", ")}, got "${text}".`);
  return found;
}

const remembered = inState("suite");

const upNow = (): Suite | undefined => (existsSync(remembered) ? suiteOf(readFileSync(remembered, "utf8")) : undefined);

/** The system of the balancers: of those that are up, else what EXLAB_SUITE says. The other hosts are always bookworm. */
export const balancerSuite = (): Suite => upNow() ?? wanted() ?? "bookworm";

const wanted = (): Suite | undefined => {
  const said = process.env["EXLAB_SUITE"];
  return said === undefined || said === "" ? undefined : suiteOf(said);
};

/** Fixes the system until `down`. */
export function settleSuite(): Suite {
  const [suite, other] = [balancerSuite(), wanted()];
  if (other !== undefined && other !== suite) {
    throw new Error(`The lab's balancers are ${suite}. Run "npm run lab -- down" before you bring up ${other}.`);
  }
  mkdirSync(STATE, { recursive: true });
  writeFileSync(remembered, suite);
  return suite;
}
