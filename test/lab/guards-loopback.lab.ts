import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ATTACK_CATALOGUE } from "../../lib/haproxy/attack-catalogue";
import { AttackPattern, KnownAttacks } from "../../lib/choices/known-attacks";
import { BridgeModel, VirtualDirectoryModel } from "../../lib/haproxy/model";
import { BRIDGE, model } from "../support/haproxy-model";
import { Balancer, certificates } from "./loopback/balancer";
import { Binary, builtBinaries, debianBinary } from "./loopback/binary";
import { say, status } from "./loopback/clients";
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

  const start = async (https: BridgeModel): Promise<void> => {
    const made = await pki;
    member = await Member.start("exch01", made.pem);
    const wanted = model(binary.version, { https, checkTiming: { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 } });
    balancer = await Balancer.start(binary, wanted, [[member, { 443: member.httpsPort }]], made);
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
});
