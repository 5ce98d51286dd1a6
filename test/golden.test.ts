import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { BORDER_HOSTS, borderStack } from "./support/border";
import { GOLDEN, Landing, goldenCases, readGolden, writeGolden } from "./support/golden";
import { Case, balancerStack, synth, variable } from "./support/site";
import { SYSTEMS } from "./support/systems";

// A case is golden/CASE.ts (what the user writes) and golden/CASE.txt (what lands on the
// hosts, on every system); the lab feeds the same texts to the real programs.
// UPDATE_GOLDEN=1 rewrites the texts: review the diff.

const CASES = goldenCases();
const NAMES = SYSTEMS.map(({ name }) => name);
const rendered = new Map<string, Landing[]>();
let texts = new Map<string, string>();

beforeAll(async () => {
  let kin = new Map<string, string>();
  for (const name of CASES) {
    const { default: site } = (await import(join(GOLDEN, name))) as { default: Case };
    const first = new Map<string, Landing[]>();
    rendered.set(
      name,
      SYSTEMS.filter(site.on ?? (() => true)).flatMap((os) => {
        const like = kin.get(os.name) ?? os.name;
        const own = first.get(like) ?? landings(site, os);
        first.set(like, own);
        return own.map((landing) => ({ ...landing, system: os.name }));
      }),
    );
    if (kin.size === 0) kin = kinAmong(rendered.get(name) ?? []);
  }
  texts = writeGolden(rendered, NAMES);
});

/**
 * Maps each system to the first system that has the same versions of the programs, and that gets the same files in the
 * first golden case. All other golden cases are rendered only for these first systems.
 */
function kinAmong(all: readonly Landing[]): Map<string, string> {
  const first = new Map<string, string>();
  return new Map(
    SYSTEMS.map(({ name, haproxyVersion, keepalivedVersion }) => {
      const files = all.filter(({ system }) => system === name).map(({ node, path, mode, content }) => [node, path, mode, content]);
      const key = JSON.stringify([haproxyVersion, keepalivedVersion, files]);
      if (!first.has(key)) first.set(key, name);
      return [name, first.get(key) ?? name];
    }),
  );
}

function landings({ dag, balancer, border }: Case, os: (typeof SYSTEMS)[number]): Landing[] {
  const inside: Case = {
    ...(dag === undefined ? {} : { dag }),
    balancer: (within) => ({ ...(typeof balancer === "function" ? balancer(within) : balancer), os }),
  };
  const { stack } =
    border === undefined
      ? balancerStack(inside)
      : borderStack({ inside, border: (within, inner) => ({ ...(typeof border === "function" ? border(within, inner) : border), os }) });
  const nodes = border === undefined ? ["10.12.8.11", "10.12.8.12"] : BORDER_HOSTS;
  const hosts = hostFiles(synth(stack));
  return (["master", "backup"] as const).flatMap((node) => {
    const { files = [] } = hosts.find(({ host }) => host === nodes[node === "master" ? 0 : 1]) ?? {};
    return files.map(({ path, mode, content, secret }) => ({ system: os.name, node, path, mode, content: secret ? undefined : content }));
  });
}

test.each(CASES)("the rendered files of the case %s are equal to its golden file", (name) => {
  const file = join(GOLDEN, `${name}.txt`);
  const text = texts.get(name) ?? "";
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : `no ${file}: run with UPDATE_GOLDEN=1`);
});

test("every golden file belongs to a case", () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(CASES.flatMap((name) => [`${name}.ts`, `${name}.txt`]).sort());
});

test("reading the golden files gives the files that synthesis rendered", () => {
  const order = (all: readonly Landing[] = []): string[] => all.map((landing) => JSON.stringify(landing)).sort();
  const read = readGolden(NAMES);
  expect([...read.keys()]).toEqual(CASES);
  for (const name of CASES) expect(order(read.get(name))).toEqual(order(rendered.get(name)));
});

test("a golden file names system, node, path and mode of each file; lines that occur in several files are shown only once", () => {
  const landing = { system: "A", node: "master", path: "/x", mode: "0644", content: "one\n|two\nthree\n" } as const;
  const other = { ...landing, content: "one\nthree" };
  const files = writeGolden(
    new Map([
      ["one", [landing, { ...other, node: "backup" }, { ...landing, system: "B" }, { ...landing, path: "/y", mode: "0600" }, { ...landing, path: "/key", content: undefined }]],
      ["two", [landing, { ...other, path: "/z" }]],
    ]),
    ["A", "B"],
  );
  expect([...files.values()]).toEqual([
    `=== /x 0644
a: master of every system
b: backup of A
    |one
a   ||two
    |three
b   |\\ no newline at the end

=== /y 0600
master of A: as /x in one on master of A

=== /key 0644
master of A: secret
`,
    `=== /x 0644
master of A: as in one on master of A

=== /z 0644
master of A: as /x in one on backup of A
`,
  ]);
});

test("the files of two nodes differ only in pair.http, in keepalived's pair file, and in the state and priority in keepalived.conf", () => {
  const [backup, master] = hostFiles(synth(balancerStack().stack));
  const text = (files: readonly { path: string; content: string }[] = []): Map<string, string> =>
    new Map(files.map(({ path, content }) => [path, content]));
  const [ofMaster, ofBackup] = [text(master?.files), text(backup?.files)];
  const different = [...ofMaster].filter(([path, content]) => ofBackup.get(path) !== content).map(([path]) => path);
  expect(different).toEqual(["/etc/haproxy/pair.http", "/etc/keepalived/keepalived.conf", "/etc/keepalived/pair"]);
  const lines = (files: Map<string, string>): string[] => (files.get("/etc/keepalived/keepalived.conf") ?? "").split("\n");
  expect(lines(ofMaster).filter((line) => !lines(ofBackup).includes(line))).toEqual(["    state MASTER", "    priority 100"]);
});

test("a rendered file contains Terraform's expression in place of a value that is a token", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({ master: { host: variable(within, "lb01") }, allow: { smtp: [variable(within, "relay")] } }),
  });
  const master = hostFiles(synth(stack)).find(({ host }) => host === "${var.lb01}");
  expect(master?.files.find(({ path }) => path.endsWith("smtp_whitelist.lst"))?.content).toBe("${var.relay}\n");
});
