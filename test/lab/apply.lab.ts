import { createHash } from "node:crypto";
import * as path from "node:path";
import { applyScript } from "../../lib/host/scripts";
import type { Host } from "./hosts";
import { Lab } from "./hosts";
import type { Outcome } from "./run";
import type { System } from "./systems";

// apply.sh by itself, with bundles written by hand, in each shell that is some system's sh.

let host: Host;
let system: System;
const STATE = "/var/lib/cdktf-exchange-balancer";
const SCRIPT = "/usr/libexec/cdktf-exchange-balancer/apply.sh";

beforeAll(async () => {
  const lab = await Lab.attach();
  host = lab.host("lb02");
  system = lab.system;
  // Whatever other suites have deployed to this host is put aside.
  await host.must(`rm -rf ${STATE}.aside; [ ! -d ${STATE} ] || mv ${STATE} ${STATE}.aside; [ ! -f ${SCRIPT} ] || cp ${SCRIPT} /root/apply.aside`);
  // A bare host has none.
  await host.must(`command -v rsyslogd >/dev/null || { ${system.packages.install("rsyslog")}; }`, { timeout: 120 });
}, 150_000);

afterAll(() => host.must(`rm -rf ${STATE}; [ ! -d ${STATE}.aside ] || { mv ${STATE}.aside ${STATE}; mkdir -p ${path.dirname(SCRIPT)}; mv /root/apply.aside ${SCRIPT}; }`));

interface File {
  readonly path: string;
  readonly content: string;
  readonly mode?: string;
  readonly usedBy?: string;
  /** Only for a secret: the key under which the file's content was sent to the host. */
  readonly secret?: string;
}

const FOLDER = "/root/apply-test/inbox";

/**
 * Writes a bundle into FOLDER, where apply.sh reads it. The bundle has the given parts, apply.sh and the host's
 * address.
 */
async function bundle(parts: { readonly [name: string]: string }): Promise<void> {
  await host.must(["mkdir", "-p", "-m", "0700", FOLDER]);
  const all = { "apply.sh": applyScript(), host: "198.18.0.12", ...parts };
  for (const [name, text] of Object.entries(all)) await host.must(["sh", "-c", `cat >${FOLDER}/${name}`], { input: text });
}

const base64 = (text: string): string => `${Buffer.from(text).toString("base64")}\n`;

/**
 * Sends secrets to the host before a delivery, as a deploy does: apply.sh reads them from a pipe and stores them under
 * `key`.
 * `arrived` is the text that is written into the pipe. By default it is the base64 text of all `contents`.
 */
async function receive(shell: string, key: string, contents: readonly string[], arrived = contents.map(base64).join("")): Promise<Outcome> {
  const hashes = contents.map((content) => createHash("sha256").update(content).digest("hex").slice(0, 6));
  await bundle({ manifest: `format 2\nos ${system.os}\n`, "secrets-key": key, fingerprints: hashes.map((hash) => `${hash}\n`).join("") });
  await host.must(["mkfifo", "-m", "0600", `${FOLDER}/secrets`]);
  const outcome = await host.exec([shell, `${FOLDER}/apply.sh`, "--receive-secrets", FOLDER]);
  if (outcome.status === 0) await host.must(["sh", "-c", `cat >${FOLDER}/secrets`], { input: arrived });
  // The process that keeps them takes the folder along.
  await gone(FOLDER);
  return outcome;
}

