import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { inColumns } from "../../lib/command/in-columns";
import { inOneOffContainer } from "./one-off-container";
import { selinuxRoot } from "./root-fs";
import { say, step } from "./say";
import { questions, type Chain, type Question, type Target } from "./selinux-questions";

const NO_POLICY = `No policy, so nothing was asked. The policy of the RHEL family is in no package registry that this lab uses, and Debian's
(selinux-policy-default) knows neither haproxy nor keepalived. Copy /etc/selinux/targeted of an EL host, and run
npm run lab -- selinux --policy FOLDER`;

/** The SELinux boolean that lets HAProxy use ports other than a web server's. A deploy turns it on. */
const BOOLEAN = "haproxy_connect_any";

/** The label of a path that the policy does not mention. */
const NO_LABEL = "system_u:object_r:unlabeled_t:s0";

const SYSTEMD = "system_u:system_r:init_t:s0";

/**
 * Asks a kernel that runs an EL host's policy whether this policy permits the accesses in questions(). Returns the exit
 * status.
 */
export async function selinux(policy: string | undefined): Promise<number> {
  if (policy === undefined) {
    say(NO_POLICY);
    return 3;
  }
  if (!existsSync(path.join(policy, "contexts/files/file_contexts"))) {
    throw new Error(`--policy must be a copy of /etc/selinux/targeted, with policy/policy.NN and contexts/files/file_contexts, got "${policy}".`);
  }
  const all = questions();
  const labels = await labelsOf(path.resolve(policy), wanted(all));
  const { answers, domains, kernel } = await answersOf(path.resolve(policy), all, labels);
  const rows = all.map((question, index) => {
    const [without = [], alone = []] = answers[index] ?? [];
    return {
      who: domains.get(key(question.who)) ?? "?",
      what: `${question.kind} { ${question.permissions.join(" ")} }`,
      to: nameOf(question.to),
      label: typeOf(labelOf(question.to, labels) ?? ""),
      word: alone.length > 0 ? `NO: ${alone.join(" ")}` : without.length > 0 ? `with ${BOOLEAN}` : "yes",
    };
  });
  process.stdout.write(`${inColumns([["domain", "may it", "what", "its label", ""], ...rows.map(({ who, what, to, label, word }) => [who, what, to, label, word])]).join("\n")}\n`);
  const refused = rows.filter(({ word }) => word.startsWith("NO")).length;
  say(`Linux ${kernel} in qemu, with ${policy}: ${rows.length - refused} of ${rows.length} are allowed.`);
  return refused === 0 ? 0 : 1;
}

const key = (chain: Chain): string => `d${chain.join("").replace(/\W/g, "-")}`;

const nameOf = (to: Target): string => ("path" in to ? to.path : "port" in to ? `TCP port ${to.port}` : "process" in to ? to.process.at(-1) ?? "" : "itself");

const typeOf = (label: string): string => label.split(":")[2] ?? "";

const labelOf = (to: Target, labels: ReadonlyMap<string, string>): string | undefined =>
  "path" in to ? labels.get(to.path) : "port" in to ? labels.get(`${to.port}`) : undefined;

/**
 * Returns the paths and ports whose labels are needed. The map's value is the kind of file at a path, or "port" for a
 * port.
 */
function wanted(all: readonly Question[]): Map<string, "file" | "dir" | "sock_file" | "port"> {
  const kinds = new Map<string, "file" | "dir" | "sock_file" | "port">();
  for (const { who, kind, to } of all) {
    for (const program of [...who, ...("process" in to ? to.process : [])]) kinds.set(program, "file");
    if ("path" in to) kinds.set(to.path, kind === "dir" || kind === "sock_file" ? kind : "file");
    if ("port" in to) kinds.set(`${to.port}`, "port");
  }
  return kinds;
}

async function inWork<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "exlab-selinux-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function labelsOf(policy: string, kinds: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const root = await selinuxRoot();
  return step(`Labels of ${kinds.size} paths and ports`, () => inWork(async (work) => {
    const names = [...kinds.keys()];
    writeFileSync(path.join(work, "wanted"), names.map((name, index) => `${index} ${kinds.get(name) ?? ""} ${name}\n`).join(""));
    await inOneOffContainer(root, ["sh", "/lab/labels.sh"], {
      network: "none", throwAway: true, bind: [`${work}:/lab/work`],
      bindReadOnly: [`${policy}:/lab/policy`, `${path.join(__dirname, "selinux-labels.sh")}:/lab/labels.sh`],
    });
    return new Map(readFileSync(path.join(work, "labels"), "utf8").trimEnd().split("\n").map((line): [string, string] => {
      const [index = "", label = ""] = line.split(" ");
      return [names[Number(index)] ?? "", label.includes(":") ? label : NO_LABEL];
    }));
  }));
}

interface Answers {
  /** For each question, two lists of refused permissions: with the boolean off, and with the boolean on. */
  readonly answers: readonly (readonly (readonly string[])[])[];
  readonly domains: ReadonlyMap<string, string>;
  readonly kernel: string;
}

async function answersOf(policy: string, all: readonly Question[], labels: ReadonlyMap<string, string>): Promise<Answers> {
  const chains = new Map<string, string>();
  const become = (chain: Chain): string => {
    const program = chain.at(-1);
    if (program === undefined) return SYSTEMD;
    const from = become(chain.slice(0, -1));
    chains.set(key(chain), `becomes ${key(chain)} ${from} ${labels.get(program) ?? ""}`);
    return `@${key(chain)}`;
  };
  const asked = all.map(({ who, kind, permissions, to }, index) => {
    const source = become(who);
    const target = "process" in to ? become(to.process) : labelOf(to, labels) ?? source;
    return `may ${index} ${source} ${target} ${kind} ${permissions.join(" ")}`;
  });
  const text = [...chains.values(), `boolean ${BOOLEAN} 0`, ...asked, `boolean ${BOOLEAN} 1`, ...asked];
  const root = await selinuxRoot();
  const output = await step(`Asking a kernel ${text.length} questions in qemu`, () => inWork(async (work) => {
    writeFileSync(path.join(work, "questions"), `${text.join("\n")}\n`);
    const { stdout } = await inOneOffContainer(root, ["sh", "/lab/ask.sh"], {
      network: "none", throwAway: true, bind: [`${work}:/lab/work`],
      bindReadOnly: [
        `${policy}:/lab/policy`, `${path.join(__dirname, "selinux-init.sh")}:/lab/init.sh`, `${path.join(__dirname, "selinux-ask.sh")}:/lab/ask.sh`,
      ],
    });
    return stdout;
  }));
  const lines = [...output.matchAll(/^ANSWER (\S+) ?(.*?)\r?$/gm)].map(([, word = "", rest = ""]) => ({ word, rest: rest.split(" ") }));
  const error = lines.find(({ word }) => word === "error");
  if (error !== undefined || !lines.some(({ word }) => word === "done")) {
    throw new Error(`The kernel did not answer: ${error?.rest.join(" ") ?? output.split("\n").slice(-20).join("\n")}`);
  }
  const answers = all.map((_, index) => lines.filter(({ word, rest }) => word === "may" && rest[0] === `${index}`).map(({ rest }) => rest.slice(1)));
  return {
    answers,
    domains: new Map([["d", "init_t"], ...lines.filter(({ word }) => word === "becomes").map(({ rest }): [string, string] => [rest[0] ?? "", typeOf(rest[1] ?? "")])]),
    kernel: lines.find(({ word }) => word === "kernel")?.rest[0] ?? "?",
  };
}
