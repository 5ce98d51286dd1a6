import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { Host } from "./hosts";
import { Lab } from "./hosts";
import { REPOSITORY } from "./paths";
import type { Outcome } from "./run";
import type { System } from "./systems";

// apply.sh by itself, with bundles written by hand, in each shell that is some system's sh.

let host: Host;
let system: System;
const STATE = "/var/lib/cdktf-exchange-balancer/sample";
const OTHER = "/var/lib/cdktf-exchange-balancer/other";

beforeAll(async () => {
  const lab = await Lab.attach();
  host = lab.host("lb02");
  system = lab.system;
  // Something else of the project's is on the host, too, so what all parts share stays.
  await host.must(`mkdir -p -m 0700 /var/lib/cdktf-exchange-balancer && mkdir -p ${OTHER} && touch ${OTHER}/manifest`);
  // A bare host has none.
  await host.must(`command -v rsyslogd >/dev/null || { ${system.packages.install("rsyslog")}; }`, { timeout: 120 });
}, 150_000);

afterAll(() => host.must(`rm -rf ${OTHER}`));

interface File {
  readonly path: string;
  readonly content: string;
  readonly mode?: string;
  readonly usedBy?: string;
  /** Under which secrets it has been sent. */
  readonly secret?: string;
}

const FOLDER = "/root/apply-test/inbox";
const SCRIPT = readFileSync(path.join(REPOSITORY, "lib/host/apply.sh"), "utf8");

/** Lays files down in the folder that apply.sh is called with. */
async function bundle(parts: { readonly [name: string]: string }): Promise<void> {
  await host.must(["mkdir", "-p", "-m", "0700", FOLDER]);
  const all = { "apply.sh": SCRIPT, host: "198.18.0.12", ...parts };
  for (const [name, text] of Object.entries(all)) await host.must(["sh", "-c", `cat >${FOLDER}/${name}`], { input: text });
}

const base64 = (text: string): string => `${Buffer.from(text).toString("base64")}\n`;

/** Has secrets put away under a name, as before a delivery. */
async function take(shell: string, key: string, contents: readonly string[], arrived = contents.map(base64).join("")): Promise<Outcome> {
  const hashes = contents.map((content) => createHash("sha256").update(content).digest("hex").slice(0, 6));
  await bundle({ manifest: `part sample\nos ${system.os}\n`, "secrets-key": key, fingerprints: hashes.map((hash) => `${hash}\n`).join(""), secrets: arrived });
  const outcome = await host.exec([shell, `${FOLDER}/apply.sh`, "--take-secrets", FOLDER]);
  expect((await host.exec(["ls", FOLDER])).status).not.toBe(0);
  return outcome;
}

/** Lays a bundle down on the host and has it applied. */
async function apply(shell: string, files: readonly File[], change: { manifest?: string; contents?: string; identity?: string; lockLimit?: number } = {}): Promise<Outcome> {
  const lines = files.map(({ path: at, mode = "0644", usedBy = "none", secret }) => `${secret === undefined ? "file" : "secret"} ${mode} ${usedBy} ${at}`);
  await bundle({
    identity: change.identity ?? "sample",
    manifest: change.manifest ?? ["format 1", "part sample", `os ${system.os}`, ...lines].map((line) => `${line}\n`).join(""),
    files: change.contents ?? files.filter(({ secret }) => secret === undefined).map(({ content }) => base64(content)).join(""),
    // Nobody waits five minutes in a test.
    ...(change.lockLimit === undefined ? {} : { "apply.sh": SCRIPT.replace(/(Lock::Timeout=|^lock_limit=)300/gm, `$1${change.lockLimit}`) }),
    ...Object.fromEntries(files.flatMap(({ secret }) => (secret === undefined ? [] : [["secrets-key", secret]]))),
  });
  const outcome = await host.exec([shell, `${FOLDER}/apply.sh`, FOLDER]);
  // Whatever happens, the bundle does not stay.
  expect((await host.exec(["ls", FOLDER])).status).not.toBe(0);
  return outcome;
}

