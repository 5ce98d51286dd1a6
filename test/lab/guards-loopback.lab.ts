import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ATTACK_CATALOGUE } from "../../lib/haproxy/attack-catalogue";
import { AttackPattern, KnownAttacks } from "../../lib/choices/known-attacks";
import { BridgeModel, HaproxyModel, VirtualDirectoryModel } from "../../lib/haproxy/model";
import { toolFile } from "../../lib/host/tool-file";
import { BRIDGE, model } from "../support/haproxy-model";
import { Balancer, certificates, freePort } from "./loopback/balancer";
import { Binary, builtBinaries, debianBinary } from "./loopback/binary";
import { heard, say, status, tlsSocket } from "./loopback/clients";
import { KeepAlive } from "./loopback/keep-alive";
import { HELLO, HELLO_WRAPPED, Judge, basic, form, negotiate, ntlm, third, wrapped } from "./loopback/logins";
import { Member } from "./loopback/member";
import { DEBIANS, releaseOf } from "./suites";

// Known attacks and guessed passwords, on each HAProxy that is at hand, with the text that a host would get.

const corpus = (name: string): string[] => readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));
const bytes = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))).replaceAll("\\\\", "\\");

const binaries: Promise<Binary>[] = [...DEBIANS.map(debianBinary), ...builtBinaries().map((one) => Promise.resolve(one))];
const NAMES = [...DEBIANS.map((debian) => releaseOf(debian).haproxy as string), ...builtBinaries().map(({ version }) => version)];

