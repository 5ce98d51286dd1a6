import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The beginning of inbox.sh, up to the first file of the delivery, run in a home folder of the test's own.
const INBOX = readFileSync(join(__dirname, "../../lib/delivery/shell/inbox.sh"), "utf8").split("base64 -d")[0] ?? "";
const name = (id: string): string => `.cdktf-exchange-balancer-inbox-${id}`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Creates an inbox folder that is this many minutes old. */
function inbox(id: string, minutes: number): void {
  mkdirSync(join(home, name(id)));
  writeFileSync(join(home, name(id), "manifest"), "x");
  const then = Date.now() / 1000 - minutes * 60;
  utimesSync(join(home, name(id)), then, then);
}

const run = (): void => {
  const { status, stderr } = spawnSync("sh", ["-e", "-c", INBOX.replace("@ID@", "7")], { cwd: home, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
};

test("the delivery's folder is empty at the start, and only the ssh user can open it", () => {
  inbox("7", 5);
  run();
  expect(readdirSync(join(home, name("7")))).toEqual([]);
  expect((statSync(join(home, name("7"))).mode & 0o777).toString(8)).toBe("700");
});

test("a delivery removes other deliveries' folders that are older than an hour, and keeps newer folders", () => {
  inbox("1", 5);
  inbox("2", 50);
  inbox("3", 90);
  mkdirSync(join(home, "Documents", name("4")), { recursive: true });
  run();
  expect(readdirSync(home).sort()).toEqual([name("1"), name("2"), name("7"), "Documents"].sort());
  expect(existsSync(join(home, "Documents", name("4")))).toBe(true);
  expect(existsSync(join(home, name("1"), "manifest"))).toBe(true);
});