describe.each(["dash", "bash"])("in %s, apply.sh", (shell) => {
  const a = { path: "/etc/sample/a.conf", content: "one\n" };
  const b = { path: "/etc/sample/deep/b.conf", content: "$(touch /tmp/pwned) `id` 'quoted' \"twice\" \\n %{if}\n", mode: "0640" };

  beforeEach(() => host.must(`rm -rf /etc/sample ${STATE} /root/apply-test`));
  afterAll(() => host.must(`rm -rf /etc/sample ${STATE} /root/apply-test`));

  test("lands files byte for byte with their modes, and the second time does nothing", async () => {
    expect(await apply(shell, [a, b])).toMatchObject({
      status: 0,
      stdout: "[198.18.0.12] writing /etc/sample/a.conf\n[198.18.0.12] writing /etc/sample/deep/b.conf\n[198.18.0.12] sample: done\n",
      stderr: "",
    });
    expect(await host.read(b.path)).toBe(b.content);
    expect(await host.must("stat -c '%a %U:%G' /etc/sample/a.conf /etc/sample/deep/b.conf")).toBe("644 root:root\n640 root:root\n");
    expect((await host.exec("ls /tmp/pwned")).status).not.toBe(0);
    expect((await apply(shell, [a, b])).stdout).toBe("[198.18.0.12] sample: nothing to change, nothing reloaded\n");
  });

  describe("of secrets", () => {
    const key = { path: "/etc/sample/key.pem", content: "", mode: "0600", secret: "first" };
    const put = `find ${STATE}/secrets -type f -printf '%f '; stat -c '%a %U' ${STATE}/secrets ${STATE}/secrets/*`;

    test("puts them away for root alone, lands them, and keeps those that are in use", async () => {
      expect(await take(shell, "first", ["one"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect((await apply(shell, [a, key])).status).toBe(0);
      expect(await host.must("cat /etc/sample/key.pem; stat -c ' %a' /etc/sample/key.pem")).toBe("one 600\n");
      // What another deploy has just sent is not taken from it.
      await take(shell, "second", ["two"]);
      expect((await apply(shell, [{ ...a, content: "other\n" }, key])).status).toBe(0);
      expect(await host.must(put)).toMatch(/^(first second|second first) 700 root\n600 root\n600 root\n$/);
      expect((await apply(shell, [a, { ...key, secret: "second" }])).status).toBe(0);
      expect(await host.must(`cat /etc/sample/key.pem; ls ${STATE}/secrets`)).toBe("twosecond\n");
    });

    test("keeps the former ones for the way back until the next delivery without any, and drops what never came into use", async () => {
      await take(shell, "first", ["one"]);
      await apply(shell, [a, key]);
      await take(shell, "second", ["two"]);
      // The deploy that they were for failed elsewhere, and the former ones are sent again.
      await take(shell, "first", ["one"]);
      expect(await host.must(`ls ${STATE}/secrets`)).toBe("first\n");
      await apply(shell, [a]);
      expect((await apply(shell, [a, key])).status).toBe(0);
      await apply(shell, [a]);
      await apply(shell, [{ ...a, content: "other\n" }]);
      expect((await host.exec(["ls", `${STATE}/secrets`])).status).not.toBe(0);
    });

    test("takes none for another system, and leaves none where no delivery ever came to its end", async () => {
      await bundle({ manifest: `part sample\nos ${system.other.os}\n`, "secrets-key": "first", fingerprints: "", secrets: "" });
      expect((await host.exec([shell, `${FOLDER}/apply.sh`, "--take-secrets", FOLDER])).stdout).toContain(`FAILED: the profile is for the ${system.other.os.replace(/ .*/, "")} family`);
      await take(shell, "first", ["one"]);
      expect(await host.must([shell, "/usr/libexec/cdktf-exchange-balancer/apply.sh", "--leave", "sample", "retain", "sample", "198.18.0.12"])).toBe("[198.18.0.12] sample: nothing of it is here\n");
      expect((await host.exec(["ls", STATE])).status).not.toBe(0);
    });

    test("says what to do where they are not there, and changes nothing", async () => {
      await apply(shell, [a]);
      const { status, stdout } = await apply(shell, [{ ...a, content: "two\n" }, key]);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^\[198\.18\.0\.12\] FAILED: what was sent before for \/etc\/sample\/key\.pem is not here: .* Nothing was changed; change redeliver \(any text\) and deploy again\./);
      expect(await host.must("cat /etc/sample/*")).toBe("one\n");
    });

    test.each([
      ["are cut off", base64("one")],
      ["are other ones", base64("one") + base64("other")],
      ["are too many", base64("one") + base64("two") + base64("three")],
      ["are no base64", `${base64("one")}***\n`],
      ["are none", ""],
    ])("refuses such as %s", async (_, arrived) => {
      const { status, stdout } = await take(shell, "first", ["one", "two"], arrived);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^\[198\.18\.0\.12\] FAILED: the secrets did not arrive whole/);
      expect((await host.exec(`ls ${STATE}/secrets`)).stdout).toBe("");
    });
  });

  test("removes what is no longer asked for, and nothing else", async () => {
    await apply(shell, [a, b]);
    await host.must("echo mine >/etc/sample/deep/mine");
    expect((await apply(shell, [a])).stdout).toBe("[198.18.0.12] removing /etc/sample/deep/b.conf\n[198.18.0.12] sample: done\n");
    expect(await host.must("ls /etc/sample/deep")).toBe("mine\n");
  });

  test.each([
    ["a bundle that was cut off", (): object => ({ contents: "b25lCg==\n" }), (): string => "the bundle holds no content for /etc/sample/deep/b.conf: the transfer was cut off. Deploy again."],
    ["another system", (): object => ({ manifest: `format 1\npart sample\nos ${system.other.os}\n` }), (): string => `the profile is for the ${system.other.os.replace(/ .*/, "")} family, this host says it is `],
    ["another release", (): object => ({ manifest: `format 1\npart sample\nos ${system.os.replace(/ .*/, " 7")}\n` }), (): string => "the profile is for version 7, this host says it is "],
    ["a package that is none", (): object => ({ manifest: `format 1\npart sample\nos ${system.os}\npackage no-such-package\n` }), (): string => "cannot install no-such-package"],
  ])("fails with %s and changes nothing", async (_, change, complaint) => {
    await apply(shell, [a]);
    const { status, stdout } = await apply(shell, [{ ...a, content: "two\n" }, b], change());
    expect(status).toBe(1);
    expect(stdout).toContain(`[198.18.0.12] FAILED: ${complaint()}`);
    expect(await host.must("find /etc/sample -type f -exec cat {} +")).toBe("one\n");
  }, 60_000);

  test("gives up a package manager whose lock is held for too long, and says who holds it", async () => {
    const { lockFile, waitedInVain, removeAlone, install } = system.packages;
    await host.exec(removeAlone("logrotate"));
    await host.must(`systemd-run --unit=holder --collect python3 -c 'import fcntl, time; f = open("${lockFile}", "a"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(60)'`);
    try {
      const { status, stdout } = await apply(shell, [a], { manifest: `format 1\npart sample\nos ${system.os}\npackage logrotate\n`, lockLimit: 4 });
      expect(stdout).toMatch(new RegExp(`${waitedInVain}[^]*FAILED: cannot install logrotate|FAILED: cannot install logrotate: ${waitedInVain}`));
      expect(status).toBe(1);
    } finally {
      await host.must(`systemctl stop holder; ${install("logrotate")}`);
    }
  }, 60_000);

  test("shows what rsyslogd says of a file that it refuses, and changes nothing", async () => {
    const bad = { path: "/etc/rsyslog.d/49-sample.conf", content: 'action(type="nonsense")\n', usedBy: "rsyslog" };
    const { status, stdout } = await apply(shell, [bad]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/nonsense[^]*\[198\.18\.0\.12\] FAILED: rsyslogd -N1 refuses the new .* Nothing was changed and what ran before runs on\./);
    expect((await host.exec(["ls", bad.path])).status).not.toBe(0);
  });

  test("takes back a swap that was cut off before it does anything else, at boot as well", async () => {
    await apply(shell, [a]);
    for (const again of [(): Promise<Outcome> => apply(shell, [a]), (): Promise<Outcome> => host.exec([shell, "/usr/libexec/cdktf-exchange-balancer/apply.sh", "--recover"])]) {
      await host.must(`mkdir -p ${STATE}/previous/etc/sample && cp -a /etc/sample/a.conf ${STATE}/previous/etc/sample/ && echo half >/etc/sample/a.conf && echo half >/etc/sample/new.conf`);
      await host.must(`printf 'restore none /etc/sample/a.conf\\nremove none /etc/sample/new.conf\\n' >${STATE}/journal`);
      const { status, stdout } = await again();
      expect(status).toBe(0);
      expect(stdout).toMatch(/cut off; its files are taken back/);
      expect(stdout).not.toContain("edited");
      expect(await host.must("ls /etc/sample; cat /etc/sample/a.conf")).toBe("a.conf\none\n");
    }
  });

  test("gives back what a first delivery that was cut off has taken, when the host is left", async () => {
    await host.must("mkdir -p /etc/sample && echo original >/etc/sample/a.conf");
    await apply(shell, [a]);
    // As if that had been cut off in the middle of the swap.
    await host.must(`rm ${STATE}/manifest ${STATE}/installed && mkdir -p ${STATE}/previous/etc/sample && cp ${STATE}/original/etc/sample/a.conf ${STATE}/previous/etc/sample/ && printf 'restore none /etc/sample/a.conf\\n' >${STATE}/journal`);
    expect(await host.must([shell, "/usr/libexec/cdktf-exchange-balancer/apply.sh", "--leave", "sample", "destroy", "sample", "198.18.0.12"])).toBe(
      "[198.18.0.12] the former files are back\n[198.18.0.12] sample: nothing of it is here\n",
    );
    expect(await host.must("cat /etc/sample/a.conf")).toBe("original\n");
  });

  test("keeps what somebody edited, and what was there before the first deploy comes back in the end", async () => {
    await host.must("mkdir -p /etc/sample && echo original >/etc/sample/a.conf");
    await apply(shell, [a, b]);
    await host.must("echo edited >/etc/sample/a.conf");
    expect((await apply(shell, [a, b])).stdout).toContain(`the host's version is kept in ${STATE}/edited/etc/sample/a.conf`);
    expect(await host.read(`${STATE}/edited/etc/sample/a.conf`)).toBe("edited\n");
    const leave = (identity: string, policy: string): Promise<Outcome> =>
      host.exec([shell, "/usr/libexec/cdktf-exchange-balancer/apply.sh", "--leave", "sample", policy, identity, "198.18.0.12"]);
    expect((await leave("another", "destroy")).stdout).toContain("left alone, another resource delivers it to this host now");
    expect((await leave("sample", "retain")).stdout).toContain("goes on as it is");
    expect((await leave("sample", "destroy")).status).toBe(0);
    expect(await host.must("find /etc/sample -type f; cat /etc/sample/a.conf")).toBe("/etc/sample/a.conf\noriginal\n");
    expect((await leave("sample", "destroy")).stdout).toContain("nothing of it is here");
  });

  test("does not run beside another run", async () => {
    await host.must("systemd-run --unit=holder --collect flock /var/lib/cdktf-exchange-balancer/lock sleep 3");
    const started = Date.now();
    expect((await apply(shell, [a])).status).toBe(0);
    expect(Date.now() - started).toBeGreaterThan(1500);
  });
});
