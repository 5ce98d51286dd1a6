import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The functions of the command exchange-balancer: the script up to the line that reads the first argument. */
const FUNCTIONS = readFileSync("lib/host/tools/exchange-balancer.sh", "utf8").split('case "${1:-}" in\n    status |')[0] ?? "";

/** Runs `exchange-balancer end exch02 MINUTES` with stubs. The tests look only at the check of MINUTES. */
function end(minutes: string): { status: number | null; said: string } {
  const stubs = "known_member() { :; }; members() { echo drained; }; end_of() { :; }; note() { :; }; systemd-run() { :; }; connections() { :; }";
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `${FUNCTIONS}\n${stubs}\nend_sessions exch02 "$1"`, "exchange-balancer", minutes], { encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
}

test.each(["1", "30", "1440"])("the command `exchange-balancer end` accepts %s as the number of minutes", (minutes) => {
  expect(end(minutes)).toEqual({ status: 0, said: expect.stringContaining(`Open connections to exch02 end in ${minutes} min.`) as string });
});

test.each(["0", "030", "1441", "10000", "99999999999999999999", "-5", "1.5", "soon", "1; reboot"])("the command `exchange-balancer end` refuses %j as the number of minutes, and prints the allowed range", (minutes) => {
  const { status, said } = end(minutes);
  expect(status).not.toBe(0);
  expect(said).toContain(`MINUTES must be a whole number from 1 to 1440, got "${minutes}"`);
});
