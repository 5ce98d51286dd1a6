import * as path from "node:path";

const name = "cdktf-exchange-balancer-lab";

export const REPOSITORY = path.resolve(__dirname, "../..");

/** What is built once and stays until `clean`: root file systems, package repositories, Terraform. */
export const CACHE = process.env["EXLAB_CACHE"] ?? `/var/cache/${name}`;

/** What belongs to the lab that is up now; `down` removes it. On disk rather than in /run, which is small. */
export const STATE = process.env["EXLAB_STATE"] ?? `/var/lib/${name}`;

export const inCache = (...parts: string[]): string => path.join(CACHE, ...parts);
export const inState = (...parts: string[]): string => path.join(STATE, ...parts);

/** The facts file, which tests and examples find through the environment variable EXLAB. */
export const FACTS = inState("facts.json");
