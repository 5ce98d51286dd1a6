import { join } from "node:path";
import { cached } from "../../test/lab/cache";
import { must } from "../../test/lab/run";

export const PACMAK = "1.140.0";

/**
 * The path of jsii-pacmak, which makes packages for other languages from a jsii package. The first call installs it from
 * the npm registry.
 */
export async function pacmak(): Promise<string> {
  const folder = await cached("jsii-pacmak", { PACMAK }, async (into) => {
    await must(["npm", "install", "--prefix", into, "--no-audit", "--no-fund", "--loglevel=error", `jsii-pacmak@${PACMAK}`]);
  });
  return join(folder, "node_modules/.bin/jsii-pacmak");
}

/** Suppresses jsii-pacmak's long warning about the age of Node 20. */
export const PACMAK_ENV = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: "20" };
