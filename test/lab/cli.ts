import { parseArgs } from "node:util";
import * as path from "node:path";
import { buildPackage } from "../../tools/package";
import { cdktfDeploy } from "./cdktf-cli";
import { labEnvironment, readFacts } from "./facts";
import { printMatrix } from "./golden";
import { installHostTools } from "./host-tools";
import { sshCommand } from "./hosts";
import { clean, down, isUp, status, up } from "./lifecycle";
import { matrix } from "./matrix";
import { inNamespace } from "./network";
import { REPOSITORY } from "./paths";
import { run } from "./run";
import { say } from "./say";
import { selinux } from "./selinux";
import { watch } from "./watch";

const USAGE = `npm run lab -- COMMAND

  up                      install what is missing, build what is not cached, boot the hosts
  down [--cache]          stop the hosts and remove everything; --cache also removes what was built
  clean                   down --cache
  status
  deploy [--app DIR] [--stack NAME] [ARG...]
                          the real "cdktf deploy" of an example (examples/lab) onto the hosts
  ssh [USER@]HOST [COMMAND...]
                          a shell or a command on lb01, lb02, exch01, exch02 or client
  test [JEST ARG...]      up, then the lab's suite
  watch [--minutes N --picture FILE.svg]
                          up, then run Prometheus and print its address until Ctrl-C; with --minutes, end after N
                          minutes, and with --picture, draw the dashboard then
                          (monitoring must be deployed: npm run lab -- deploy does that)
  validate                check the golden files with the real programs of Debian 11, 12, 13 and newer ones, and
                          print a table: one row for each case, one column for each program
  matrix [--suites el8,el9] [--tests deploy,leaving] [--limit MINUTES] [--again] [--print]
                          runs test files on one system after the other (hours for all of them), keeps each result in
                          test/lab-results/matrix.json and prints a table. It leaves out what this tree has a result
                          of: --again runs that, too, and --print runs nothing
  selinux --policy FOLDER asks a kernel in qemu whether SELinux lets haproxy, keepalived and the scripts do what the files
                          ask of them; FOLDER is a copy of /etc/selinux/targeted of an EL host

EXLAB_SUITE=bullseye|bookworm|trixie|el8|el9|el10 chooses the hosts' system. EXLAB_NAME (2 to 5 letters) names the lab, so
that several labs can run at the same time. el8, el9 and el10 are Debian hosts that imitate EL: real dnf and rpm, and
Debian's binaries under EL's names.
`;

/** The commands by name. Each returns the exit status. */
const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  async up() {
    await up();
    return 0;
  },

  async down(args) {
    await (args.includes("--cache") ? clean() : down());
    return 0;
  },

  async clean() {
    await clean();
    return 0;
  },

  status: async () => ((await status()) ? 0 : 3),

  async deploy(args) {
    const { values, tokens } = parseArgs({
      args, strict: false, tokens: true, options: { app: { type: "string" }, stack: { type: "string" } },
    });
    // Arguments that this command does not know are passed to cdktf unchanged.
    const ours = new Set(tokens.flatMap((token) =>
      token.kind === "option" && (token.name === "app" || token.name === "stack")
        ? [token.index, ...(token.inlineValue === true ? [] : [token.index + 1])] : []));
    // The deploy uses the built package, so build it first.
    buildPackage();
    if (!(await isUp())) await up();
    const stack = values["stack"];
    return cdktfDeploy({
      app: typeof values["app"] === "string" ? values["app"] : "examples/lab",
      ...(typeof stack === "string" ? { stack } : {}),
      extra: args.filter((_, index) => !ours.has(index)),
    });
  },

  async ssh([target, ...command]) {
    if (target === undefined) throw new Error("ssh needs a host: lb01, lb02, exch01, exch02 or client.");
    const [host = "", user = "root"] = target.split("@").reverse();
    const { status: code } = await run(inNamespace(sshCommand(readFacts(), user, host, command)), { inherit: true });
    return code;
  },

  async test(args) {
    // Two suites at the same time must not both write the package, so their caller builds it first.
    if (process.env["EXLAB_BUILT"] !== "1") buildPackage();
    await up();
    const jest = path.join(REPOSITORY, "node_modules/jest/bin/jest.js");
    const config = path.join(__dirname, "jest.config.js");
    const { status: code } = await run(["node", jest, "--config", config, "--runInBand", ...args], {
      cwd: REPOSITORY, env: labEnvironment(readFacts()), inherit: true,
    });
    return code;
  },

  async watch(args) {
    const { values } = parseArgs({ args, options: { minutes: { type: "string" }, picture: { type: "string" } } });
    if (!(await isUp())) await up();
    await watch(values.minutes === undefined ? undefined : Number(values.minutes), values.picture);
    return 0;
  },

  async validate() {
    await installHostTools();
    return (await printMatrix()) === 0 ? 0 : 1;
  },

  async matrix(args) {
    const { values } = parseArgs({ args, options: {
      suites: { type: "string" }, tests: { type: "string" }, limit: { type: "string" }, again: { type: "boolean" }, print: { type: "boolean" },
    } });
    return matrix(values);
  },

  async selinux(args) {
    const { values } = parseArgs({ args, options: { policy: { type: "string" } } });
    if (values.policy !== undefined) await installHostTools();
    return selinux(values.policy);
  },
};

async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (command === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  return command(args);
}

main().then(
  (code) => { process.exitCode = code; },
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
