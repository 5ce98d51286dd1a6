import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ECDSA_HOST_KEY } from "../../test/support/site";
import { certificate } from "./certificate";
import { consumer } from "./consumer";
import { allExamples } from "./examples";
import { Package, Stranger, Visit } from "./stranger";
import { Terraform } from "./terraform";

/** A stranger for each example, who synthesizes the example unchanged and plans each of its stacks. */
export function plannedExamples(made: Package, terraform: Terraform): readonly Stranger[] {
  return allExamples().map((example) => ({
    who: `examples/${example}, planned`,
    attempt: async (empty) => {
      const visit = await consumer(empty, made);
      await certificate(visit, visit.folder, ["local", "com"].flatMap((top) => ["mail", "autodiscover"].map((name) => `${name}.mydomain.${top}`)).concat(LAB_NAMES, SITE_NAMES));
      writeFileSync(join(visit.folder, "lab.json"), JSON.stringify(labFacts(visit.folder)));
      await visit.line(`node --import tsx examples/${example}/main.ts`, { EXLAB: join(visit.folder, "lab.json") });
      const planned: string[] = [];
      for (const stack of stacks(visit)) planned.push(await plan(visit, stack, terraform));
      return `${planned.join("; ")}; ${terraform.version}, ${terraform.provider}`;
    },
  }));
}

/** The names of the stacks. Each stack comes after the stacks on which it depends. */
function stacks(visit: Visit): readonly string[] {
  const { stacks: all } = JSON.parse(readFileSync(join(visit.folder, "cdktf.out/manifest.json"), "utf8")) as { stacks: { readonly [name: string]: { readonly dependencies: readonly string[] } } };
  return Object.keys(all).sort((one, other) => (all[one]?.dependencies.length ?? 0) - (all[other]?.dependencies.length ?? 0));
}

interface Planned {
  readonly terraform: { backend?: object };
  readonly variable?: { readonly [name: string]: { readonly default?: unknown; readonly type: string } };
  readonly data?: { readonly terraform_remote_state?: { readonly [name: string]: { backend: string; config: object } } };
  readonly resource?: object;
}

/** Plans a stack with a local state instead of an S3 bucket, which this machine does not have. */
async function plan(visit: Visit, stack: string, { env }: Terraform): Promise<string> {
  const there = visit.in(`cdktf.out/stacks/${stack}`);
  const file = join(there.folder, "cdk.tf.json");
  const synthesized = JSON.parse(readFileSync(file, "utf8")) as Planned;
  const states = Object.entries(synthesized.data?.terraform_remote_state ?? {});
  if (synthesized.terraform.backend !== undefined && "s3" in synthesized.terraform.backend) delete synthesized.terraform.backend;
  for (const [name, state] of states) {
    state.backend = "local";
    state.config = { path: join(visit.folder, "cdktf.out/stacks", name.replace("cross-stack-reference-input-", ""), "terraform.tfstate") };
  }
  writeFileSync(file, JSON.stringify(synthesized));
  const given = { ...env, ...variables(visit, synthesized) };
  const terraform = async (command: string): Promise<string> => there.line(`"$TERRAFORM_BINARY_NAME" ${command} -input=false -no-color`, given);
  await terraform("init");
  const said = await terraform("plan -out=planned");
  const [changes] = /\d+ to add, \d+ to change, \d+ to destroy/.exec(said) ?? [];
  if (changes === undefined || !changes.endsWith(" 0 to change, 0 to destroy") || changes.startsWith("0 ")) throw new Error(`the plan of ${stack} is not one of a new stack:\n${said}`);
  // A stack without hosts hands values over to the next one: that one's plan needs them.
  if (synthesized.resource !== undefined && !("null_resource" in synthesized.resource)) await there.line(`"$TERRAFORM_BINARY_NAME" apply -input=false -no-color planned`, given);
  return `${stack}: ${changes.replace(", 0 to change, 0 to destroy", "")}`;
}

/** Values for those variables of an example that have no default. */
function variables(visit: Visit, { variable = {} }: Planned): Readonly<Record<string, string>> {
  const file = (name: string): string => readFileSync(join(visit.folder, name), "utf8");
  const values: Readonly<Record<string, string>> = {
    certificate: file("exch.crt"),
    private_key: file("exch.key"),
    root_ca: file("mydomain-root.ca"),
    ssh_key: file("exch.key"),
    vrrp_password: "pa55word",
    servers: JSON.stringify(Array.from({ length: 6 }, (_, index) => `10.12.8.${index + 21}`)),
  };
  const needed = Object.entries(variable).filter(([, one]) => one.default === undefined).map(([name]) => name);
  const unknown = needed.filter((name) => !(name in values));
  if (unknown.length > 0) throw new Error(`no values for ${unknown.join(", ")}: add them in tools/strangers/planned-examples.ts`);
  return Object.fromEntries(needed.map((name) => [`TF_VAR_${name}`, values[name] ?? ""]));
}

const LAB_NAMES: readonly string[] = ["mail.lab.test", "autodiscover.lab.test"];
const SITE_NAMES: readonly string[] = ["mail", "archive"].flatMap((name) => ["north", "south"].map((site) => `${name}.${site}.mydomain.local`));

/** Facts in the form that the lab writes, about hosts that do not exist. */
function labFacts(folder: string): object {
  const host = (name: string, last: number): object => ({ name, address: `198.18.0.${last}`, managementAddress: `198.19.0.${last}`, hostKey: ECDSA_HOST_KEY });
  writeFileSync(join(folder, "login"), readFileSync(join(folder, "exch.key")));
  return {
    interface: "host0",
    virtualAddress: "198.18.0.15",
    clientNames: LAB_NAMES,
    suite: "bookworm",
    hosts: [host("lb01", 11), host("lb02", 12), host("exch01", 21), host("exch02", 22)],
    ssh: { privateKeyPath: join(folder, "login") },
    pemPath: join(folder, "exch.pem"),
    caPath: join(folder, "mydomain-root.ca"),
  };
}
