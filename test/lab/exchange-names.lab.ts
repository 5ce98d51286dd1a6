import { ExchangeSite } from "./exchange-site";
import { NameServer } from "./name-server";
import { DOMAIN } from "./topology";

// Members by name, looked up by HAProxy itself at a real name server: a start without it, its return, its death.

const ADDRESSES = { exch01: "198.18.0.21", exch02: "198.18.0.22" };
/** A time in seconds that is longer than `hold valid` (10 s) plus HAProxy's retries. */
const LONGER_THAN_VALID = 14;

let exchange: ExchangeSite;
let names: NameServer;

const owa = (): Promise<{ status: number; body: string }> => exchange.site.curl(`https://${exchange.lb}/owa/`, "--max-time", "5");

/** Sends requests for some seconds. Returns the different statuses. */
async function answers(seconds: number): Promise<number[]> {
  const seen = new Set<number>();
  for (const until = Date.now() + seconds * 1000; Date.now() < until;) seen.add((await owa()).status);
  return [...seen];
}

beforeAll(async () => {
  exchange = await ExchangeSite.attach();
  names = new NameServer(exchange.site.lab.client, "198.18.0.39", DOMAIN);
  await names.serve(ADDRESSES);
  await exchange.deployed({ memberDomain: DOMAIN, nameServer: names.address });
}, 240_000);

afterAll(() => names.stop());

describe("members with a DNS name as their host", () => {
  test.each([
    ["the name server refuses connections", () => names.stop()],
    ["the name server does not answer", async () => { await names.serve(ADDRESSES); await names.mute(); }],
    ["the name server knows no name", () => names.serve({})],
  ] as const)("if %s, HAProxy starts, answers requests that need no member, and uses the members as soon as their names resolve", async (_, dead) => {
    await dead();
    const { site } = exchange;
    await site.lb01.must("systemctl restart haproxy", { timeout: 30 });
    // Longer than a look-up and its tries.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(await exchange.stand("exch01", /^MAINT/, /./)).toBe(true);
    expect(await exchange.stand("exch02", /^MAINT/, /./)).toBe(true);
    await site.lb01.must(["/usr/libexec/keepalived/haproxy-check", "8404"]);
    const [redirected, refused, unserved] = await Promise.all([
      site.curl(`http://${exchange.lb}/owa/`), site.curl(`https://${exchange.lb}/nowhere/`), owa(),
    ]);
    expect([redirected.status, refused.status, unserved.status]).toEqual([301, 403, 503]);
    await names.serve(ADDRESSES);
    await exchange.allUp(20);
    expect((await owa()).status).toBe(200);
  }, 90_000);

  test.each([
    ["refuses connections", () => names.stop()],
    ["does not answer", async () => { await names.serve(ADDRESSES); await names.mute(); }],
    ["no longer knows the names", () => names.serve({})],
  ] as const)("if the name server %s for longer than `hold valid`, clients are still served", async (_, dies) => {
    await dies();
    expect(await answers(LONGER_THAN_VALID)).toEqual([200]);
    expect(await exchange.stand("exch01", /^UP/, /./)).toBe(true);
    expect(await exchange.stand("exch02", /^UP/, /./)).toBe(true);
  }, 60_000);

  test("if a member's name gets a new address, HAProxy connects to this address", async () => {
    await names.serve({ exch01: ADDRESSES.exch02, exch02: ADDRESSES.exch02 });
    await exchange.site.until("all answers are exch02's", 40, async () => {
      const bodies = await Promise.all(Array.from({ length: 8 }, () => owa()));
      return bodies.every(({ body }) => body.includes('"server": "exch02"'));
    });
    await names.serve(ADDRESSES);
    await exchange.site.until("exch01 answers again", 40, async () => (await owa()).body.includes('"server": "exch01"'));
    await exchange.allUp();
  }, 120_000);
});
