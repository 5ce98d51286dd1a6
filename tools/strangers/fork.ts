import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { must } from "../../test/lab/run";
import { forkSource } from "../fork/source";
import { consumer } from "./consumer";
import { examples, withoutSsh } from "./examples";
import { Package, Stranger, Visit, expect } from "./stranger";
import { same } from "./synthesized";
import { Terraform } from "./terraform";

export interface Fork {
  readonly made: Package;
  /** The folder of the fork's source, with everything that its tests need. */
  readonly source: string;
}

/**
 * Prepares the fork, cdktn-exchange-balancer. `needed` takes a stranger who needs the fork, and returns a stranger who
 * first waits until the fork is built. The first stranger who waits starts the build, and the others wait for the same
 * build. The fork is built from this repository, in the same way as a release.
 */
export function fork(scratch: string): { readonly fork: Fork; readonly needed: (stranger: Stranger) => Stranger } {
  const source = join(scratch, "fork");
  const tarball = resolve(scratch, "cdktn-exchange-balancer.tgz");
  let built: Promise<void> | undefined;
  return {
    fork: { made: { tarball, name: "cdktn-exchange-balancer", framework: "cdktn" }, source },
    needed: ({ who, attempt }) => ({
      who,
      attempt: async (visit) => {
        await (built ??= build(source, tarball));
        return attempt(visit);
      },
    }),
  };
}

async function build(source: string, tarball: string): Promise<void> {
  await forkSource(source);
  await must(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"], { cwd: source });
  await must(["npm", "run", "--silent", "build"], { cwd: source });
  renameSync(join(source, (await must(["npm", "pack", "--silent", "--ignore-scripts"], { cwd: source })).trim()), tarball);
}

/** A stranger who runs the whole test suite in the fork's source. */
export function forkTested({ source }: Fork): Stranger {
  return {
    who: "cdktn, the whole suite",
    attempt: async (visit) => {
      const said = await visit.line(`cd ${source} && npx jest --config test/jest.config.js 2>&1`);
      return /Tests: .*/.exec(said)?.[0] ?? "no line of jest's";
    },
  };
}

/** A stranger who moves stacks from cdktf to cdktn, and gets the same cdk.tf.json and a plan without changes. */
export function moved(made: Package, { made: forked, source }: Fork, terraform: Terraform): Stranger {
  return {
    who: "a stack that moves from cdktf to cdktn",
    attempt: async (visit) => {
      const before = await consumer(visit.in("before"), made);
      const after = await consumer(visit.in("after"), forked, source);
      await wrongPackage(before, after);
      const stacks: string[] = [];
      for (const example of examples()) {
        for (const person of [before, after]) await person.line(`rm -rf cdktf.out && node --import tsx examples/${example}/main.ts`);
        for (const stack of readdirSync(join(before.folder, "cdktf.out/stacks"))) {
          same(stack, { cdktf: before, cdktn: after });
          stacks.push(stack);
        }
        if (example === "shortest") await plansNothing(visit, before, after, terraform);
      }
      return `the same ${stacks.join(", ")}; "shortest" plans no change; ${terraform.version}`;
    },
  };
}

/** Checks that an app that loads the other framework's package fails, and that the error names the right package. */
async function wrongPackage(before: Visit, after: Visit): Promise<void> {
  const people = [
    { of: before, wrong: after, framework: "cdktf", other: "cdktn" },
    { of: after, wrong: before, framework: "cdktn", other: "cdktf" },
  ];
  for (const { of, wrong, framework, other } of people) {
    const folder = join(of.folder, "examples/wrong");
    mkdirSync(folder);
    const text = readFileSync(join(of.folder, "examples/shortest/main.ts"), "utf8");
    writeFileSync(join(folder, "main.ts"), text.replace(`"${framework}-exchange-balancer"`, JSON.stringify(join(wrong.folder, "node_modules", `${other}-exchange-balancer`))));
    expect(
      await of.refused("node --import tsx examples/wrong/main.ts"),
      `belongs to ${framework}, but this package is for ${other}: install ${framework}-exchange-balancer instead of ${other}-exchange-balancer`,
      `${other}'s package in an app of ${framework}`,
    );
  }
}

async function plansNothing(visit: Visit, before: Visit, after: Visit, { env }: Terraform): Promise<void> {
  const folder = visit.in("plan");
  writeFileSync(join(folder.folder, "cdk.tf.json"), JSON.stringify(withoutSsh(readFileSync(join(before.folder, FILE), "utf8"))));
  await folder.line('"$TERRAFORM_BINARY_NAME" init -input=false && "$TERRAFORM_BINARY_NAME" apply -auto-approve -input=false', env);
  // Where the state lies is each person's own.
  cpSync(join(before.folder, FILE), join(folder.folder, "cdk.tf.json"));
  const own = await folder.line('"$TERRAFORM_BINARY_NAME" plan -input=false -no-color', env);
  writeFileSync(join(folder.folder, "cdk.tf.json"), readFileSync(join(after.folder, FILE), "utf8").replaceAll(after.folder, before.folder));
  const moved = await folder.line('"$TERRAFORM_BINARY_NAME" plan -input=false -no-color', env);
  for (const [who, plan] of Object.entries({ own, moved })) expect(plan, "No changes.", `the plan of the ${who} stack`);
}

const FILE = "cdktf.out/stacks/shortest/cdk.tf.json";