async function gone(folder: string): Promise<void> {
  for (let tries = 0; (await host.exec(["ls", "-d", folder])).status === 0; tries++) {
    if (tries > 50) throw new Error(`${folder} stays`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Writes a bundle with these files on the host, and runs apply.sh on it. */
async function apply(shell: string, files: readonly File[], change: { manifest?: string; contents?: string; identity?: string; leave?: string; lockLimit?: number } = {}): Promise<Outcome> {
  const lines = files.map(({ path: at, mode = "0644", usedBy = "none", secret }) => `${secret === undefined ? "file" : "secret"} ${mode} ${usedBy} ${at}`);
  await bundle({
    identity: change.identity ?? "sample",
    manifest: change.manifest ?? ["format 2", `os ${system.os}`, `leave ${change.leave ?? "retain"}`, "part sample", ...lines].map((line) => `${line}\n`).join(""),
    files: change.contents ?? files.filter(({ secret }) => secret === undefined).map(({ content }) => base64(content)).join(""),
    // Nobody waits five minutes in a test.
    ...(change.lockLimit === undefined ? {} : { "apply.sh": applyScript().replace(/^lock_limit=300/m, `lock_limit=${change.lockLimit}`) }),
    ...Object.fromEntries(files.flatMap(({ secret }) => (secret === undefined ? [] : [["secrets-key", secret]]))),
  });
  const outcome = await host.exec([shell, `${FOLDER}/apply.sh`, FOLDER]);
  // Whatever happens, the bundle does not stay.
  expect((await host.exec(["ls", FOLDER])).status).not.toBe(0);
  return outcome;
}

describe.each(["dash", "bash"])("apply.sh on a real host, run by %s", (shell) => {
  const a = { path: "/etc/sample/a.conf", content: "one\n" };
  const b = { path: "/etc/sample/deep/b.conf", content: "$(touch /tmp/pwned) `id` 'quoted' \"twice\" \\n %{if}\n", mode: "0640" };

  beforeEach(() => host.must(`rm -rf /etc/sample ${STATE} /root/apply-test`));
  afterAll(() => host.must(`rm -rf /etc/sample ${STATE} /root/apply-test`));

  test("apply.sh writes files byte for byte with their modes, and a second run changes nothing", async () => {
    expect(await apply(shell, [a, b])).toMatchObject({
      status: 0,
      stdout: "[198.18.0.12] writing /etc/sample/a.conf\n[198.18.0.12] writing /etc/sample/deep/b.conf\n[198.18.0.12] done\n[198.18.0.12] changed: wrote /etc/sample/a.conf, /etc/sample/deep/b.conf\n",
      stderr: "",
    });
    expect(await host.read(b.path)).toBe(b.content);
    expect(await host.must("stat -c '%a %U:%G' /etc/sample/a.conf /etc/sample/deep/b.conf")).toBe("644 root:root\n640 root:root\n");
    expect((await host.exec("ls /tmp/pwned")).status).not.toBe(0);
    expect((await apply(shell, [a, b])).stdout).toBe("[198.18.0.12] nothing to change, nothing reloaded\n");
  });

  describe("apply.sh and secrets", () => {
    const key = { path: "/etc/sample/key.pem", content: "", mode: "0600", secret: "first" };
    const put = `find ${STATE}/secrets -type f -printf '%f '; stat -c '%a %U' ${STATE}/secrets ${STATE}/secrets/*`;

    test("apply.sh stores secrets readable only by root, installs them, and keeps the secrets that are still needed", async () => {
      expect(await receive(shell, "first", ["one"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect((await apply(shell, [a, key])).status).toBe(0);
      expect(await host.must("cat /etc/sample/key.pem; stat -c ' %a' /etc/sample/key.pem")).toBe("one 600\n");
      // Secrets that another deploy has just sent are not taken from it.
      await receive(shell, "second", ["two"]);
      expect((await apply(shell, [{ ...a, content: "other\n" }, key])).status).toBe(0);
      expect(await host.must(put)).toMatch(/^(first second|second first) 700 root\n600 root\n600 root\n$/);
      expect((await apply(shell, [a, { ...key, secret: "second" }])).status).toBe(0);
      expect(await host.must(`cat /etc/sample/key.pem; ls ${STATE}/secrets`)).toBe("twosecond\n");
    });

    test("a delivery with secrets removes all older secrets; a delivery without secrets removes the stored secrets only if the delivery before it had no secrets either, so that a rollback can still use them", async () => {
      await receive(shell, "first", ["one"]);
      await apply(shell, [a, key]);
      await receive(shell, "second", ["two"]);
      // The deploy that they were for failed elsewhere, and the previous ones are sent again.
      await receive(shell, "first", ["one"]);
      await apply(shell, [a, key]);
      expect(await host.must(`ls ${STATE}/secrets`)).toBe("first\n");
      await apply(shell, [a]);
      expect((await apply(shell, [a, key])).status).toBe(0);
      await apply(shell, [a]);
      await apply(shell, [{ ...a, content: "other\n" }]);
      expect((await host.exec(["ls", `${STATE}/secrets`])).status).not.toBe(0);
    });

    test("apply.sh refuses secrets for another system, and removes stored secrets if the host leaves the stack before any delivery has finished", async () => {
      await bundle({ manifest: `format 2\nos ${system.other.os}\n`, "secrets-key": "first", fingerprints: "" });
      expect((await host.exec([shell, `${FOLDER}/apply.sh`, "--receive-secrets", FOLDER])).stdout).toContain(`FAILED: the node's prop os is for the ${system.other.os.replace(/ .*/, "")} family`);
      await gone(FOLDER);
      await receive(shell, "first", ["one"]);
      expect(await host.must([shell, SCRIPT, "--leave", "retain", "sample", "198.18.0.12"])).toBe("[198.18.0.12] this host has no files of this library\n");
      expect((await host.exec(["ls", STATE])).status).not.toBe(0);
    });

    test("three deploys can send the same secrets at the same time", async () => {
      const started = [1, 2, 3].map((number) => `${FOLDER}-${number}`);
      await bundle({ manifest: `format 2\nos ${system.os}\n`, "secrets-key": "first", fingerprints: `${createHash("sha256").update("one").digest("hex").slice(0, 6)}\n` });
      for (const folder of started) await host.must(`cp -a ${FOLDER} ${folder} && mkfifo -m 0600 ${folder}/secrets`);
      await Promise.all(started.map(async (folder) => {
        expect(await host.exec([shell, `${folder}/apply.sh`, "--receive-secrets", folder])).toMatchObject({ status: 0, stdout: "" });
        await host.must(["sh", "-c", `cat >${folder}/secrets`], { input: base64("one") });
      }));
      for (const folder of started) await gone(folder);
      expect((await apply(shell, [a, key])).status).toBe(0);
      expect(await host.must(`cat /etc/sample/key.pem; ls ${STATE}/secrets`)).toBe("onefirst\n");
    });

    test("a wrong secret in the pipe does not block its sender, and the delivery that needs the secret fails", async () => {
      await bundle({ manifest: `format 2\nos ${system.os}\n`, "secrets-key": "first", fingerprints: "abcdef\n" });
      await host.must(["mkfifo", "-m", "0600", `${FOLDER}/secrets`]);
      await host.must([shell, `${FOLDER}/apply.sh`, "--receive-secrets", FOLDER]);
      await host.must(["timeout", "5", "sh", "-c", `echo YQ== >${FOLDER}/secrets`]);
      await gone(FOLDER);
      expect((await apply(shell, [key])).stdout).toBe(
        "[198.18.0.12] FAILED: the secrets could not be stored: they did not arrive completely. Nothing was changed. Set the prop redeliver to another text and deploy again.\n",
      );
    });

    test("a delivery whose secrets are missing fails, changes nothing, and prints that the prop `redeliver` must be changed", async () => {
      await apply(shell, [a]);
      const { status, stdout } = await apply(shell, [{ ...a, content: "two\n" }, key]);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^\[198\.18\.0\.12\] FAILED: the secrets for \/etc\/sample\/key\.pem are missing on this host\. The host was reinstalled, or somebody removed the secrets\. Nothing was changed\. Set the prop redeliver to another text and deploy again\./);
      expect(await host.must("cat /etc/sample/*")).toBe("one\n");
    });

    test.each([
      ["are cut off", base64("one")],
      ["differ from the secrets in the plan", base64("one") + base64("other")],
      ["outnumber the secrets in the plan", base64("one") + base64("two") + base64("three")],
      ["are not base64", `${base64("one")}***\n`],
      ["are empty", ""],
    ])("a delivery fails if the secrets that arrive %s", async (_, arrived) => {
      expect((await receive(shell, "first", ["one", "two"], arrived)).status).toBe(0);
      // Terraform's connection is gone by then, so the delivery says it.
      const { status, stdout } = await apply(shell, [{ ...key, path: "/etc/sample/other.pem" }, key]);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^\[198\.18\.0\.12\] FAILED: the secrets could not be stored: they did not arrive completely\. Nothing was changed\. Set the prop redeliver to another text/);
      expect((await host.exec(`ls ${STATE}/secrets`)).stdout).toBe("first.failed\n");
    });
  });

  test("apply.sh removes only files that are no longer delivered", async () => {
    await apply(shell, [a, b]);
    await host.must("echo mine >/etc/sample/deep/mine");
    expect((await apply(shell, [a])).stdout).toBe("[198.18.0.12] removing /etc/sample/deep/b.conf\n[198.18.0.12] done\n[198.18.0.12] changed: removed /etc/sample/deep/b.conf\n");
    expect(await host.must("ls /etc/sample/deep")).toBe("mine\n");
  });

  test.each([
    ["an incomplete bundle", (): object => ({ contents: "b25lCg==\n" }), (): string => "the bundle has no content for /etc/sample/deep/b.conf, because the transfer was cut off. Nothing was changed. Deploy again."],
    ["files for another system family", (): object => ({ manifest: `format 2\nos ${system.other.os}\npart sample\n` }), (): string => `the node's prop os is for the ${system.other.os.replace(/ .*/, "")} family, but this host is `],
    ["files for another release of the system", (): object => ({ manifest: `format 2\nos ${system.os.replace(/ .*/, " 7")}\npart sample\n` }), (): string => "the node's prop os is for version 7, but this host is "],
    ["an unknown package", (): object => ({ manifest: `format 2\nos ${system.os}\npart sample\npackage no-such-package\n` }), (): string => "cannot install no-such-package"],
  ])("a delivery with %s fails and changes nothing", async (_, change, complaint) => {
    await apply(shell, [a]);
    const { status, stdout } = await apply(shell, [{ ...a, content: "two\n" }, b], change());
    expect(status).toBe(1);
    expect(stdout).toContain(`[198.18.0.12] FAILED: ${complaint()}`);
    expect(await host.must("find /etc/sample -type f -exec cat {} +")).toBe("one\n");
  }, 60_000);

  test("if another program holds the package manager's lock for too long, the deploy stops and names this program", async () => {
    const { lockFile, removeAlone, install } = system.packages;
    await host.exec(removeAlone("logrotate"));
    // dpkg locks by fcntl, which flock(1) does not. A bare Debian has perl, and no python3: a struct flock for all of the file, F_WRLCK.
    const hold = `use Fcntl; my $l = pack("s s x4 q q i", 1, 0, 0, 0, 0); open(F, ">>", "${lockFile}"); fcntl(F, F_SETLK, $l) or die; sleep 60`;
    await host.must(["systemd-run", "--unit=holder", "--collect", "perl", "-e", hold]);
    try {
      const { status, stdout } = await apply(shell, [a], { manifest: `format 2\npart sample\nos ${system.os}\npackage logrotate\n`, lockLimit: 4 });
      expect(stdout).toMatch(/FAILED: cannot install logrotate: "perl",pid=\d+ has held the package manager's lock for 4 s\. Nothing was changed\. Wait until that process ends, or end it, and deploy again\./);
      expect(status).toBe(1);
    } finally {
      await host.must(`systemctl stop holder; ${install("logrotate")}`);
    }
  }, 60_000);

  test("a deploy prints rsyslogd's output for a file that rsyslogd rejects, and changes nothing", async () => {
    const bad = { path: "/etc/rsyslog.d/49-sample.conf", content: 'action(type="nonsense")\n', usedBy: "rsyslog" };
    const { status, stdout } = await apply(shell, [bad]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/nonsense[^]*\[198\.18\.0\.12\] FAILED: rsyslogd -N1 rejected the new \/etc\/rsyslog\.d\/49-sample\.conf \(output above\)\. Nothing was changed\./);
    expect((await host.exec(["ls", bad.path])).status).not.toBe(0);
  });

  test("apply.sh undoes an interrupted swap of files, both at the start of a deploy and at boot", async () => {
    await apply(shell, [a]);
    for (const again of [(): Promise<Outcome> => apply(shell, [a]), (): Promise<Outcome> => host.exec([shell, SCRIPT, "--recover"])]) {
      await host.must(`mkdir -p ${STATE}/previous/etc/sample && cp -a /etc/sample/a.conf ${STATE}/previous/etc/sample/ && echo half >/etc/sample/a.conf && echo half >/etc/sample/new.conf`);
      await host.must(`printf 'restore none /etc/sample/a.conf\\nremove none /etc/sample/new.conf\\n' >${STATE}/journal`);
      const { status, stdout } = await again();
      expect(status).toBe(0);
      expect(stdout).toMatch(/cut off; restoring the previous files/);
      expect(stdout).not.toContain("edited");
      expect(await host.must("ls /etc/sample; cat /etc/sample/a.conf")).toBe("a.conf\none\n");
    }
  });

  test("if the first delivery to a host was interrupted, apply.sh restores the host's own files when the host is removed from the stack", async () => {
    await host.must("mkdir -p /etc/sample && echo original >/etc/sample/a.conf");
    await apply(shell, [a]);
    // As if that had been cut off in the middle of the swap.
    await host.must(`rm ${STATE}/manifest ${STATE}/installed && mkdir -p ${STATE}/previous/etc/sample && cp ${STATE}/original/etc/sample/a.conf ${STATE}/previous/etc/sample/ && printf 'restore none /etc/sample/a.conf\\n' >${STATE}/journal`);
    expect(await host.must([shell, SCRIPT, "--leave", "destroy", "sample", "198.18.0.12"])).toBe(
      "[198.18.0.12] restored the previous files\n[198.18.0.12] this host has no files of this library\n",
    );
    expect(await host.must("cat /etc/sample/a.conf")).toBe("original\n");
  });

  test("apply.sh keeps a copy of a delivered file that somebody edited, and restores the original files when the host is removed from the stack", async () => {
    await host.must("mkdir -p /etc/sample && echo original >/etc/sample/a.conf");
    await apply(shell, [a, b]);
    await host.must("echo edited >/etc/sample/a.conf");
    expect((await apply(shell, [a, b])).stdout).toContain(`keeps the host's version in ${STATE}/edited/etc/sample/a.conf`);
    expect(await host.read(`${STATE}/edited/etc/sample/a.conf`)).toBe("edited\n");
    const leave = (identity: string, policy: string): Promise<Outcome> =>
      host.exec([shell, SCRIPT, "--leave", policy, identity, "198.18.0.12"]);
    expect((await leave("another", "destroy")).stdout).toContain("nothing was changed, because another resource delivers to this host now");
    expect((await leave("sample", "retain")).stdout).toContain("keeps running as it is");
    expect((await leave("sample", "destroy")).status).toBe(0);
    expect(await host.must("find /etc/sample -type f; cat /etc/sample/a.conf")).toBe("/etc/sample/a.conf\noriginal\n");
    expect((await leave("sample", "destroy")).stdout).toBe("");
  });

  describe("apply.sh and deliveries with two parts", () => {
    const unit = (name: string, start = "/bin/sleep infinity"): File => ({
      path: `/etc/systemd/system/${name}.service`,
      usedBy: "systemd",
      content: `[Service]\nExecStart=${start}\nExecReload=/bin/sh -c "echo read >>/run/${name}.reloads"\n[Install]\nWantedBy=multi-user.target\n`,
    });
    const conf = (name: string, content: string): File => ({ path: `/etc/sample/${name}.conf`, usedBy: name, content });
    const NAMES = ["sample-one", "sample-two"];
    const clean = `systemctl disable --now --quiet ${NAMES.join(" ")} 2>/dev/null; rm -f /etc/systemd/system/sample-* /run/sample-*; systemctl daemon-reload`;

    /**
     * Delivers one part for each entry of `all`. The key of an entry is both the name of the part and the name of its
     * service.
     */
    function parts(all: { readonly [part: string]: readonly File[] }, leave = "retain"): Promise<Outcome> {
      const manifest = [
        "format 2", `os ${system.os}`, `leave ${leave}`,
        ...Object.entries(all).flatMap(([part, files]) => [
          `part ${part}`, ...files.map(({ path: at, mode = "0644", usedBy = "none" }) => `file ${mode} ${usedBy} ${at}`), `service ${part}`,
        ]),
      ].map((line) => `${line}\n`).join("");
      return apply(shell, Object.values(all).flat(), { manifest });
    }
    const active = async (name: string): Promise<string> => (await host.exec(`systemctl is-active ${name}; systemctl is-enabled ${name} 2>/dev/null | grep -vx not-found`)).stdout.trim().replace("\n", " "); // "not-found": systemd 255 and later
    const reloads = async (name: string): Promise<number> => (await host.exec(`cat /run/${name}.reloads 2>/dev/null`)).stdout.split("read").length - 1;

    beforeEach(() => host.must(`${clean}; true`));
    afterAll(() => host.must(`${clean}; true`));

    const one = [unit("sample-one"), conf("sample-one", "first\n")];
    const two = [unit("sample-two"), conf("sample-two", "first\n")];

    test("several parts are delivered together, and only the service whose files changed is reloaded", async () => {
      expect((await parts({ "sample-one": one, "sample-two": two })).stdout).toMatch(/starting sample-one\n.*starting sample-two\n.*\] done\n.*\] changed: wrote [^\n]*\n$/s);
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["active enabled", "active enabled"]);
      const { stdout } = await parts({ "sample-one": one, "sample-two": [unit("sample-two"), conf("sample-two", "second\n")] });
      expect(stdout).toBe("[198.18.0.12] writing /etc/sample/sample-two.conf\n[198.18.0.12] reloading sample-two\n[198.18.0.12] done\n[198.18.0.12] changed: wrote /etc/sample/sample-two.conf\n");
      expect([await reloads("sample-one"), await reloads("sample-two")]).toEqual([0, 1]);
    });

    test("all parts are rolled back if one part fails", async () => {
      await parts({ "sample-one": one });
      const { status, stdout } = await parts({ "sample-one": [unit("sample-one"), conf("sample-one", "second\n")], "sample-two": [unit("sample-two", "/bin/false\nType=oneshot")] });
      expect(status).toBe(1);
      expect(stdout).toContain("[198.18.0.12] FAILED: sample-two did not start (output above). The previous files are restored, and the services run as before. Fix the cause and deploy again.");
      expect(await host.read("/etc/sample/sample-one.conf")).toBe("first\n");
      expect(await reloads("sample-one")).toBe(2);
      expect(await active("sample-one")).toBe("active enabled");
      expect(await host.must("ls /etc/systemd/system/sample-*")).toBe("/etc/systemd/system/sample-one.service\n");
      expect((await parts({ "sample-one": one })).stdout).toBe("[198.18.0.12] nothing to change, nothing reloaded\n");
    });

    test("if a service cannot load the restored files, the rollback prints the name of this service, and the next deploy reloads the service", async () => {
      await parts({ "sample-one": one });
      await host.must("mkdir -p /run/systemd/system/sample-one.service.d && printf '[Service]\\nExecReload=\\nExecReload=/bin/false\\n' >/run/systemd/system/sample-one.service.d/x.conf && systemctl daemon-reload");
      const { stdout } = await parts({ "sample-one": [unit("sample-one"), conf("sample-one", "second\n")] });
      await host.must("rm -rf /run/systemd/system/sample-one.service.d && systemctl daemon-reload");
      expect(stdout).toContain("FAILED: sample-one could not load the new files (output above). The previous files are restored, but these services do not run with them: sample-one.");
      expect((await parts({ "sample-one": one })).stdout).toBe("[198.18.0.12] reloading sample-one\n[198.18.0.12] done\n[198.18.0.12] changed: no files, only what is printed above\n");
    });

    test("a deploy is rolled back if no program listens on a port that a part declares", async () => {
      const manifest = ["format 2", `os ${system.os}`, "part sample-one", ...one.map(({ path: at, usedBy }) => `file 0644 ${usedBy} ${at}`), "service sample-one", "listen 9998"].map((line) => `${line}\n`).join("");
      expect((await apply(shell, one, { manifest })).stdout).toContain("FAILED: nothing listens on port 9998 20 s after sample-one was started or reloaded. The previous files are restored");
      expect(await active("sample-one")).toBe("inactive");
    }, 60_000);

    const left = "the other part runs on without a reload";
    test(`when a part is removed with the policy retain, its service keeps running, and ${left}`, async () => {
      await parts({ "sample-one": one, "sample-two": two });
      expect((await parts({ "sample-one": one })).stdout).toBe(
        "[198.18.0.12] sample-two: keeps running as it is; this library no longer manages it\n[198.18.0.12] done\n[198.18.0.12] changed: no files, only what is printed above\n",
      );
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["active enabled", "active enabled"]);
      await host.must("echo edited >/etc/sample/sample-two.conf");
      expect((await host.exec([shell, SCRIPT, "--drift"])).status).toBe(0);
      // It is still known when it comes back.
      expect((await parts({ "sample-one": one, "sample-two": two })).stdout).toContain("/etc/sample/sample-two.conf was edited or removed on the host");
      expect(await host.must(`cat ${STATE}/retained`)).toBe("");
      expect(await reloads("sample-one")).toBe(0);
    });

    test(`when a part is removed with the policy release, its service stops and its files stay, and ${left}`, async () => {
      await parts({ "sample-one": one, "sample-two": two });
      expect((await parts({ "sample-one": one }, "release")).stdout).toContain("[198.18.0.12] sample-two: stopped and disabled; its files are still here\n");
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["active enabled", "inactive disabled"]);
      expect(await host.read("/etc/sample/sample-two.conf")).toBe("first\n");
      // When the host is left for good, those files are nobody's of ours.
      expect(await host.must([shell, SCRIPT, "--leave", "destroy", "sample", "198.18.0.12"])).not.toContain("sample-two");
      expect(await host.must("ls /etc/sample")).toBe("sample-two.conf\n");
    });

    test(`when a part is removed with the policy destroy, the files from before the first deploy are restored, and ${left}`, async () => {
      // Somebody ran the second one with files of his own.
      await host.must(["sh", "-c", `cat >/etc/systemd/system/sample-two.service && mkdir -p /etc/sample && echo own >/etc/sample/sample-two.conf && chown daemon /etc/sample/sample-two.conf && systemctl daemon-reload && systemctl start sample-two`], { input: unit("sample-two", "/bin/sleep 1234567").content });
      await parts({ "sample-one": one, "sample-two": two });
      const { stdout } = await parts({ "sample-one": one }, "destroy");
      expect(stdout).toContain("[198.18.0.12] sample-two: removed; the state from before the first deploy is restored. Packages stay.\n");
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["active enabled", "active disabled"]);
      expect(await host.must("cat /etc/sample/sample-two.conf; stat -c %U /etc/sample/sample-two.conf; ls /etc/sample")).toBe("own\ndaemon\nsample-one.conf\nsample-two.conf\n");
      expect(await reloads("sample-one")).toBe(0);
      // And back: what is there now is somebody's own again.
      await parts({ "sample-one": one, "sample-two": two });
      await host.must([shell, SCRIPT, "--leave", "destroy", "sample", "198.18.0.12"]);
      expect(await host.must("cat /etc/sample/sample-two.conf; ls /etc/sample")).toBe("own\nsample-two.conf\n");
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["inactive", "active disabled"]);
    });

    test("the whole deploy is rolled back if a part cannot be stopped", async () => {
      await parts({ "sample-one": one, "sample-two": two });
      await host.must("mkdir -p /run/systemd/system/sample-two.service.d && printf '[Unit]\\nRefuseManualStop=yes\\n' >/run/systemd/system/sample-two.service.d/x.conf && systemctl daemon-reload");
      const { status, stdout } = await parts({ "sample-one": [unit("sample-one"), conf("sample-one", "second\n")] }, "release");
      await host.must("rm -rf /run/systemd/system/sample-two.service.d && systemctl daemon-reload");
      expect(status).toBe(1);
      expect(stdout).toContain("FAILED: sample-two could not be stopped. The previous files are restored, and the services run as before.");
      expect(await host.must("cat /etc/sample/*.conf")).toBe("first\nfirst\n");
      expect([await active("sample-one"), await active("sample-two")]).toEqual(["active enabled", "active enabled"]);
      // Its own unit goes with it, and so does what enabled it.
      expect((await parts({ "sample-one": one }, "destroy")).status).toBe(0);
      expect((await host.exec("systemctl is-active sample-two; find /etc/systemd /run/systemd/system -name 'sample-two*'")).stdout).toBe("inactive\n");
    });
  });

  test("a deploy waits for another deploy that is running on the same host", async () => {
    const lock = "/var/lib/cdktf-exchange-balancer/lock";
    await host.must(`mkdir -p "$(dirname ${lock})"; systemd-run --unit=holder --collect flock ${lock} sleep 6; while flock -n ${lock} true; do sleep 0.05; done`);
    const started = Date.now();
    expect((await apply(shell, [a])).status).toBe(0);
    expect(Date.now() - started).toBeGreaterThan(1500);
  });
});
