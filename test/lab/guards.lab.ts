import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { ExchangeSite } from "./exchange-site";
import type { Host } from "./hosts";
import type { Site } from "./site";

// Known attacks and guessed passwords on real hosts, judged by the stand-ins' own log. What needs no host is asked of more
// versions of HAProxy in guards-loopback.lab.ts; `npm run lab -- test guards` runs both.

let exchange: ExchangeSite;
let site: Site;
let lb01: Host;
let lb02: Host;
const LB = "198.18.0.11";
/** Further addresses of the client host. Only the guessers use them. */
const CROWD = Array.from({ length: 100 }, (_, at) => `198.18.0.${101 + at}`);
// A check's TLS handshake must be through within the interval. The stand-in, one process, needs more than a second for it while 200 phones
// connect at once: both members left, and the phones met a 503.
const GUARDED: LabSite = { attacks: [], guessing: { banMinutes: 5 }, monitoring: {}, maxconn: 2000, checkInterval: 5 };

interface Entry { readonly time: number; readonly health: boolean; readonly tried: string | null; readonly claimed: string | null; readonly user: string | null; readonly status: number | null; readonly forwardedFor: readonly string[]; readonly target: string }

/** The logins that reached Exchange and that Exchange refused. */
async function refused(): Promise<Entry[]> {
  return ((await exchange.log()) as unknown as Entry[]).filter(({ tried, user }) => tried !== null && user === null);
}

function guess(asked: { sources: readonly string[]; names: readonly string[]; guesses: number; threads: number; password?: string }, at = LB): Promise<Record<string, number>> {
  return site.lab.client
    .exec(["python3", "/run/guess.py", at], { input: JSON.stringify(asked), timeout: 400 })
    .then(({ stdout, stderr }) => (stdout === "" ? Promise.reject(new Error(stderr)) : (JSON.parse(stdout) as Record<string, number>)));
}

/** The highest number of entries with the same key within any minute. */
function mostInAMinute(entries: readonly Entry[], key: (entry: Entry) => string): number {
  const byKey = new Map<string, number[]>();
  for (const entry of entries) byKey.set(key(entry), [...(byKey.get(key(entry)) ?? []), entry.time]);
  return Math.max(0, ...[...byKey.values()].flatMap((times) => times.map((from) => times.filter((time) => time >= from && time < from + 60).length)));
}

const ask = async (...options: string[]): Promise<number> => (await site.curl(`https://${LB}/`, "--http1.1", ...options)).status;
const bans = async (host: Host): Promise<string> => (await host.exec(["exchange-balancer", "bans"])).stdout;
const basicLogin = async (user: string, password: string, source: string, at = LB): Promise<number> =>
  (await site.curl(`https://${at}/Microsoft-Server-ActiveSync?Cmd=Sync&User=${user}&DeviceId=a&DeviceType=b`, "--interface", source, "-X", "POST", "-u", `LAB\\${user}:${password}`)).status;

/**
 * Logs a user in by NTLM from the address `source`, and returns the status. The guard recognizes an NTLM user by user
 * name and address together.
 */
const ntlmLogin = async (user: string, source: string, at = LB): Promise<number> =>
  (await site.curl(`https://${at}/EWS/Exchange.asmx`, "--http1.1", "--interface", source, "--ntlm", "-u", `LAB\\${user}:Passw0rd!`)).status;

beforeAll(async () => {
  exchange = await ExchangeSite.attach();
  site = exchange.site;
  ({ lb01, lb02 } = site);
  await exchange.deployed(GUARDED);
  await site.lab.client.must("cat > /run/guess.py", { input: readFileSync(path.join(__dirname, "clients/guess.py")) });
  await site.lab.client.must(`for a in ${CROWD.join(" ")}; do ip address replace $a/24 dev ${site.lab.facts.interface}; done`);
}, 480_000);

afterAll(async () => {
  await site.lab.client.exec(`for a in ${CROWD.join(" ")}; do ip address del $a/24 dev ${site.lab.facts.interface}; done`);
  await exchange.heal();
}, 60_000);

