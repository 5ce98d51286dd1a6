import { parseArgs } from "node:util";
import { arch, cpus, totalmem, type } from "node:os";
import { isUp, up } from "../../test/lab/lifecycle";
import { installHostTools } from "../../test/lab/host-tools";
import { must } from "../../test/lab/run";
import { step } from "../../test/lab/say";
import { Site } from "../../test/lab/site";
import { terraformVersion } from "../../test/lab/terraform-binary";
import { buildPackage } from "../../tools/package";
import { spread } from "../statistics";
import { Ansible } from "./ansible";
import type { Contender, Wanted } from "./contender";
import { mustHaveLanded } from "./landed";
import { Library, LibraryByCdktf } from "./library";
import { measure, type Measured } from "./measure";
import { packagesPresent } from "./packages-present";
import { Provisioners } from "./provisioners";
import { rendered } from "./rendered";
import { type Case, table } from "./table";

const USAGE = "usage: npm run bench -- deploy [--runs N]   (N: rounds, default 5)";

type CaseName = "first" | "nothing" | "line";

/** The runs of one contender by case, one run for each round. */
type Runs = Readonly<Record<CaseName, Measured[]>>;

/** `npm run bench -- deploy`: compares deploys by this library, by Ansible and by bare provisioners, in the lab. */
export async function deploy(args: readonly string[]): Promise<void> {
  const rounds = roundsOf(args);
  await installHostTools({ "ansible-playbook": "ansible", "nft": "nftables" });
  buildPackage();
  if (!(await isUp())) await up();
  const site = await Site.attach();
  const { facts } = site.lab;

  const library = new Library();
  await library.begin();
  const [before, after] = [await wanted(4000), await wanted(5000)];
  async function wanted(maxconn: number): Promise<Wanted> {
    return { maxconn, hosts: rendered(await library.synthesized(maxconn), facts) };
  }

  const byCdktf = new LibraryByCdktf();
  const ansible = new Ansible(facts);
  const provisioners = new Provisioners(facts);
  const contenders: readonly Contender[] = [library, ansible, provisioners];
  const results = new Map<Contender, Runs>([...contenders, byCdktf].map((one) => [one, { first: [], nothing: [], line: [] }]));

  await step("Installing the packages on the hosts", () => packagesPresent(site, before.hosts));
  for (let round = 0; round < rounds; round++) {
    // Each contender is first in turn, so that a slow start of a round does not always hit the same contender.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length] ?? library);
    for (const contender of order) {
      await step(`Round ${round + 1} of ${rounds}: ${contender.name}`, () => compete(contender));
    }
    // Print the results so far: somebody may stop the bench.
    process.stdout.write(`\n${await describe(round + 1, facts.terraform.binary)}\n\n${report()}\n`);
  }
  await site.fromBare();

  async function compete(contender: Contender): Promise<void> {
    const once = async (one: Contender, name: CaseName, what: Wanted): Promise<void> => {
      await one.edit(what);
      results.get(one)?.[name].push(await measure(site, one));
      await Promise.all(what.hosts.map((host) => mustHaveLanded(site, host, one.firewall)));
    };
    await contender.begin();
    await Promise.all(site.lab.balancers.map((host) => host.comeBack()));
    await once(contender, "first", before);
    // Only the first deploy is compared with the provisioners.
    if (contender === provisioners) return;
    await once(contender, "nothing", before);
    // The time that cdktf-cli adds does not depend on the deploy, so one case is enough.
    if (contender === library) await once(byCdktf, "nothing", before);
    await once(contender, "line", after);
  }

  function report(): string {
    const runsOf = (contender: Contender, name: CaseName): Measured[] => results.get(contender)?.[name] ?? [];
    const line = (contender: Contender, name: CaseName, other?: Contender, aim?: number): Case["lines"][number] => ({
      contender: contender.name,
      runs: runsOf(contender, name),
      ...(other === undefined ? {} : { against: { contender: other.name, runs: runsOf(other, name), ...(aim === undefined ? {} : { aim }) } }),
    });
    const cases: Case[] = [
      { title: "first deploy, packages present", lines: [line(library, "first", provisioners, 1.5), line(ansible, "first", provisioners), line(provisioners, "first")] },
      { title: "nothing changed", lines: [line(library, "nothing", ansible, 0.09), line(byCdktf, "nothing", ansible), line(ansible, "nothing")] },
      { title: "one line of haproxy.cfg changed", lines: [line(library, "line", ansible, 0.18), line(ansible, "line")] },
    ];
    const own = spread(runsOf(byCdktf, "nothing").map(({ seconds }, round) => seconds - (runsOf(library, "nothing")[round]?.seconds ?? NaN)));
    return `${table(cases)}\n\ncdktf-cli's own time ("cdktf deploy" less "library", nothing changed): `
      + `${own.median.toFixed(1)} s (${own.min.toFixed(1)}..${own.max.toFixed(1)})\n`;
  }
}

function roundsOf(args: readonly string[]): number {
  const { runs } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } }).values;
  if (!/^[1-9][0-9]?$/.test(runs)) throw new Error(`--runs must be an integer from 1 to 99, got "${runs}"\n${USAGE}`);
  return Number(runs);
}

async function describe(rounds: number, terraform: string): Promise<string> {
  const processors = cpus();
  const ansible = (await must(["ansible-playbook", "--version"])).split("\n")[0] ?? "";
  return [
    `deploy: ${await terraformVersion(terraform)}, ${ansible}, node ${process.versions.node} on ${type()} ${arch()}, ${processors.length} x ${(processors[0]?.model ?? "unknown").trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `medians of ${rounds} runs each, in turns; two balancers, the backup first, all on this machine with its two Exchange stand-ins`,
    "every contender writes the same files, byte for byte; all except the provisioners open the same ports",
  ].join("\n");
}
