import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import type { Host } from "./hosts";
import { REPOSITORY } from "./paths";
import { Site } from "./site";
import { INTERFACE } from "./topology";

// The recipes of docs/operations.md, with the commands of that page. Dead nodes, lost states, drift and the plan after a failed
// deploy are in daytwo.lab.ts, `exchange-balancer` in monitoring.lab.ts, leaving and reinstalled VMs in leaving.lab.ts.

const PAGE = readFileSync(path.join(REPOSITORY, "docs/operations.md"), "utf8");
const FAST: LabSite = { failover: { profile: "fast", preemptDelaySeconds: 2 } };
const VIP = "198.18.0.15";
const OWA = `https://${VIP}/owa/`;
const BLOCKED = "198.18.0.33";
const OTHER = "198.18.0.32";

let site: Site;
let nodes: readonly Host[];

beforeAll(async () => {
  site = await Site.attach();
  nodes = site.lab.balancers;
  if ((await site.deploy(FAST)).status !== 0) {
    await site.fromBare();
    await site.mustDeploy(FAST);
  }
}, 480_000);

/**
 * Returns root's commands from a section of docs/operations.md, in order. The address and the interface in the commands
 * are replaced by the lab's.
 */
function commands(section: string): readonly string[] {
  const [, text = ""] = PAGE.split(`\n## ${section}\n`);
  const found = [...(text.split("\n## ")[0] ?? "").matchAll(/^ {4}# (.*)$/gm)].map(([, command = ""]) =>
    command.replaceAll("203.0.113.9", BLOCKED).replaceAll("ens192", INTERFACE));
  if (found.length === 0) throw new Error(`"${section}" of docs/operations.md has no commands`);
  return found;
}

const from = async (address: string, url = OWA): Promise<number> => (await site.curl(url, "--interface", address, "--max-time", "3")).status;

/** Opens an IMAP session from an address, and leaves it open and idle. */
async function held(address: string): Promise<{ readonly isOpen: () => Promise<boolean> }> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const program = `import socket, time; s = socket.socket(); s.bind(("${address}", ${port})); s.connect(("${VIP}", 143)); time.sleep(600)`;
  await site.lab.client.must(`(setsid python3 -c '${program}' >/dev/null 2>&1 </dev/null &); sleep 2`);
  return { isOpen: async () => (await site.lab.client.must(`ss -Htn state established src ${address}:${port} | wc -l`)).trim() === "1" };
}

describe("the recipe for blocking one address", () => {
  test("the documented commands block one address immediately, end this address's open connections, and block no other address", async () => {
    expect(await from(BLOCKED)).toBe(200);
    const session = await held(BLOCKED);
    const other = await held(OTHER);
    expect([await session.isOpen(), await other.isOpen()]).toEqual([true, true]);
    const [zone = "", block = "", end = "", unblock = ""] = commands("Block one address");
    expect([zone, block, end, unblock].map((command) => /^(zone=|firewall-cmd|ss -K|firewall-cmd)/.exec(command)?.[1])).toEqual(["zone=", "firewall-cmd", "ss -K", "firewall-cmd"]);
    for (const node of nodes) await node.must(`${zone}\n${block}\n${end}`);
    expect(await from(BLOCKED)).toBe(0);
    expect(await from(OTHER)).toBe(200);
    // The node's end is gone without a word that the client's firewall would let in; HAProxy has no such session any more.
    const sessions = await Promise.all(nodes.map((node) => node.must(`ss -Htn state established dst ${BLOCKED} | wc -l`)));
    expect(sessions.map((count) => count.trim())).toEqual(["0", "0"]);
    expect(await other.isOpen()).toBe(true);
    // A deploy leaves it alone, and it is no drift.
    await site.mustDeploy({ ...FAST, maxconn: 4006 });
    expect(await from(BLOCKED)).toBe(0);
    for (const node of nodes) expect((await node.exec("sh /usr/libexec/cdktf-exchange-balancer/apply.sh --drift")).status).toBe(0);
    for (const node of nodes) await node.must(`${zone}\n${unblock}`);
    expect(await from(BLOCKED)).toBe(200);
  }, 300_000);

  test("custom lines in the frontends block an address permanently, and the plan shows these lines", async () => {
    const planned = (await site.plan({ ...FAST, maxconn: 4006, shutOut: BLOCKED })).stdout;
    expect(planned).toMatch(new RegExp(`[+] "    tcp-request connection reject if [{] src ${BLOCKED.replaceAll(".", "[.]")} [}]"`));
    await site.mustDeploy({ ...FAST, maxconn: 4006, shutOut: BLOCKED });
    expect(await from(BLOCKED)).toBe(0);
    expect(await from(OTHER)).toBe(200);
  }, 240_000);
});