describe("the rules against known attacks on real hosts", () => {
  test.each([
    ["proxyshell", ["--request-target", "/autodiscover/autodiscover.json?@evil.test/mapi/nspi/?&Email=autodiscover/autodiscover.json%3f@evil.test"]],
    ["proxynotshell", ["--request-target", "/autodiscover/autodiscover.json?a=foo@x.test/p%6fwershell"]],
    ["owassrf", ["--request-target", "/owa/mastermailbox%40outlook.com/powershell"]],
    ["proxylogon", ["--request-target", "/ecp/y.js", "-b", "X-BEResource=localhost/owa/auth/logon.aspx?~3"]],
    ["proxytoken", ["--request-target", "/ecp/alice@lab.test/RulesEditor/InboxRules.svc/NewObject", "-b", "SecurityToken=x"]],
    ["forged-header", ["--request-target", "/owa/", "-H", "X-Original-URL: /ecp/"]],
    ["unused-method", ["--request-target", "/owa/", "-X", "TRACE"]],
  ] as const)("the attack %s is refused, its reason is in the log and in the metrics, and Exchange sees nothing", async (name, options) => {
    await exchange.forget();
    expect(await ask(...options)).toBe(403);
    expect(await exchange.reached()).toEqual([]);
    await site.until("the log tells", 5, async () => (await lb01.exec(`grep -q ' rule=attack-${name} ' /var/log/haproxy.log`)).status === 0);
    const { stdout } = await site.lab.inNamespace(["curl", "-s", "--max-time", "5", `http://${LB}:9101/metrics/exchange`]);
    expect(stdout).toMatch(new RegExp(`^exchange_balancer_refused_total\\{rule="attack-${name}"\\} [1-9]`, "m"));
  }, 30_000);

  test("an ordinary request passes, and so does Autodiscover with a mailbox in its path", async () => {
    expect(await ask("--request-target", "/owa/")).toBe(200);
    expect((await site.curl(`https://${LB}/autodiscover/autodiscover.json/v1.0/alice@lab.test?Protocol=EWS`)).status).toBe(401);
  }, 30_000);

  test("a change of one prop adds an attack pattern: the plan has one new line for each node, and the pattern goes live on both nodes without a lost request", async () => {
    const pattern = { name: "cve-2027-0001", texts: ["/owa/", "frobnicate"] };
    const planned = (await site.plan({ ...GUARDED, attacks: [pattern] })).stdout;
    const added = planned.split("\n").filter((line) => /^\s+\+ .*attack-cve-2027-0001/.test(line));
    // A line for each node.
    expect(added.length).toBe(2);
    const blocked = async (at: string): Promise<boolean> => (await site.curl(`https://${at}/owa/?x=fr%6fbnicate`)).status === 403;
    expect(await blocked(LB)).toBe(false);
    let live = Infinity;
    let ended = "the apply has not ended";
    await site.underLoad(async () => {
      const began = Date.now();
      const deploy = site.deployment.apply().then((outcome) => { ended = `${((Date.now() - began) / 1000).toFixed(1)} s: status ${outcome.status} ${outcome.stderr.slice(-800)}`; return outcome; });
      while (!((await blocked("198.18.0.11")) && (await blocked("198.18.0.12")))) {
        if (Date.now() - began > 90_000) throw new Error(`not live within 90 s; ${ended}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      live = (Date.now() - began) / 1000;
      expect((await deploy).status).toBe(0);
    });
    process.stdout.write(`    the pattern was live on both nodes ${live.toFixed(1)} s after \`terraform apply\` began\n`);
    // The aim is 10 s. Two cores with a load of 27 took 55 (79 before apply.sh was compressed): Terraform 15, then each node 16 to 20, of which
    // firewalld's answers are 4 and HAProxy's reload and proof 4.
    expect(live).toBeLessThan(90);
  }, 240_000);
});

describe("the guard against guessed passwords on real hosts", () => {
  beforeEach(async () => {
    await exchange.forget();
    for (const host of [lb01, lb02]) await host.must("exchange-balancer bans | sed -n 's/^[a-z]*  *\\(.*[^ ]\\)  *\\(guesses\\|spray\\)  .*/\\1/p' | while read -r ban; do exchange-balancer unban \"$ban\" </dev/null; done");
    // What was counted in the last minute is forgotten, as by any new process.
    for (const host of [lb01, lb02]) await host.must(["systemctl", "reload", "haproxy"]);
    // Until the old processes take no connection any more: what is counted next is counted by the new ones.
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }, 60_000);

  test("during 10,000 guesses, Exchange gets at most ten guesses a minute from each address and at most ten for each user name, and 30 NTLM users and 200 phones behind one address are not refused", async () => {
    const office = site.lab.client.exec(["bash", "-c", `
      phone() { curl -sk -m 30 -o /dev/null -w 'phone %{http_code}\\n' --interface ${exchange.inside} -X POST -u "LAB\\\\$1:Passw0rd!" "https://${LB}/Microsoft-Server-ActiveSync?Cmd=Sync&User=$1&DeviceId=$2&DeviceType=x"; }
      outlook() { curl -sk -m 30 -o /dev/null -w 'outlook %{http_code}\\n' --interface ${exchange.inside} --http1.1 --ntlm -u "LAB\\\\$1:Passw0rd!" "https://${LB}/EWS/Exchange.asmx"; }
      end=$((SECONDS + 60))
      while [ $SECONDS -lt $end ]; do curl -sk -m 30 -o /dev/null -w 'stale %{http_code}\\n' --interface ${exchange.inside} -X POST -u 'LAB\\carol:old' 'https://${LB}/Microsoft-Server-ActiveSync?Cmd=Sync&User=carol&DeviceId=stale&DeviceType=x'; sleep 1; done &
      while [ $SECONDS -lt $end ]; do
        for i in $(seq 200); do phone $([ $((i % 2)) = 0 ] && echo alice || echo bob) phone$i & [ $((i % 20)) != 0 ] || wait -n; done
        for i in $(seq 30); do outlook $([ $((i % 2)) = 0 ] && echo alice || echo bob) & done
        wait $(jobs -pr | tail -n +2)
      done
      wait`], { timeout: 300 });
    const one = await guess({ sources: [CROWD[0] ?? ""], names: Array.from({ length: 200 }, (_, at) => `user${at}`), guesses: 4000, threads: 20 });
    const many = await guess({ sources: CROWD.slice(1), names: Array.from({ length: 10 }, (_, at) => `target${at}`), guesses: 6000, threads: 50 });
    const { stdout } = await office;
    const served = new Map<string, number>();
    for (const line of stdout.trim().split("\n")) served.set(line, (served.get(line) ?? 0) + 1);
    const entries = (await refused()).filter(({ forwardedFor }) => CROWD.includes(forwardedFor[0] ?? ""));
    process.stdout.write(`    one address: ${JSON.stringify(one)}; a hundred: ${JSON.stringify(many)}; reached Exchange: ${entries.length}; the office: ${JSON.stringify([...served])}\n`);
    expect(mostInAMinute(entries, ({ forwardedFor }) => forwardedFor[0] ?? "")).toBeLessThanOrEqual(10);
    expect(mostInAMinute(entries, ({ claimed }) => claimed ?? "")).toBeLessThanOrEqual(10);
    expect(entries.length).toBeGreaterThan(10);
    expect([...served.keys()].filter((line) => !line.startsWith("stale")).sort()).toEqual(["outlook 200", "phone 200"]);
    expect(served.get("phone 200")).toBeGreaterThanOrEqual(200);
    expect(served.get("outlook 200")).toBeGreaterThanOrEqual(30);
  }, 480_000);

  test("a ban is in the log and in the metrics with its reason, reaches the other node, survives a reload, and one command lifts it", async () => {
    const source = CROWD[50] ?? "";
    await guess({ sources: [source], names: ["eve1", "eve2", "eve3"], guesses: 20, threads: 1 });
    await site.until("lb02 knows", 10, async () => (await bans(lb02)).includes(source));
    expect(await bans(lb01)).toMatch(new RegExp(`^address +${source.replaceAll(".", "[.]")} +guesses +\\d+ s left$`, "m"));
    expect((await lb01.must("cat /var/log/haproxy-notice.log")).includes(`guard=ban what=address reason=guesses client=${source}`)).toBe(true);
    const { stdout } = await site.lab.inNamespace(["curl", "-s", "--max-time", "5", `http://${LB}:9101/metrics/exchange`]);
    expect(stdout).toMatch(/^exchange_balancer_bans_total\{what="address",reason="guesses"\} [1-9]/m);
    expect(stdout).toMatch(/^exchange_balancer_bans\{what="address"\} [1-9]/m);
    expect(stdout).toMatch(/^exchange_balancer_refused_total\{rule="guess-address"\} [1-9]/m);
    // The other node, as after a failover.
    expect(await ntlmLogin("carol", source, "198.18.0.12")).toBe(429);
    await lb01.must(["systemctl", "reload", "haproxy"]);
    await site.until("the new process knows", 10, async () => (await bans(lb01)).includes(source));
    expect(await ntlmLogin("carol", source)).toBe(429);
    const lifted = await lb02.exec(["exchange-balancer", "unban", source]);
    expect([lifted.status, lifted.stdout]).toEqual([0, `${source} may send passwords again. Ten wrong passwords within a minute ban it again.\n`]);
    await site.until("lb01 has heard", 10, async () => !(await bans(lb01)).includes(source));
    await site.until("and lets in", 5, async () => (await ntlmLogin("carol", source)) === 200);
    const { status, stderr } = await lb01.exec(["exchange-balancer", "unban", "x; shutdown frontend fe_exch2019"]);
    expect([status, stderr]).toEqual([1, 'exchange-balancer: there is no ban for "x; shutdown frontend fe_exch2019". To list the bans, run: exchange-balancer bans\n']);
  }, 120_000);

  test("a user name with special characters is listed and unbanned, and is never run as a command", async () => {
    const name = "eve;x y";
    for (const [at, source] of CROWD.slice(60, 72).entries()) await guess({ sources: [source], names: [name], guesses: 1, threads: 1, password: `wrong-${at}` });
    expect(await bans(lb01)).toMatch(/^name +eve;x y +guesses/m);
    expect((await lb01.exec(["exchange-balancer", "unban", name])).status).toBe(0);
    expect(await bans(lb01)).not.toContain("eve;x y");
  }, 120_000);

  test("a user who logged in from an address before its ban can still log in from this address, by Basic, by NTLM and by OWA's form", async () => {
    const source = CROWD[80] ?? "";
    const ntlm = (): Promise<number> => ntlmLogin("bob", source);
    expect([await basicLogin("bob", "Passw0rd!", source), await ntlm()]).toEqual([200, 200]);
    await guess({ sources: [source], names: ["eve1", "eve2", "eve3"], guesses: 20, threads: 1 });
    // Basic with the right password, which Exchange was never asked about.
    expect(await basicLogin("carol", "Passw0rd!", source)).toBe(429);
    expect([await basicLogin("bob", "Passw0rd!", source), await ntlm()]).toEqual([200, 200]);
    expect(await guess({ sources: [source], names: ["bob"], guesses: 2, threads: 1, password: "Passw0rd!" })).toEqual({ 200: 1, session: 1 });
  }, 60_000);
});

test("after the guard is turned off, the hosts have no file or line of the guard", async () => {
  await site.mustDeploy({});
  for (const host of [lb01, lb02]) {
    expect((await host.exec("ls /etc/haproxy | grep -c guard")).stdout.trim()).toBe("0");
    expect((await host.exec("ss -Hltn | grep -c ':8406 '")).stdout.trim()).toBe("0");
  }
  expect((await lb01.exec(["exchange-balancer", "bans"])).stderr).toBe("exchange-balancer: passwordGuessing is not set for this balancer, so it bans nobody\n");
  expect(await basicLogin("alice", "Passw0rd!", exchange.inside)).toBe(200);
}, 240_000);
