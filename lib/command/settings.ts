import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostFiles } from "../testing/host-files";
import { failure } from "../validation/errors";

/** The names of a site that its certificate must contain. */
export interface SiteNames {
  readonly clientNames: readonly string[];
  readonly members: readonly string[];
}

/**
 * The names in a synthesized stack. They come from the file that the balancers use to compare certificates.
 *
 * @throws if there is no such stack, if it has no SSL bridging, or if Terraform fills in its names
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
  if (unknown !== undefined) throw failure(`--stack must have names that are known at synthesis, got ${unknown}. Set each name with --name instead`);
  return { clientNames, members: values("member", 1) };
}
