import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ReviewModel } from "../review/model";
import { failure } from "../validation/errors";
import { reviewText } from "../review/review";
import { Stack, synthesize } from "./synthesize";
import { drawn, folders, writeFolders } from "./tree";

export const SHOW_USAGE = `cdktf-exchange-balancer show [--out review] [--stack NAME ...]

  synthesizes the app of cdktf.json, and writes a folder for each stack with a balancer. The folder contains the files
  that a deploy would write to the hosts, and a file REVIEW.md. REVIEW.md lists the DNS records
  and the firewall openings that you must request, the certificates and the warnings. A picture in REVIEW.md shows the traffic
  through the balancers. Commit the folder
`;

/**
 * Synthesizes the app, and writes a review folder for each stack that has a balancer. Returns the exit status.
 *
 * @throws if there is no app in the current folder, or if the app does not synthesize; the message is for the user
 */
export function show(args: readonly string[], print: (line: string) => void): number {
  const { values } = parseArgs({ args: [...args], options: { out: { type: "string" }, stack: { type: "string", multiple: true }, help: { type: "boolean" } } });
  if (values.help === true) {
    print(SHOW_USAGE);
    return 0;
  }
  const out = values.out ?? "review";
  const scratch = mkdtempSync(join(tmpdir(), "cdktf-exchange-balancer-show-"));
  try {
    const stacks = synthesize(scratch).filter(({ name }) => values.stack?.includes(name) ?? true);
    const shown = stacks.filter((stack) => writeStack(stack, scratch, out, print));
    if (shown.length === 0) {
      throw failure(`no stack ${values.stack === undefined ? "of this app" : `named ${values.stack.join(" or ")}`} has a balancer; the app's stacks: ${stacks.map(({ name }) => name).join(", ") || "none"}`);
    }
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function writeStack({ name, synthesized }: Stack, scratch: string, out: string, print: (line: string) => void): boolean {
  const all = folders(synthesized);
  if (all.length === 0) return false;
  const target = join(out, name);
  writeFolders(all, target);
  const notes = join(scratch, `${name}.json`);
  const models = existsSync(notes) ? (JSON.parse(readFileSync(notes, "utf8")) as readonly ReviewModel[]) : [];
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "REVIEW.md"), reviewText(name, models));
  print(`${name}: wrote the files for each host to ${target}/ (without secrets, which Terraform reads at apply)`);
  for (const folder of all) print(`\n${drawn(folder)}`);
  print(`\nWhat to request from other teams, and a picture of the traffic through the balancers: ${join(target, "REVIEW.md")}`);
  return true;
}
