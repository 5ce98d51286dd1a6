import { inColumns } from "../../lib/command/in-columns";
import { goldenCases, readGolden, type Landing } from "../support/golden";
import { SYSTEMS } from "../support/systems";
import { ORIGINS, type Origin, type Program } from "./programs";
import { say } from "./say";
import { validate, type Question, type Verdict } from "./validate";

/** For each program, a regular expression for the paths of the files that the program reads. */
const READS: Readonly<Record<Program, RegExp>> = {
  haproxy: /^\/etc\/haproxy\//,
  keepalived: /^\/etc\/(keepalived|tmpfiles\.d)\/|^\/usr\/libexec\/keepalived\//,
  rsyslog: /^\/etc\/rsyslog\.d\//,
  logrotate: /^\/etc\/logrotate\.d\//,
};

/**
 * A warning of HAProxy 3.1 and later about a missing setting. Older versions do not know the setting, so only files for
 * 3.1 and later contain it. A newer HAProxy also checks the files for versions before 3.1. Its warning about these files
 * is expected: without the setting, the newer HAProxy behaves like the older versions.
 */
const UNKNOWN_TO_OLDER = /hlua: please set "tune[.]lua[.]bool-sample-conversion"/;

/** The result of one program for one golden case. */
export interface Cell {
  readonly program: Program;
  readonly case: string;
  /** How many different sets of files the program checked. */
  readonly asked: number;
  /**
   * True if the program reads at least one of this case's files. Files that are made for a newer version of the program
   * do not count.
   */
  readonly concerned: boolean;
  readonly refused: readonly (Verdict & { readonly of: string })[];
}

export interface Column {
  readonly origin: Origin;
  readonly versions: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
}

export { goldenCases };

/**
 * Checks golden files with the programs of one origin, such as a Debian release. Each program checks the golden files
 * that are written for its own version branch or for an older branch.
 */
export async function judge(origin: Origin): Promise<Column> {
  const golden = readGolden(SYSTEMS.map(({ name }) => name));
  const asked = [...golden].flatMap(([name, landings]) =>
    origin.programs.flatMap((program) => questions(origin, program, landings).map((question) => ({ ...question, case: name }))));
  const { versions, verdicts } = await validate(await origin.root(), origin.programs, asked);
  const cells = [...golden].flatMap(([name, landings]) => origin.programs.map((program): Cell => {
    const judged = new Set(SYSTEMS.filter((system) => mayJudge(origin, program, system)).map((system) => system.name));
    const concerned = landings.some(({ path, system }) => judged.has(system) && READS[program].test(path));
    const theirs = asked.flatMap((question, index) => {
      const verdict = verdicts[index];
      return question.case === name && question.program === program && verdict !== undefined ? [{ ...verdict, of: question.of }] : [];
    });
    return { program, case: name, asked: theirs.length, concerned, refused: theirs.filter(({ accepted }) => !accepted) };
  }));
  return { origin, versions, cells };
}

/** The sets of files that a program of this origin has to check. Equal sets of several nodes or systems are listed once. */
function questions(origin: Origin, program: Program, landings: readonly Landing[]): (Question & { readonly of: string })[] {
  const sets = new Map<string, Question & { readonly of: string }>();
  for (const system of SYSTEMS.filter((profile) => mayJudge(origin, program, profile))) {
    for (const node of ["master", "backup"] as const) {
      const files = landings.flatMap(({ path, content, ...landing }) =>
        // A text that Terraform fills in is not complete yet; the check fills in sample values.
        landing.system === system.name && landing.node === node && READS[program].test(path) && content?.startsWith("${") === false ? [{ path, content }] : []);
      const key = JSON.stringify(files);
      const expected = program === "haproxy" && order(system.haproxyVersion) < order("3.1") ? { expected: UNKNOWN_TO_OLDER } : {};
      if (files.length > 0 && !sets.has(key)) sets.set(key, { program, files, of: `${node} of ${system.name}`, ...expected });
    }
  }
  return [...sets.values()];
}

/**
 * Whether an origin's program is at least as new as the version that a system's files are written for. An older program
 * cannot check these files. AlmaLinux 8 has HAProxy 1.8, which is in no archive; the oldest program here is 2.2.
 */
function mayJudge(origin: Origin, program: Program, { haproxyVersion, keepalivedVersion }: (typeof SYSTEMS)[number]): boolean {
  if (program === "keepalived") return order(keepalivedVersion) <= order(origin.keepalived ?? "0");
  return order(haproxyVersion) <= order(origin.haproxy);
}

const order = (version: string): number => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
};

/** Prints the result of each program for each case, and returns how many sets of files were refused. */
export async function printMatrix(): Promise<number> {
  const columns: Column[] = [];
  const notes: string[] = [];
  for (const origin of ORIGINS) {
    try {
      columns.push(await judge(origin));
    } catch (error) {
      if (origin.required) throw error;
      notes.push(`NOT CHECKED by ${origin.name}, because it is not available on this machine: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const judges = (["haproxy", "keepalived", "rsyslog", "logrotate"] as const).flatMap((program) =>
    columns.filter(({ origin }) => origin.programs.includes(program)).map(({ origin, versions, cells }) => ({
      program, origin, version: versions[program] ?? "?", cells: cells.filter((cell) => cell.program === program),
    })));
  const rows = [
    ["", ...judges.map(({ program }) => (program === "haproxy" ? "HAProxy" : program))],
    ["", ...judges.map(({ version }) => version)],
    ...goldenCases().map((name) => [name, ...judges.map(({ cells }) => word(cells.find((cell) => cell.case === name)))]),
  ];
  process.stdout.write(`${inColumns(rows).join("\n")}\n`);
  for (const { origin, versions } of columns) say(`${origin.name}: ${origin.programs.map((program) => `${program} ${versions[program] ?? "?"}`).join(", ")}`);
  say("\"2 ok\" means: the program accepted two different sets of files of this case without a warning. A program checks the files for its own branch and for older branches.");
  notes.forEach((note) => say(note));
  const refused = judges.flatMap(({ program, version, cells }) => cells.flatMap((cell) => cell.refused.map((verdict) => ({ ...verdict, of: `${cell.case}, ${verdict.of}`, by: `${program} ${version}` }))));
  for (const { by, of, output, adapted } of refused) say(`${by} refuses ${of}:\n${output.trimEnd()}\nChanged for the check: ${adapted.join("; ")}`);
  return refused.length;
}

function word(cell: Cell | undefined): string {
  if (cell === undefined || cell.asked === 0) return "-";
  return cell.refused.length === 0 ? `${cell.asked} ok` : `${cell.refused.length} BAD`;
}