describe("the recipes for a new entry on an allow list and for a return to an earlier configuration", () => {
  test("a new entry on /ecp's allow list admits an address, and a deploy of the earlier code restores the earlier files", async () => {
    const ecp = `https://${VIP}/ecp/`;
    const files = (): Promise<string[]> => Promise.all(nodes.map((node) => node.must("sha256sum /etc/haproxy/*.cfg /etc/haproxy/*.lst /etc/keepalived/keepalived.conf")));
    await site.mustDeploy(FAST);
    const before = await files();
    expect(await from(OTHER, ecp)).toBe(403);
    const more: LabSite = { ...FAST, ecp: ["198.18.0.31", OTHER] };
    const planned = (await site.plan(more)).stdout;
    expect(planned.split("\n").filter((line) => /^\s+[-+] "/.test(line) && line.includes(OTHER)).length).toBe(2);
    await site.mustDeploy(more);
    expect(await from(OTHER, ecp)).toBe(200);
    await site.mustDeploy(FAST);
    expect(await from(OTHER, ecp)).toBe(403);
    expect(await files()).toEqual(before);
  }, 300_000);
});

describe("the recipe for a new member", () => {
  // exch02 under a second address is the third member: its own certificate, its own answers.
  const THIRD = "198.18.0.23";
  const exch02 = (): Host => site.lab.host("exch02");

  test("a new member's weight decides its share: 75 of 175 sessions with weight 75, and half of all sessions with the default of 100", async () => {
    await exch02().must(`ip address add ${THIRD}/24 dev ${INTERFACE}`);
    try {
      await site.mustDeploy({ ...FAST, thirdMember: THIRD, thirdWeight: 75 });
      const counts = await site.servers(175, OWA);
      expect([counts.get("exch01"), counts.get("exch02")]).toEqual([75, 100]);
      await site.mustDeploy({ ...FAST, thirdMember: THIRD });
      const { exch01, exch03 } = await shares();
      process.stdout.write(`    with the default weight, of 200 sessions: exch01 ${exch01}, exch03 ${exch03}\n`);
      expect(exch03).toBe(100);
      expect(exch01).toBe(75);
    } finally {
      await site.mustDeploy(FAST);
      await exch02().exec(`ip address del ${THIRD}/24 dev ${INTERFACE}`);
    }
  }, 400_000);

  /** Makes 200 requests to /owa. Returns how many sessions HAProxy counts for each member. */
  async function shares(): Promise<Record<string, number>> {
    const counts = async (): Promise<Map<string, number>> => new Map((await nodes[0]?.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; awk -F, '$1 == \"be_exch2019_owa\" && $2 != \"BACKEND\" { print $2, $8 }' <&3"))?.trim().split("\n").map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]) ?? []);
    const before = await counts();
    await site.servers(200, OWA);
    return Object.fromEntries([...await counts()].map(([member, count]) => [member, count - (before.get(member) ?? 0)]));
  }
});

describe("the table of logs", () => {
  test("each log is where docs/operations.md says", async () => {
    const places = [...(PAGE.split("\n## Logs\n")[1]?.split("\n## ")[0] ?? "").matchAll(/^[|] .* [|] `([^`]+)`/gm)].map(([, place = ""]) => place);
    expect(places.length).toBe(6);
    for (const place of places) {
      const said = await nodes[0]?.must(place.startsWith("/") ? `tail -n 1 ${place}` : `${place} --no-pager | tail -n 1`);
      expect([place, said?.trim()]).not.toEqual([place, ""]);
    }
  }, 60_000);
});

describe("the recipes for moving the address and for taking a member out", () => {
  test("the commands in docs/operations.md drain a member and move the address", async () => {
    const [drain = "", sessions = "", ready = ""] = commands("Take a member out, and bring it back");
    for (const node of nodes) for (const command of [drain, sessions, ready]) await node.must(command);
    const [handover = "", takeback = ""] = commands("Move the address");
    expect(await nodes[0]?.must(handover)).toContain(`The other balancer serves ${VIP}`);
    expect(await site.holders()).toEqual(["lb02"]);
    await nodes[0]?.must(takeback);
    await site.until("lb01 holds it again", 30, async () => (await site.holders()).join() === "lb01");
  }, 120_000);
});