const folder = mkdtempSync(path.join(tmpdir(), "guards-pki-"));
const pki = certificates(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const directory = (name: string, where: string): VirtualDirectoryModel => ({ name, path: where, healthPath: `${where}/healthcheck.htm`, balance: "roundrobin", root: name === "owa" });
/** A model with all virtual directories of Exchange, so that no request is refused because of its directory. */
const ALL: BridgeModel = {
  ...BRIDGE,
  virtualDirectories: [["owa", "/owa"], ["mapi", "/mapi"], ["ews", "/EWS"], ["ecp", "/ecp"], ["autodiscover", "/Autodiscover"], ["eas", "/Microsoft-Server-ActiveSync"], ["oab", "/OAB"], ["rpc", "/rpc"], ["powershell", "/PowerShell"]]
    .map(([name = "", where = ""]) => directory(name, where)),
};

describe.each(NAMES.map((name, index) => [name, index] as const))("HAProxy %s with the rules against attacks and the guard against guessed passwords", (_, index) => {
  let binary: Binary;
  let member: Member;
  let balancer: Balancer;
  const started: (Balancer | Member)[] = [];

  const start = async (https: BridgeModel, change: Partial<HaproxyModel> = {}, exceptions: readonly string[] = [], also: (text: string) => string = (text) => text): Promise<void> => {
    const made = await pki;
    member = await Member.start("exch01", made.pem);
    const wanted = model(binary.version, { https, checkTiming: { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 }, ...change });
    balancer = await Balancer.start(binary, wanted, [[member, { 443: member.httpsPort }]], made, { "/etc/haproxy/haproxy_guard_exceptions.lst": exceptions.map((network) => `${network}\n`).join("") }, also);
    started.push(balancer, member);
    await balancer.until("the member is up", 10, async () => [...(await balancer.stats())].filter(([name]) => /\/exch\d/.test(name)).every(([, row]) => row["status"] === "UP"));
  };
  const stop = async (): Promise<void> => {
    for (const one of started.splice(0)) await one.stop();
  };
  const ask = async (method: string, target: string, headers: readonly string[]): Promise<number> =>
    status(await say(balancer.port(443), bytes(`${method} ${target} HTTP/1.1\r\nHost: mail.lab.test\r\nContent-Length: 0\r\n${headers.map((header) => `${header}\r\n`).join("")}Connection: close\r\n\r\n`), { quietMs: 3000 }));
  /** Makes many requests, twenty at a time, and returns their statuses. */
  const all = async <T>(cases: readonly T[], one: (of: T) => Promise<number>): Promise<number[]> => {
    const statuses: number[] = [];
    for (let at = 0; at < cases.length; at += 20) statuses.push(...await Promise.all(cases.slice(at, at + 20).map(one)));
    return statuses;
  };

  beforeAll(async () => { binary = await (binaries[index] as Promise<Binary>); }, 600_000);
  afterAll(stop);

  describe("the rules against known attacks", () => {
    beforeAll(() => start({ ...ALL, attacks: KnownAttacks.catalogue()._model }), 60_000);
    afterAll(stop);

    test("each request of the attack corpus is refused with its reason in the log, and Exchange does not see it", async () => {
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

    test("no legitimate URL is refused, even if it looks like an attack", async () => {
      const rows = [...corpus("legitimate.txt"), ...corpus("like-attacks.txt")].map((line) => {
        const [head = "", ...headers] = line.split(" | ");
        const [method = "", ...target] = head.split(" ");
        return { method, target: target.join(" "), headers };
      });
      expect(rows.length).toBeGreaterThan(120);
      member.arrived.splice(0);
      const statuses = await all(rows, ({ method, target, headers }) => ask(method, target, headers));
      expect(rows.filter((_row, at) => statuses[at] !== 200)).toEqual([]);
      expect(member.arrived).toHaveLength(rows.length);
    }, 60_000);
  });

  test("a custom attack pattern finds its text in any encoding, and no character of the text has a special meaning", async () => {
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

  describe("the guard against guessed passwords", () => {
    let judge: Judge;
    const people = Array.from({ length: 230 }, (_none, at) => `user${at}`);
    const guarded = async (banTime = "5m", change: Partial<HaproxyModel> = {}, exceptions: readonly string[] = []): Promise<void> => {
      await start({ ...ALL, guesses: { banTime, ...(exceptions.length > 0 ? { exceptions: "/etc/haproxy/haproxy_guard_exceptions.lst" } : {}) } }, change, exceptions);
      judge = new Judge(new Map(people.map((name) => [name, `right-${name}`])));
      member.answer = (request) => judge.answer(request);
    };
    afterEach(stop);

    /**
     * The kinds of login that Exchange has. Each function makes one login and returns its last status: 200 or 302 if it
     * succeeded.
     */
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

    /** Runs `work` `count` times in parallel. */
    const parallel = async (count: number, work: (at: number) => Promise<void>): Promise<void> => {
      await Promise.all(Array.from({ length: count }, (_none, at) => work(at)));
    };
    const tally = (statuses: readonly number[]): Record<number, number> => statuses.reduce<Record<number, number>>((all, status) => ({ ...all, [status]: (all[status] ?? 0) + 1 }), {});
    /** Returns the largest number of the given times (in ms) that lie within any one minute. */
    const mostInAMinute = (times: readonly number[]): number => Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));

    test("during 10,000 guesses with all kinds of login, Exchange gets at most ten guesses a minute from each address and at most ten for each user name, and no user with the right password is refused", async () => {
      await guarded();
      const legit: number[] = [];
      let attacking = true;
      // Each half of the guesses takes 15 s at least: a quick machine would be done before the office has worked at all.
      const inTime = async (began: number, share: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, began + share * 15_000 - Date.now()));
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
      const first = Date.now();
      await parallel(40, async (at) => {
        const guesser = client("127.0.6.6", "guesser-one");
        for (let turn = 0; turn < 125; turn++, sent++, await inTime(first, turn / 125)) await login(WAYS[(at + turn) % 4] ?? "", guesser, people[(at * 125 + turn) % 230] ?? "", `guess-${at}-${turn}`);
        guesser.close();
      });
      const second = Date.now();
      await parallel(100, async (at) => {
        const guesser = client(`127.0.7.${at + 1}`, `guesser-${at}`);
        for (let turn = 0; turn < 50; turn++, sent++, await inTime(second, turn / 50)) await login(WAYS[(at + turn) % 4] ?? "", guesser, `target${turn % 10}`, `guess-${at}-${turn}`);
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

    /**
     * Makes 15 guesses from one address, each for a different made-up user name. Returns how many guesses reached
     * Exchange.
     */
    const exhaust = async (source: string, how = "basic"): Promise<number> => {
      const before = judge.judged.length;
      const guesser = client(source, `exhaust-${source}`);
      for (let turn = 0; turn < 15; turn++) await login(how, guesser, `nobody${source.split(".").pop()}-${turn}`, `guess-${turn}`);
      guesser.close();
      return judge.judged.length - before;
    };
    const table = (name: string): Promise<string> => balancer.command(`show table ${name}`);

    test("the guard's hash is SipHash-2-4, and the guard reads NTLM messages as their specifications say", () => {
      // Run by HAProxy's own Lua: what it says at its start is what it thinks of each line.
      const work = mkdtempSync(path.join(folder, "lua-"));
      writeFileSync(path.join(work, "guard.lua"), toolFile("guard.lua").replace("/etc/haproxy/exch.pem", path.join(folder, "none")));
      writeFileSync(path.join(work, "judge.lua"), `
        local guard = exchange_balancer_guard
        local bytes = {}
        for at = 0, 14 do bytes[at + 1] = string.char(at) end
        -- The vectors of the paper's appendix A and of its reference implementation.
        assert(guard.siphash(0x0706050403020100, 0x0f0e0d0c0b0a0908, table.concat(bytes)) == 0xa129ca6149be45e5)
        assert(guard.siphash(0x0706050403020100, 0x0f0e0d0c0b0a0908, "") == 0x726fdb47dd0e0e31)
        assert(guard.base64("TEFCXGFsaWNlOng=") == "LAB\\\\alice:x" and guard.base64("TE FCX!GFsaWNlOng") == "LAB\\\\alice:x" and guard.base64("") == "")
        assert(guard.canonical("") == nil and guard.canonical("LAB\\\\") == nil and guard.canonical("@lab.test") == nil)
        assert(guard.canonical("A\\n\\"B") == "a?\\"b" and #guard.canonical(("x"):rep(5000)) == 48)
        assert(guard.ntlm_user("NTLMSSP\\0\\1\\0\\0\\0") == nil)
        local user, problem = guard.ntlm_user("NTLMSSP\\0\\3\\0\\0\\0" .. ("\\255"):rep(100))
        assert(user == nil and problem == "unreadable")
        local name, password = guard.form_fields("a=b&username=LAB%5Calice&password=a+b%26")
        assert(name == "LAB\\\\alice" and password == "a b&")
        assert(guard.form_fields("username=a&USERNAME=b&password=c") == nil and guard.form_fields("") == nil)
      `);
      writeFileSync(path.join(work, "haproxy.cfg"), `global\n    lua-load ${path.join(work, "guard.lua")}\n    lua-load ${path.join(work, "judge.lua")}\ndefaults\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\nfrontend f\n    mode http\n    bind 127.0.0.1:1\n`);
      const [command = "", ...args] = [...binary.argv, "-c", "-f", path.join(work, "haproxy.cfg")];
      const { status: code, stderr } = spawnSync(command, args, { encoding: "utf8" });
      expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    });

    test("a user name counts as one name in every spelling that Windows accepts, for every kind of login", async () => {
      await guarded();
      const spellings = ["alice", "ALICE", "LAB\\alice", "lab.test\\Alice", "alice@lab.test", "Alice@LAB.TEST", " alice ", "alice\0x", "LAB\\ALICE@x"];
      let reached = 0;
      for (let turn = 0; turn < 3 * spellings.length; turn++) {
        // Each guess from an address of its own: the name alone tells.
        const guesser = client(`127.0.20.${turn + 1}`);
        const name = spellings[turn % spellings.length] ?? "";
        const status = turn % 3 === 0
          ? await guesser.ask("POST", "/EWS/Exchange.asmx", { authorization: basic(name, `guess-${turn}`) })
          : turn % 3 === 1
            ? await guesser.ask("POST", "/EWS/Exchange.asmx", { authorization: ntlm(third(name, `guess-${turn}`, { unicode: turn % 2 === 0 })) })
            : await guesser.ask("POST", "/owa/auth.owa", { body: form(name, `guess-${turn}`) });
        if (status !== 429) reached++;
        guesser.close();
      }
      expect(reached).toBe(10);
      await balancer.until("the log tells", 5, () => balancer.log.some((line) => line.includes("guard=ban what=name reason=guesses")));
      expect(balancer.log.filter((line) => line.includes("guard=ban what=name reason=guesses")).length).toBe(1);
      // Umlauts in UTF-8 and Latin-1, and Cyrillic, upper and lower.
      for (const [at, [one, other]] of [["M\u00dcLLER", "m\u00fcller"], ["\u0418\u0412\u0410\u041d", "\u0438\u0432\u0430\u043d"]].entries()) {
        for (let turn = 0; turn < 10; turn++) await client(`127.0.2${at + 1}.${turn + 50}`).ask("POST", "/EWS/Exchange.asmx", { authorization: basic(turn % 2 === 0 ? one ?? "" : other ?? "", `guess-${turn}`) });
        expect(await client(`127.0.2${at + 1}.99`).ask("POST", "/EWS/Exchange.asmx", { authorization: basic(other ?? "", "guess-z") })).toBe(429);
      }
      const latin = Buffer.concat([Buffer.from("LAB\\m\u00dcller:guess-y", "latin1")]).toString("base64");
      expect(await client("127.0.23.1").ask("POST", "/EWS/Exchange.asmx", { authorization: `Basic ${latin}` })).toBe(429);
    }, 60_000);

    test("the guard also counts hidden guesses: in base64 that only IIS accepts, in a second Authorization header, behind padding, or in a form that arrives in two pieces", async () => {
      await guarded();
      const from = (at: number): KeepAlive => client(`127.0.30.${at + 1}`);
      // IIS passes over what is no letter of the alphabet, and needs no padding.
      for (let turn = 0; turn < 10; turn++) await from(turn).ask("POST", "/EWS/Exchange.asmx", { authorization: basic("bob", `guess-${turn}`) });
      const plain = basic("bob", "guess-xyz").slice(6);
      for (const token of [plain.replace(/=+$/, ""), plain.replace(/(....)/g, "$1!"), `  ${plain}`]) expect([token, await from(50).ask("POST", "/EWS/Exchange.asmx", { authorization: `bAsIc ${token}` })]).toEqual([token, 429]);
      expect(await from(51).ask("POST", "/EWS/Exchange.asmx", { authorization: basic("eve", "a"), more: [`Authorization: ${basic("bob", "b")}`] })).toBe(429);
      // A decoy for another name before the one that counts.
      const decoy = Buffer.concat([third("nobody", "x"), third("bob", "guess")]);
      expect(await from(52).ask("POST", "/EWS/Exchange.asmx", { authorization: negotiate(wrapped(decoy)) })).toBe(429);
      if (!["1.8", "2.2"].includes(binary.version)) {
        for (const body of ["username=eve&username=bob&password=x", "user%6eame=bob&password=x", `pad=${"x".repeat(120_000)}&username=bob&password=x`, "password=x", "username=bob"]) {
          expect([body.slice(-40), await from(53).ask("POST", "/owa/auth.owa", { body })]).toEqual([body.slice(-40), 429]);
        }
        // In two pieces, half a second apart.
        const socket = await tlsSocket(balancer.port(443), { source: "127.0.30.99" });
        const said = heard(socket, 3000);
        const body = form("bob", "guess-pieces");
        socket.write(`POST /owa/auth.owa HTTP/1.1\r\nHost: mail.lab.test\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
        setTimeout(() => socket.write(body.slice(20)), 500);
        expect(status(await said)).toBe(429);
      }
      expect(judge.judged).toHaveLength(10);
    }, 60_000);

    test("if a page answers everybody without a login, HAProxy does not count a guessed password as correct", async () => {
      await guarded();
      const guesser = client("127.0.40.1");
      let reached = 0;
      for (let turn = 0; turn < 30; turn++) {
        const authorization = basic("user1", `guess-${turn}`);
        for (const where of ["/owa/", "/ecp/", "/EWS/healthcheck.htm", "/EWS/Exchange.asmx/../../owa/"]) await guesser.ask("GET", where, { authorization });
        if ((await guesser.ask("POST", "/EWS/Exchange.asmx", { authorization })) === 401) reached++;
      }
      expect(reached).toBeLessThanOrEqual(10);
      expect(await table("guard_proven")).not.toMatch(/gpt0=1/);
    }, 60_000);

    test("during a ban, a user who logged in within the last day can continue until the password changes", async () => {
      await guarded();
      const home = client("127.0.50.1");
      for (const way of WAYS) expect([200, 302]).toContain(await login(way, home, "user1", "right-user1"));
      expect(await exhaust("127.0.50.1")).toBe(10);
      for (let turn = 0; turn < 12; turn++) await login("basic", client(`127.0.51.${turn + 1}`), "user1", `guess-${turn}`);
      // Banned are both by now.
      expect(await login("basic", client("127.0.52.1"), "user1", "other")).toBe(429);
      for (const way of WAYS) expect([way, await login(way, home, "user1", "right-user1")]).toEqual([way, way === "form" ? 302 : 200]);
      // A password that was proven elsewhere is known everywhere; a user of NTLM is known at his address.
      expect(await login("basic", client("127.0.53.1"), "user1", "right-user1")).toBe(200);
      // Who was never here waits until the ban is over.
      expect(await login("basic", home, "user2", "right-user2")).toBe(429);
      judge.accounts.set("user1", "new");
      expect(await login("basic", home, "user1", "right-user1")).toBe(401);
      expect(await login("basic", home, "user1", "right-user1")).toBe(429);
      await balancer.until("the log tells", 5, () => balancer.log.some((line) => line.includes(" rule=guess-repeat ")));
    }, 60_000);

    test("the guard notices one password that is tried for many names from many addresses", async () => {
      await guarded();
      let reached = 0;
      for (let turn = 0; turn < 25; turn++) {
        if ((await login(turn % 2 === 0 ? "basic" : "form", client(`127.0.60.${turn + 1}`), `user${turn}`, "Winter2026!")) !== 429) reached++;
      }
      expect(reached).toBe(10);
      await balancer.until("the log tells", 5, () => balancer.log.some((line) => line.includes(" rule=guess-spray ")));
      expect(balancer.log.filter((line) => line.includes("guard=ban what=address reason=spray"))).toHaveLength(1);
      // Who has that very password logs in with it all the same, once it was taken.
      expect(await login("basic", client("127.0.61.1"), "user30", "right-user30")).toBe(200);
    }, 60_000);

    test("the guard neither counts nor refuses requests from addresses on the list of exceptions", async () => {
      await guarded("5m", {}, ["127.0.70.0/24", "192.0.2.1"]);
      expect(await exhaust("127.0.70.5")).toBe(15);
      expect(await exhaust("127.0.71.5")).toBe(10);
    }, 60_000);

    test("a ban is listed, can be lifted, ends after its time, survives a reload, and reaches the other node", async () => {
      const nodes = [{ name: "node1", address: "127.0.81.1" }, { name: "node2", address: "127.0.81.2" }];
      const port = await freePort();
      // A ban of 20 s: the product's least is a minute.
      const shared = binary.version === "1.8" ? [undefined, undefined] : nodes.map(({ name }) => ({ port, own: name, nodes }));
      await guarded("20s", { peers: shared[1] });
      const [other, itsMember] = [balancer, member];
      await guarded("20s", { peers: shared[0] });
      itsMember.answer = (request) => judge.answer(request);
      if (shared[0] !== undefined) {
        for (const one of [balancer, other]) await one.until("the nodes have met", 15, async () => /last_status=ESTA/.test(await one.command("show peers")));
      }
      expect(await exhaust("127.0.80.1")).toBe(10);
      await balancer.until("the log tells", 5, () => balancer.log.some((line) => line.includes("guard=ban what=address reason=guesses client=127.0.80.1")));
      expect(balancer.log.filter((line) => line.includes("guard=ban what=address reason=guesses client=127.0.80.1"))).toHaveLength(1);
      expect(await table("guard_addresses")).toMatch(/key=::ffff:127\.0\.80\.1 use=0 exp=\d+ (shard=0 )?gpt0=1/);
      if (shared[0] !== undefined) {
        await other.until("the other node knows", 5, async () => /127\.0\.80\.1 .*gpt0=1/.test(await other.command("show table guard_addresses")));
        expect(await login("basic", new KeepAlive(other.port(443), "127.0.80.1", "x"), "user1", "right-user1")).toBe(429);
        await balancer.reload();
        await balancer.until("the new process knows", 5, async () => /127\.0\.80\.1 .*gpt0=1/.test(await table("guard_addresses").catch(() => "")));
        expect(await login("basic", client("127.0.80.1"), "user1", "right-user1")).toBe(429);
      }
      // What `exchange-balancer unban` says to HAProxy.
      expect((await balancer.command("set table guard_addresses key ::ffff:127.0.80.1 data.gpt0 0")).trim()).toBe("");
      if (shared[0] !== undefined) await other.until("the other node has heard", 5, async () => /127\.0\.80\.1 .*gpt0=0/.test(await other.command("show table guard_addresses")));
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(await login("basic", client("127.0.80.1"), "user1", "right-user1")).toBe(200);
      // And by itself.
      expect(await exhaust("127.0.80.2", "ntlm")).toBe(10);
      expect(await login("basic", client("127.0.80.2"), "user3", "right-user3")).toBe(429);
      await new Promise((resolve) => setTimeout(resolve, 21_500));
      expect(await login("basic", client("127.0.80.2"), "user3", "right-user3")).toBe(200);
    }, 120_000);

    test("if NTLM clients share an address with a phone that has an old password, rate limits from public recipes refuse these clients, and this guard refuses none", async () => {
      // An office of thirty users of NTLM and a phone with an old password, behind one address, for ten seconds.
      const office = async (): Promise<Record<number, number>> => {
        const seen: number[] = [];
        const end = Date.now() + 10_000;
        await Promise.all([
          (async () => { while (Date.now() < end) { await login("basic", client("127.0.90.1"), "user0", "stale"); await new Promise((resolve) => setTimeout(resolve, 300)); } })(),
          ...people.slice(1, 31).map(async (name, at) => {
            await new Promise((resolve) => setTimeout(resolve, at * 50));
            while (Date.now() < end) {
              const outlook = client("127.0.90.1");
              seen.push(await login(at % 2 === 0 ? "ntlm" : "negotiate", outlook, name, `right-${name}`).catch(() => 0));
              outlook.close();
              await new Promise((resolve) => setTimeout(resolve, 500));
            }
          }),
        ]);
        return tally(seen);
      };
      const table = "stick-table type ip size 100k expire 600s store http_err_rate(60s),gpc0,gpc0_rate(60s)";
      const recipes: Readonly<Record<string, readonly string[]>> = {
        // "More than ten errors a minute": HAProxy's own counter of 4xx.
        http_err_rate: [`backend recipe\n    ${table}\n`, "http-request track-sc1 src table recipe\n    http-request deny deny_status 429 if { sc_http_err_rate(1) gt 10 }"],
        // "Five 401 in a minute, then shut": as A10's and others' guides have it.
        "five 401": [`backend recipe\n    ${table}\n`, "http-request track-sc1 src table recipe\n    http-request deny deny_status 429 if { sc_get_gpc0(1) gt 5 }\n    http-response sc-inc-gpc0(1) if { status 401 }"],
      };
      const shut: Record<string, number> = {};
      for (const [name, [backend = "", lines = ""]] of Object.entries(recipes)) {
        const before = "    # no rule refused this request\n";
        await start(ALL, {}, [], (text) => {
          expect(text).toContain(before);
          return text.replace(before, `    ${lines}\n\n${before}`) + `\n${backend}`;
        });
        judge = new Judge(new Map(people.map((user) => [user, `right-${user}`])));
        member.answer = (request) => judge.answer(request);
        const seen = await office();
        shut[name] = seen[429] ?? 0;
        measured(`${binary.name}, recipe ${name}: ${JSON.stringify(seen)}`);
        await stop();
      }
      await guarded();
      const seen = await office();
      measured(`${binary.name}, this library: ${JSON.stringify(seen)}`);
      for (const count of Object.values(shut)) expect(count).toBeGreaterThan(50);
      expect(Object.keys(seen)).toEqual(["200"]);
    }, 120_000);
  });
});

/** Prints a measured result into the output of the test run. */
function measured(text: string): void {
  process.stdout.write(`${text}\n`);
}
