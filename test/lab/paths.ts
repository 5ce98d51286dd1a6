import * as path from "node:path";

/**
 * The prefix of every name that the lab uses outside its own folders. Labs with different prefixes can be up at the same time.
 * The prefix has at most five characters, because it is part of interface names, which have at most 15.
 */
export const LAB = process.env["EXLAB_NAME"] ?? "exlab";
if (!/^[a-z][a-z0-9]{1,4}$/.test(LAB)) throw new Error(`EXLAB_NAME must be 2 to 5 lower-case letters and digits, got "${LAB}".`);

const name = "cdktf-exchange-balancer-lab";

export const REPOSITORY = path.resolve(__dirname, "../..");

/** The folder for builds that stay until `clean`: root file systems, package repositories, Terraform. */
export const CACHE = process.env["EXLAB_CACHE"] ?? `/var/cache/${name}`;

/** The folder for the files of the running lab; `down` removes it. It is not in /run, because /run is small. */
export const STATE = process.env["EXLAB_STATE"] ?? `/var/lib/${name}${LAB === "exlab" ? "" : `-${LAB}`}`;

export const inCache = (...parts: string[]): string => path.join(CACHE, ...parts);
export const inState = (...parts: string[]): string => path.join(STATE, ...parts);

/** The facts file, which tests and examples find through the environment variable EXLAB. */
export const FACTS = inState("facts.json");
