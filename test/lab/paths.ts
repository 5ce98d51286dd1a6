import * as path from "node:path";

/**
 * The prefix of every name that the lab uses outside of its own folders. Labs with different names can be up at the same
 * time. An interface name has 15 characters, so five are left for this one.
 */
export const LAB = process.env["EXLAB_NAME"] ?? "exlab";
if (!/^[a-z][a-z0-9]{1,4}$/.test(LAB)) throw new Error(`EXLAB_NAME must be 2 to 5 lower-case letters and digits, got "${LAB}".`);

const name = "cdktf-exchange-balancer-lab";

export const REPOSITORY = path.resolve(__dirname, "../..");

/** What is built once and stays until `clean`: root file systems, package repositories, Terraform. */
export const CACHE = process.env["EXLAB_CACHE"] ?? `/var/cache/${name}`;

/** What belongs to the lab that is up now; `down` removes it. On disk rather than in /run, which is small. */
export const STATE = process.env["EXLAB_STATE"] ?? `/var/lib/${name}${LAB === "exlab" ? "" : `-${LAB}`}`;

export const inCache = (...parts: string[]): string => path.join(CACHE, ...parts);
export const inState = (...parts: string[]): string => path.join(STATE, ...parts);

/** The facts file, which tests and examples find through the environment variable EXLAB. */
export const FACTS = inState("facts.json");
