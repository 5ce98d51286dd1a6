import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { SYSTEMS } from "../../lib/host/systems";
import { inState, STATE } from "./paths";

/** The Debian releases from whose packages the lab builds hosts and tools. */
export const DEBIANS = ["bullseye", "bookworm", "trixie"] as const;
export type Debian = (typeof DEBIANS)[number];

/** The library's profile for each Debian release. */
export const PROFILES = { bullseye: "DEBIAN_11", bookworm: "DEBIAN_12", trixie: "DEBIAN_13" } as const satisfies Readonly<Record<Debian, keyof typeof SYSTEMS>>;

/** The library's description of a Debian release, such as its HAProxy version. */
export const releaseOf = (debian: Debian): (typeof SYSTEMS)[(typeof PROFILES)[Debian]] => SYSTEMS[PROFILES[debian]];

/** The operating systems that the balancers can have. systems.ts describes each. */
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

/**
 * The operating system of the balancers: that of the running lab, or else the one in EXLAB_SUITE, or else bookworm. The other
 * hosts always have bookworm.
 */
export const balancerSuite = (): Suite => upNow() ?? wanted() ?? "bookworm";

const wanted = (): Suite | undefined => {
  const said = process.env["EXLAB_SUITE"];
  return said === undefined || said === "" ? undefined : suiteOf(said);
};

/**
 * Records the operating system of the lab's balancers, so that later commands use the same one until
 * `npm run lab -- down`. Throws if EXLAB_SUITE names another operating system.
 */
export function settleSuite(): Suite {
  const [suite, other] = [balancerSuite(), wanted()];
  if (other !== undefined && other !== suite) {
    throw new Error(`The lab's balancers are ${suite}. Run "npm run lab -- down" before you bring up ${other}.`);
  }
  mkdirSync(STATE, { recursive: true });
  writeFileSync(remembered, suite);
  return suite;
}
