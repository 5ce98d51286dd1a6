import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ATTACK_CATALOGUE } from "../../lib/haproxy/attack-catalogue";
import { AttackPattern, KnownAttacks } from "../../lib/choices/known-attacks";
import { BridgeModel, HaproxyModel, VirtualDirectoryModel } from "../../lib/haproxy/model";
import { BRIDGE, model } from "../support/haproxy-model";
import { Balancer, certificates } from "./loopback/balancer";
import { Binary, builtBinaries, debianBinary } from "./loopback/binary";
import { say, status } from "./loopback/clients";
import { KeepAlive } from "./loopback/keep-alive";
import { HELLO, HELLO_WRAPPED, Judge, basic, form, negotiate, ntlm, third, wrapped } from "./loopback/logins";
import { Member } from "./loopback/member";

// Known attacks and guessed passwords, on each HAProxy that is at hand, with the text that a host would get.

const corpus = (name: string): string[] => readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));
const bytes = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))).replaceAll("\\\\", "\\");

const binaries: Promise<Binary>[] = [...(["bullseye", "bookworm", "trixie"] as const).map(debianBinary), ...builtBinaries().map((one) => Promise.resolve(one))];
const NAMES = ["2.2", "2.6", "3.0", ...builtBinaries().map(({ version }) => version)];

