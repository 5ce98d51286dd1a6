import { join } from "node:path";
import { cached } from "../../test/lab/cache";
import { must } from "../../test/lab/run";

export const PACMAK = "1.140.0";

/** The program that makes other languages' packages of a jsii package. Needs npm's registry at first. */
export async function pacmak(): Promise<string> {
  const folder = await cached("jsii-pacmak", { PACMAK }, async (into) => {
    await must(["npm", "install", "--prefix", into, "--no-audit", "--no-fund", "--loglevel=error", `jsii-pacmak@${PACMAK}`]);
  });
  return join(folder, "node_modules/.bin/jsii-pacmak");
}

/** Its warning about the age of Node 20 is long. */
export const PACMAK_ENV = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: "20" };
