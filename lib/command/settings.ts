import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostFiles } from "../testing/host-files";
import { failure } from "../validation/errors";

/**
 * The host names of a site: the names that clients use and that the certificate must contain, and the names of the
 * members.
 */
export interface SiteNames {
  readonly clientNames: readonly string[];
  readonly members: readonly string[];
}

/**
 * Reads the names from a synthesized stack: from the text of /etc/haproxy/certificate-check.conf in the stack. (A
 * balancer needs this file to compare its certificate with the members' certificates.)
 *
 * @throws if there is no such stack, if the stack has no SSL bridging, or if a client name is not known at synthesis
 */
export function namesOfStack(stack: string, output = "cdktf.out"): SiteNames {
  const file = join(output, "stacks", stack, "cdk.tf.json");
  if (!existsSync(file)) throw failure(`--stack must name a synthesized stack, got "${stack}", but ${file} does not exist. Run cdktf synth first`);
  const conf = hostFiles(readFileSync(file, "utf8"))
    .flatMap(({ files }) => files)
    .find(({ path }) => path === "/etc/haproxy/certificate-check.conf");
  if (conf === undefined) throw failure(`--stack must name a stack with SSL bridging, got "${stack}", whose balancers have no certificate`);
  const values = (word: string, at: number): string[] =>
    conf.content.split("\n").filter((line) => line.startsWith(`${word} `)).map((line) => line.split(" ")[at] ?? "");
  const clientNames = values("present", 1);
  const unknown = clientNames.find((name) => name.includes("${"));
  if (unknown !== undefined) throw failure(`--stack must name a stack whose client names are known at synthesis, but the client name ${unknown} is not. Set each name with --name instead`);
  return { clientNames, members: values("member", 1) };
}