const folder = mkdtempSync(path.join(tmpdir(), "guards-pki-"));
const pki = certificates(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const directory = (name: string, where: string): VirtualDirectoryModel => ({ name, path: where, healthPath: `${where}/healthcheck.htm`, balance: "roundrobin", root: name === "owa" });
/** All that Exchange has, so that no request is refused for its directory. */
const ALL: BridgeModel = {
  ...BRIDGE,
  virtualDirectories: [["owa", "/owa"], ["mapi", "/mapi"], ["ews", "/EWS"], ["ecp", "/ecp"], ["autodiscover", "/Autodiscover"], ["eas", "/Microsoft-Server-ActiveSync"], ["oab", "/OAB"], ["rpc", "/rpc"], ["powershell", "/PowerShell"]]
    .map(([name = "", where = ""]) => directory(name, where)),
};

describe.each(NAMES.map((name, index) => [name, index] as const))("HAProxy %s", (_, index) => {
  let binary: Binary;
  let member: Member;
  let balancer: Balancer;
  const started: (Balancer | Member)[] = [];

  const start = async (https: BridgeModel, change: Partial<HaproxyModel> = {}, exceptions: readonly string[] = []): Promise<void> => {
    const made = await pki;
    member = await Member.start("exch01", made.pem);
    const wanted = model(binary.version, { https, checkTiming: { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 }, ...change });
    balancer = await Balancer.start(binary, wanted, [[member, { 443: member.httpsPort }]], made, exceptions);
    started.push(balancer, member);
    await balancer.until("the member is up", 10, async () => [...(await balancer.stats())].filter(([name]) => /\/exch\d/.test(name)).every(([, row]) => row["status"] === "UP"));
  };
  const stop = async (): Promise<void> => {
    for (const one of started.splice(0)) await one.stop();
  };
  const ask = async (method: string, target: string, headers: readonly string[]): Promise<number> =>
    status(await say(balancer.port(443), bytes(`${method} ${target} HTTP/1.1\r\nHost: mail.lab.test\r\nContent-Length: 0\r\n${headers.map((header) => `${header}\r\n`).join("")}Connection: close\r\n\r\n`), { quietMs: 3000 }));
  /** The statuses of many requests, twenty at a time. */
  const all = async <T>(cases: readonly T[], one: (of: T) => Promise<number>): Promise<number[]> => {
    const statuses: number[] = [];
    for (let at = 0; at < cases.length; at += 20) statuses.push(...await Promise.all(cases.slice(at, at + 20).map(one)));
    return statuses;
  };

  beforeAll(async () => { binary = await (binaries[index] as Promise<Binary>); }, 600_000);
  afterAll(stop);

  describe("known attacks", () => {
    beforeAll(() => start({ ...ALL, attacks: KnownAttacks.catalogue()._model }), 60_000);
    afterAll(stop);

    test("each request of the corpus of attacks is refused with its reason in the log, and Exchange sees none", async () => {
      const rows = corpus("attacks.txt").map((line, at) => {
        const [head = "", ...headers] = line.split(" | ");
        const [rule = "", method = "", target = ""] = head.split(" ");
        return { rule, method, target, headers: [...headers, `User-Agent: case-${at}`], at };
      });
      expect(new Set(rows.map(({ rule }) => rule))).toEqual(new Set(ATTACK_CATALOGUE.map(({ name }) => name)));
      balancer.log.splice(0);
      member.arrived.splice(0);
      const statuses = await all(rows, ({ method, target, headers }) => ask(method, target, headers));
      await balancer.until("all is in the log", 5, () => rows.every(({ at }) => balancer.log.some((line) => line.includes(`agent="case-${at}"`))));
      const told = rows.map(({ at }) => / rule=(\S+)/.exec(balancer.log.find((line) => line.includes(`agent="case-${at}"`)) ?? "")?.[1]);
      // A URL may show signs of two attacks; the log names one of them.
      const wrong = rows.map((row, at) => ({ ...row, status: statuses[at], told: told[at] }))
        // What HAProxy's older rules refuse first (400) reaches nobody, either.
        .filter(({ status: code, told: rule }) => !(code === 403 && (rule ?? "").startsWith("attack-")) && !(code === 400 && /^(path|url|encoding|host)$/.test(rule ?? "")));
      expect(wrong).toEqual([]);
      expect(rows.filter(({ rule }, at) => told[at] === `attack-${rule}`).length / rows.length).toBeGreaterThan(0.8);
      expect(member.arrived).toEqual([]);
    }, 60_000);

    test("no legitimate URL is refused, nor what only looks like an attack", async () => {
      const rows = [...corpus("legitimate.txt"), ...corpus("like-attacks.txt")].map((line) => {
        const [head = "", ...headers] = line.split(" | ");
        const [method = "", ...target] = head.split(" ");
        return { method, target: target.join(" "), headers };
      });
      expect(rows.length).toBeGreaterThan(120);
      member.arrived.splice(0);
      const statuses = await all(rows, ({ method, target, headers }) => ask(method, target, headers));
      expect(rows.filter((_row, at) => statuses[at] !== 200)).toEqual([]);
      // The member takes a health page for a check.
      expect(member.arrived).toHaveLength(rows.filter(({ target }) => !target.endsWith("healthcheck.htm")).length);
    }, 60_000);
  });

  test("a pattern of one's own finds its texts in any encoding, and no character of it means anything else", async () => {
    // All that a text may have, in pieces: each must be found as it stands and encoded, and its like must not.
    const characters = Array.from({ length: 94 }, (_none, at) => String.fromCharCode(33 + at));
    const texts = Array.from({ length: 10 }, (_none, at) => `z${characters.slice(at * 10, at * 10 + 10).join("")}z`);
    const patterns = [...texts.map((text, at) => AttackPattern.url(`text-${at}`, [text])), AttackPattern.header("header", "X-Frob"), AttackPattern.cookie("cookie", "Frob"), AttackPattern.method("method", "PROPFIND")];
    await start({ ...ALL, attacks: KnownAttacks.only(patterns)._model });
    try {
      const encoded = (text: string): string => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
      for (const text of texts) {
        expect([text, await ask("GET", `/owa/?q=${encoded(text)}`, [])]).toEqual([text, 403]);
        expect([text, await ask("GET", `/owa/?q=${encoded(text).replaceAll("%", "%25")}`, [])]).toEqual([text, 403]);
        for (const letter of text.slice(1, -1)) expect([text, letter, await ask("GET", `/owa/?q=${encoded(text.replace(letter, "é"))}`, [])]).toEqual([text, letter, 200]);
      }
      expect(await ask("GET", "/owa/", ["x_frob: 1"])).toBe(403);
      expect(await ask("GET", "/owa/", ["X-Frobs: 1"])).toBe(200);
      expect(await ask("GET", "/owa/", ["Cookie: a=b; FROB=1"])).toBe(403);
      expect(await ask("GET", "/owa/", ["Cookie: frobs=1; a=frob"])).toBe(200);
      expect(await ask("PROPFIND", "/owa/", [])).toBe(403);
    } finally {
      await stop();
    }
  }, 120_000);

  describe("guessed passwords", () => {
    let judge: Judge;
    const people = Array.from({ length: 230 }, (_none, at) => `user${at}`);
    const guarded = async (banTime = "5m", change: Partial<HaproxyModel> = {}, exceptions: readonly string[] = []): Promise<void> => {
      await start({ ...ALL, guesses: { banTime, ...(exceptions.length > 0 ? { exceptions: "/etc/haproxy/haproxy_guard_exceptions.lst" } : {}) } }, change, exceptions);
      judge = new Judge(new Map(people.map((name) => [name, `right-${name}`])));
      member.answer = (request) => judge.answer(request);
    };
    afterEach(stop);

    /** One login in each way that Exchange knows. The last status: 200 or 302 where it was let in. */
    const ways: Readonly<Record<string, (client: KeepAlive, user: string, password: string) => Promise<number>>> = {
      form: (client, user, password) => client.ask("POST", "/owa/auth.owa", { body: form(`LAB\\${user}`, password), more: ["Content-Type: application/x-www-form-urlencoded"] }),
      basic: (client, user, password) => client.ask("POST", "/Microsoft-Server-ActiveSync?Cmd=Sync&User=x&DeviceId=y&DeviceType=z", { authorization: basic(`LAB\\${user}`, password) }),
      ntlm: async (client, user, password) => {
        await client.ask("POST", "/EWS/Exchange.asmx", { authorization: HELLO });
        return client.ask("POST", "/EWS/Exchange.asmx", { authorization: ntlm(third(user, password)) });
      },
      negotiate: async (client, user, password) => {
        await client.ask("POST", "/autodiscover/autodiscover.xml", { authorization: HELLO_WRAPPED });
        return client.ask("POST", "/autodiscover/autodiscover.xml", { authorization: negotiate(wrapped(third(`${user}@lab.test`, password))) });
      },
    };
    const WAYS = Object.keys(ways);
    const login = (way: string, client: KeepAlive, user: string, password: string): Promise<number> => ways[way]?.(client, user, password) ?? Promise.resolve(-1);
    const client = (source: string, agent = "client"): KeepAlive => new KeepAlive(balancer.port(443), source, agent);

    /** Work that is done by as many clients at a time. */
    const parallel = async (count: number, work: (at: number) => Promise<void>): Promise<void> => {
      await Promise.all(Array.from({ length: count }, (_none, at) => work(at)));
    };
    const tally = (statuses: readonly number[]): Record<number, number> => statuses.reduce<Record<number, number>>((all, status) => ({ ...all, [status]: (all[status] ?? 0) + 1 }), {});
    /** The most judged in any minute. */
    const mostInAMinute = (times: readonly number[]): number => Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));

    test("of ten thousand guesses, by all ways, from one address and from a hundred, ten a minute reach Exchange for an address or a name; nobody else is shut out", async () => {
      await guarded();
      const legit: number[] = [];
      let attacking = true;
      // 200 phones and 30 users of NTLM behind one address. One phone has not been told of the new password.
      const office = (async () => {
        await Promise.all([
          ...people.slice(0, 200).map(async (name, at) => {
            const phone = client("127.0.9.9", `phone-${name}`);
            do {
              if (at === 7) await login("basic", phone, name, "stale");
              else legit.push(await login("basic", phone, name, `right-${name}`));
              await new Promise((resolve) => setTimeout(resolve, 500 + (at % 10) * 150));
            } while (attacking);
            phone.close();
          }),
          ...people.slice(200).map(async (name, at) => {
            do {
              const outlook = client("127.0.9.9", `outlook-${name}`);
              legit.push(await login(at % 2 === 0 ? "ntlm" : "negotiate", outlook, name, `right-${name}`));
              // The same connection to the member, which is the same directory's.
              for (let more = 0; more < 5; more++) legit.push(await outlook.ask("POST", at % 2 === 0 ? "/EWS/Exchange.asmx" : "/autodiscover/autodiscover.xml"));
              outlook.close();
              await new Promise((resolve) => setTimeout(resolve, 700));
            } while (attacking);
          }),
        ]);
      })();
      let sent = 0;
      // From one address at all names; then for ten names from a hundred addresses.
      await parallel(40, async (at) => {
        const guesser = client("127.0.6.6", "guesser-one");
        for (let turn = 0; turn < 125; turn++, sent++) await login(WAYS[(at + turn) % 4] ?? "", guesser, people[(at * 125 + turn) % 230] ?? "", `guess-${at}-${turn}`);
        guesser.close();
      });
      await parallel(100, async (at) => {
        const guesser = client(`127.0.7.${at + 1}`, `guesser-${at}`);
        for (let turn = 0; turn < 50; turn++, sent++) await login(WAYS[(at + turn) % 4] ?? "", guesser, `target${turn % 10}`, `guess-${at}-${turn}`);
        guesser.close();
      });
      attacking = false;
      await office;
      expect(sent).toBe(10_000);
      const wrong = judge.judged.filter(({ right, agent }) => !right && agent.startsWith("guesser"));
      const by = (key: (one: (typeof wrong)[number]) => string): number[] => [...new Set(wrong.map(key))].map((one) => mostInAMinute(wrong.filter((other) => key(other) === one).map(({ at }) => at)));
      expect(Math.max(...by(({ agent }) => agent))).toBeLessThanOrEqual(10);
      expect(Math.max(...by(({ user }) => user))).toBeLessThanOrEqual(10);
      expect(wrong.length).toBeGreaterThanOrEqual(10);
      expect(legit.length).toBeGreaterThan(2000);
      expect(tally(legit)).toEqual({ 200: legit.length });
      // The stale phone asks Exchange once a minute.
      expect(mostInAMinute(judge.judged.filter(({ agent }) => agent === "phone-user7").map(({ at }) => at))).toBeLessThanOrEqual(2);
    }, 180_000);
  });
});
