import { Socket, connect } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { PathStrictness } from "../../lib/choices/path-strictness";
import { MemberState } from "../../lib/choices/member-state";
import { HaproxyModel, OtherHostModel, VirtualDirectoryModel } from "../../lib/haproxy/model";
import { renderHaproxyCfg } from "../../lib/haproxy/render";
import { HAPROXY_FEATURES } from "../../lib/haproxy/versions";
import { BRIDGE, TCP, SMTP, model } from "../support/haproxy-model";
import { Balancer, certificates } from "./loopback/balancer";
import { Binary, builtBinaries, debianBinary } from "./loopback/binary";
import { Said, h2, heard, say, status, tcpSocket, tlsSocket } from "./loopback/clients";
import { Member } from "./loopback/member";
import { DEBIANS, releaseOf } from "./suites";

// What of a request reaches a member, on each HAProxy that is at hand, with the text that a host would get. Each case
// asserts the status that the client got and what stands in the member's log.

const corpus = (name: string): string[] =>
  readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));

const unescaped = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))).replace(/\\r/g, "\r").replace(/\\n/g, "\n").replace(/\\t/g, "\t");

const binaries: Promise<Binary>[] = [...DEBIANS.map(debianBinary), ...builtBinaries().map((one) => Promise.resolve(one))];
const NAMES = [...DEBIANS.map((debian) => releaseOf(debian).haproxy as string), ...builtBinaries().map(({ version }) => version)];

const folder = mkdtempSync(path.join(tmpdir(), "requests-pki-"));
const pki = certificates(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(NAMES.map((name, index) => [name, index] as const))("requests and sessions through HAProxy %s", (_, index) => {
  let binary: Binary;
  let member: Member;
  let members: Member[];
  let balancer: Balancer;
  const started: (Balancer | Member)[] = [];

  /**
   * Starts a balancer and the members of its model. `mail` has, for a member's name, a function that opens this
   * member's mail port.
   */
  const start = async (change: Partial<HaproxyModel>, mail: Readonly<Record<string, (member: Member) => Promise<number>>> = {}, ready = true): Promise<void> => {
    const made = await pki;
    // Members are judged where that is the question; else a busy machine would take them out.
    const rare = { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 };
    const wanted = model(binary.version, { ...(change.mail === undefined ? { checkTiming: rare } : { https: TCP }), ...change });
    members = await Promise.all(wanted.members.map(({ name }) => Member.start(name, made.pem)));
    member = members[0] as Member;
    const ports = await Promise.all(members.map(async (one) => [one, { 443: one.httpsPort, 25: (await mail[one.name]?.(one)) ?? 1 }] as const));
    balancer = await Balancer.start(binary, wanted, ports, made);
    started.push(balancer, ...members);
    if (ready) await balancer.until("the members are up", 10, async () => [...(await balancer.stats())].filter(([name]) => /\/exch\d/.test(name)).every(([, row]) => row["status"] === "UP"));
  };
  const stop = async (): Promise<void> => {
    for (const one of started.splice(0)) await one.stop();
  };

  beforeAll(async () => { binary = await (binaries[index] as Promise<Binary>); }, 600_000);

  /**
   * Sends requests. Returns for each request the status, and the targets and host names that reached the member. An
   * added X-Case header shows which request a target belongs to.
   */
  async function asked(requests: readonly string[], source?: string): Promise<{ status: number; arrived: string[]; hosts: string[] }[]> {
    member.arrived.splice(0);
    const ask = async (bytes: string, at: number): Promise<number> =>
      status(await say(balancer.port(443), bytes.replace("\r\n\r\n", `\r\nX-Case: ${at}\r\nConnection: close\r\n\r\n`), { quietMs: 2000, source }));
    const statuses: number[] = [];
    for (let at = 0; at < requests.length; at += 20) {
      statuses.push(...await Promise.all(requests.slice(at, at + 20).map((bytes, within) => ask(bytes, at + within))));
    }
    const values = (headers: readonly (readonly [string, string])[], wanted: string): string[] =>
      headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    return statuses.map((code, at) => {
      const arrived = member.arrived.filter(({ headers }) => values(headers, "x-case")[0] === String(at));
      return { status: code, arrived: arrived.map(({ target }) => target), hosts: arrived.flatMap(({ headers }) => values(headers, "host")) };
    });
  }

  describe.each([["strict", PathStrictness.STRICT], ["lenient", PathStrictness.LENIENT]] as const)("the path strictness %s", (_level, pathStrictness) => {
    beforeAll(() => start({ https: { ...BRIDGE, pathStrictness } }), 60_000);
    afterAll(stop);

    test("every request of the corpus gets its expected status, and Exchange gets either the path that the rules checked or no request", async () => {
      const rows = corpus("requests.txt").map((line) => {
        const [, wanted = "", target = "", bytes = ""] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
        // 1.8 has no answers of its own.
        const code = Number(wanted.endsWith("_") && binary.version === "1.8" ? 403 : wanted.replace(/[_~]/, ""));
        return { bytes: unescaped(bytes), status: code, also: wanted.endsWith("~") ? 422 : code, arrived: target === "-" ? [] : [target] };
      });
      expect(rows.length).toBeGreaterThan(100);
      const seen = await asked(rows.map(({ bytes }) => `${bytes}\r\n\r\n`));
      const wrong = rows.map((row, at) => ({ wanted: row, seen: seen[at] })).filter(({ wanted, seen: got }) =>
        got === undefined || ![wanted.status, wanted.also].includes(got.status) || JSON.stringify(wanted.arrived) !== JSON.stringify(got.arrived));
      expect(wrong).toEqual([]);
    }, 120_000);
  });

  describe("the allow lists of directories", () => {
    const closed = ["autodiscover", "ews", "powershell", "mapi", "ecp", "dir_api"];
    const directory = (name: string, where: string): VirtualDirectoryModel => ({
      name, path: where, healthPath: "/owa/healthcheck.htm", balance: "roundrobin", root: name === "owa",
      ...(closed.includes(name) ? { allow: { acl: `allow:${name}`, file: "/etc/haproxy/somebody.lst" } } : {}),
    });
    const paths = { owa: "/owa", autodiscover: "/Autodiscover", ews: "/EWS", powershell: "/PowerShell", mapi: "/mapi", ecp: "/ecp", rpc: "/rpc", oab: "/OAB", eas: "/Microsoft-Server-ActiveSync", dir_api: "/API" };
    const virtualDirectories = Object.entries(paths).map(([name, where]) => directory(name, where));
    beforeAll(() => start({ https: { ...BRIDGE, virtualDirectories } }), 60_000);
    afterAll(stop);

    test("Exchange's own URLs, including those of hybrid mode, pass for clients on the allow list, and for all clients if there is no list", async () => {
      const requests = corpus("legitimate.txt").map((line) => `${line} HTTP/1.1\r\nHost: mail.lab.test\r\nContent-Length: 0\r\n\r\n`);
      const targets = corpus("legitimate.txt").map((line) => line.split(" ")[1] ?? "");
      expect(targets.length).toBe(106);
      for (const source of ["127.0.0.8", "127.1.2.3"]) expect(await asked(requests, source)).toEqual(targets.map((target) => ({ status: 200, arrived: [target], hosts: ["mail.lab.test"] })));
      const guarded = /^[/](autodiscover|ews|powershell|mapi|ecp|api)([/?]|$)/i;
      for (const source of ["127.0.0.1", "127.0.0.9", "127.2.0.1"]) {
        expect(await asked(requests, source)).toEqual(targets.map((target) => (guarded.test(target) ? { status: 403, arrived: [], hosts: [] } : { status: 200, arrived: [target], hosts: ["mail.lab.test"] })));
      }
    }, 120_000);

    test.each(["ecp", "powershell", "ews", "autodiscover", "api", "unknown"])("no spelling of /%s bypasses its allow list, and each spelling gets its expected status", async (name) => {
      const words = { DIR: name, CAPS: name.toUpperCase(), HEX: name.charCodeAt(0).toString(16), REST: name.slice(1) };
      const spelled = corpus("spellings.txt").map((line) => unescaped(Object.entries(words).reduce((text, [word, meant]) => text.replaceAll(word, meant), line)));
      const seen = await asked(spelled.map((target) => `GET ${target} HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n`));
      const belongs = new RegExp(`^(https?://[^/]*)?/(?!owa([/?]|$))`, "i");
      const wrong = spelled.map((target, at) => ({ target, ...seen[at] })).filter(({ target, status: code, arrived = [] }) =>
        !(code === 400 || code === 403) ? !(code === 200 && arrived.length === 1 && !belongs.test(target)) : arrived.length > 0);
      expect(wrong).toEqual([]);
      // Plain spellings are what the list answers.
      const code = (target: string): number | undefined => seen[spelled.indexOf(target)]?.status;
      expect([`/${name}`, `/${name}/`, `/${name.toUpperCase()}/`, `/%${words.HEX}${words.REST}/`, `/${name}%2f`, `//${name}/`, `/owa/..%2f${name}/`].map(code)).toEqual([403, 403, 403, 403, 403, 400, 400]);
    }, 60_000);

    test("the log names the allow list that refused a request", async () => {
      balancer.log.splice(0);
      expect(status(await say(balancer.port(443), "GET /powershell/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"))).toBe(403);
      await balancer.until("it is in the log", 5, () => balancer.log.some((line) => line.includes("rule=allow-powershell ")));
    }, 20_000);
  });

  describe("a balancer with the default settings", () => {
    const ask = (head: string, more = ""): Promise<Said> => say(balancer.port(443), `${head} HTTP/1.1\r\nHost: mail.lab.test\r\n${more}\r\n`, { quietMs: 1500 });
    beforeAll(() => start({
      https: { ...BRIDGE, responseHeaders: [{ name: "Content-Security-Policy", value: "default-src 'none'" }, { name: "X-Frame-Options", value: "DENY" }], replaceResponseHeaders: [{ name: "Server", value: "-" }] },
    }), 60_000);
    afterEach(() => { member.answer = () => ({}); member.tunnelled = ""; });
    afterAll(stop);

    const upgrades = [
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
      "Connection: keep-alive, upgrade\r\nUpgrade: h2c, websocket\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
      "Upgrade: websocket\r\n",
      "Connection: upgrade\r\n",
      "",
    ];
    test.each(upgrades)("a member's answer 101 opens no tunnel for a request with the headers %j", async (headers) => {
      member.answer = () => ({ status: 101, headers: ["Connection: Upgrade", "Upgrade: websocket"], tunnel: true });
      member.arrived.splice(0);
      const socket = await tlsSocket(balancer.port(443));
      const said = heard(socket, 1500);
      socket.write(`GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n${headers}\r\n`);
      setTimeout(() => socket.destroyed || socket.write("GET /ecp/through HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"), 400);
      const { text } = await said;
      expect(text).not.toMatch(/^HTTP\/1.1 101/m);
      // HAProxy 2.6 and later refuse an h2c upgrade themselves.
      expect(text).toMatch(/^HTTP\/1.[01] (400|500|502) /);
      expect(member.tunnelled).toBe("");
      expect(member.arrived.map(({ target }) => target)).toEqual(text.includes(" 400 ") ? [] : ["/owa/"]);
      expect(member.arrived.flatMap(({ headers: arrived }) => arrived.map(([name]) => name.toLowerCase())).filter((name) => /^(upgrade|http2-settings)$/.test(name))).toEqual([]);
    }, 20_000);

    test("a CONNECT request gets no tunnel, whether its target is a path or a host", async () => {
      member.answer = () => ({ status: 200, tunnel: true });
      member.arrived.splice(0);
      for (const target of ["/owa/", "mail.lab.test:443", "*"]) expect(status(await ask(`CONNECT ${target}`))).toBe(400);
      expect(member.arrived).toEqual([]);
    }, 20_000);

    test("a connection is kept for the next request, and members do not get the client's hop-by-hop headers", async () => {
      member.arrived.splice(0);
      const socket = await tlsSocket(balancer.port(443));
      const said = heard(socket, 1500);
      const request = "GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: keep-alive, X-Forwarded-For\r\n\r\n";
      socket.write(request);
      setTimeout(() => socket.write(request), 300);
      expect((await said).text.match(/^HTTP\/1.1 200/gm)).toHaveLength(2);
      expect(member.arrived.map(({ headers }) => headers.filter(([name, value]) => name.toLowerCase() === "connection" && /forwarded/i.test(value)))).toEqual([[], []]);
      expect(member.arrived).toHaveLength(2);
    }, 20_000);

    test("a default response header is set only if Exchange does not set it, and the prop `replaceResponseHeaders` replaces Exchange's header", async () => {
      member.answer = () => ({ headers: ["Content-Security-Policy: script-src 'self'", "Server: IIS"] });
      const { text } = await ask("GET /owa/");
      expect(text.match(/^(content-security-policy|x-frame-options|server):.*$/gim)?.map((line) => line.trim().toLowerCase()).sort()).toEqual([
        "content-security-policy: script-src 'self'", "server: -", "x-frame-options: deny",
      ]);
      member.answer = () => ({});
      expect((await ask("GET /owa/")).text.toLowerCase()).toContain("content-security-policy: default-src 'none'");
    }, 20_000);

    test("header names keep the case that Outlook and Exchange know, in requests and responses", async () => {
      member.answer = () => ({ headers: ["X-ResponseCode: 0", "X-PendingPeriod: 30000", "Content-Type: application/mapi-http", "WWW-Authenticate: NTLM"] });
      member.arrived.splice(0);
      const { text } = await ask("POST /mapi/emsmdb/", "X-RequestType: Connect\r\nContent-Length: 0\r\nUser-Agent: Outlook\r\nX-ClientInfo: a\r\n");
      for (const name of ["X-ResponseCode", "X-PendingPeriod", "Content-Type", "Content-Length", "WWW-Authenticate"]) expect(text).toContain(`\r\n${name}: `);
      const names = member.arrived.flatMap(({ headers }) => headers.map(([name]) => name));
      expect(names).toEqual(expect.arrayContaining(["Host", "X-RequestType", "User-Agent", "X-ClientInfo"]));
    }, 20_000);

    test("a header of 65534 bytes arrives together with 14 kB of other headers, and a request above the limit gets 400 and is logged", async () => {
      const ticket = "N".repeat(65_534 - "Negotiate ".length);
      member.arrived.splice(0);
      const more = Array.from({ length: 7 }, (_, at) => `X-Other-${at}: ${"o".repeat(2000)}\r\n`).join("");
      expect(status(await ask("GET /owa/", `Authorization: Negotiate ${ticket}\r\n${more}`))).toBe(200);
      expect(member.arrived[0]?.headers.find(([name]) => name.toLowerCase() === "authorization")?.[1]).toHaveLength(65_534);
      balancer.log.splice(0);
      const tooLarge = HAPROXY_FEATURES[binary.version].saysTooLarge ? 431 : 400;
      expect(status(await ask("GET /owa/", `Authorization: Negotiate ${ticket}${ticket}\r\n`))).toBe(tooLarge);
      await balancer.until("it is in the log", 5, () => balancer.log.some((line) => /status=(400|431) .*end=PR.*rule=- .*uri="<BADREQ>"/.test(line)));
      expect(member.arrived).toHaveLength(1);
    }, 20_000);

    test("HAProxy 2.2 and later replace bare line feeds in a request's head, so no member receives them", async () => {
      // 1.8 sends such a line on as it came (docs/exchange.md).
      if (binary.version === "1.8") return;
      for (const [bytes, headers] of [
        ["GET /owa/ HTTP/1.1\nHost: mail.lab.test\n\n", 0],
        ["POST /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nX: a\nContent-Length: 5\r\n\r\nGET /", 2],
        ["GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nX: a\n\r\n", 1],
      ] as const) {
        member.arrived.splice(0);
        expect(status(await say(balancer.port(443), bytes, { quietMs: 1000 }))).toBe(200);
        expect(member.arrived.map(({ target, headers: arrived }) => [target, arrived.filter(([name]) => /^(x|content-length)$/i.test(name)).length])).toEqual([["/owa/", headers]]);
      }
    }, 20_000);

    test("a request body may contain any byte, whether the body has a Content-Length or is chunked", async () => {
      for (const [headers, body] of [["Content-Length: 6\r\n", "a\x00\nb\r\n"], ["Transfer-Encoding: Chunked\r\n", "6\r\na\x00\nb\r\n\r\n0\r\n\r\n"]] as const) {
        expect(status(await say(balancer.port(443), `POST /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n${headers}\r\n${body}`))).toBe(200);
      }
    }, 20_000);

    test("a request with more than a hundred headers passes", async () => {
      expect(status(await ask("GET /owa/", Array.from({ length: 150 }, (_, at) => `X-${at}: y\r\n`).join("")))).toBe(200);
    }, 20_000);

    const refusals = [["GET /owa/..%2fecp", "", "path"], ["GET /owa/%c0", "", "encoding"], ["GET /owa/", "Host: other\r\n", "host"], ["GET https://x@y/owa/", "", "url"], ["CONNECT /owa/", "", "method"], ["GET /owa/", "Content-Length: 1000000000000000\r\n", "body"], ["GET /owa/", "X: a\x0bb\r\n", "header"]] as const;
    test.each(refusals)("the log says why the request \"%s\" with the header %j was refused: rule %s", async (line, more, reason) => {
      balancer.log.splice(0);
      expect(status(await ask(line, `User-Agent: a-reader\r\n${more}`))).toBe(400);
      // HAProxy 2.6 and later refuse some of these themselves, before any rule.
      await balancer.until("it is in the log", 5, () => balancer.log.some((entry) => entry.includes(`rule=${reason} `) || entry.includes("<BADREQ>")));
      if (reason === "path" || reason === "encoding") expect(balancer.log.join("")).toMatch(new RegExp(`rule=${reason} .*host="mail.lab.test" agent="a-reader"`));
    }, 20_000);
  });

  test("the rules for requests also apply over HTTP/2", async () => {
    await start({ https: { ...BRIDGE, http2: true } });
    try {
      const fields = (change: { method?: string; scheme?: string; authority?: string; path?: string } = {}, ...more: [string, string][]): [string, string][] => [
        [":method", change.method ?? "GET"], [":scheme", change.scheme ?? "https"], [":authority", change.authority ?? "mail.lab.test"], [":path", change.path ?? "/owa/"], ...more,
      ];
      // 1.8 refuses HTTP/2's CONTINUATION, and so headers of more than one frame.
      const good = [fields(), fields({ path: "/owa/?a=b" }), fields({ authority: "mail.lab.test:443" }), fields({ path: "/owa/%d0%9f" }), ...(binary.version === "1.8" ? [] : [fields({}, ["authorization", "n".repeat(65_000)])])];
      for (const one of good) {
        member.arrived.splice(0);
        expect([await h2(balancer.port(443), one), member.arrived.map(({ target }) => target)]).toEqual([200, [one[3]?.[1]]]);
      }
      const bad = [
        ...["mail.lab.test\\ecp", "mail.lab.test/ecp", "x@mail.lab.test", "mail.lab.test,x", "mail.lab.test#", "mail.lab.test?", "", "%2e", "mail.lab.test:x", "mail.lab.test\\..\\ecp"].map((authority) => fields({ authority })),
        ...["*", "owa/", "\\owa\\", "", "//ecp/", "/owa/..%2fecp", "/owa/%c0%ae", "/owa/%e0%81%9c", "/owa/%f8%80%80%80%ae", "/owa/%EF%BC%8E", "/owa#/x", "https://mail.lab.test\\ecp/owa/"].map((where) => fields({ path: where })),
        ...["https://\\ecp/owa/?", "file", "https:\\ecp"].map((scheme) => fields({ scheme })),
        ...["GET ", ...(binary.version === "1.8" ? [] : ["GET\t"]), "G T", "GET,", "GET /ecp/"].map((method) => fields({ method })), fields({}, ["x", "a\x0bb"]), fields({}, ["content-length", "0, 5"]),
        fields({ method: "CONNECT" }), fields({}, ["host", "mail.lab.test\\ecp"]), fields({}, ["host", "other.lab.test"], ["host", "mail.lab.test"]),
        [...fields({ method: "CONNECT" }), [":protocol", "websocket"]] as [string, string][],
        [[":method", "CONNECT"], [":protocol", "websocket"], ...fields().slice(1), ["sec-websocket-version", "13"]] as [string, string][],
      ];
      const wrong = [];
      for (const one of bad) {
        member.arrived.splice(0);
        const code = await h2(balancer.port(443), one);
        const reached = member.arrived.filter(({ target, headers }) => !["/owa/", "/"].includes(target) || headers.some(([name, value]) => (name.toLowerCase() === "host" && value !== "mail.lab.test") || name.toLowerCase() === "upgrade"));
        // A stream that was refused has status 0. What HAProxy itself puts right may arrive as the plain request.
        if (reached.length > 0 || (code !== 400 && code !== 0 && code !== 200) || (code === 200 && member.arrived.length !== 1)) wrong.push({ one, code, arrived: [...member.arrived] });
      }
      expect(wrong).toEqual([]);
    } finally {
      await stop();
    }
  }, 60_000);

  test("connections that send no TLS handshake or no request are closed early, and a connection that has sent a request stays open until its idle timeout", async () => {
    const waits = { ...model(binary.version).timeouts, httpRequest: "1s", httpKeepAlive: "3s" };
    const open = async (): Promise<Said[]> => {
      const silent = heard(await tcpSocket(balancer.port(443)), 9000);
      const part = await tcpSocket(balancer.port(443));
      const half = heard(part, 9000);
      // The beginning of a ClientHello.
      part.write(Buffer.from("16030102", "hex"));
      return Promise.all([silent, half]);
    };
    await start({ timeouts: waits, https: { ...BRIDGE, clientIdleTimeout: "4s" } });
    try {
      const idle = await tlsSocket(balancer.port(443));
      const kept = heard(idle, 9000);
      idle.write("GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n");
      const [early, after] = await Promise.all([open(), heard(await tlsSocket(balancer.port(443)), 9000)]);
      // From 2.9 on a handshake has its own time; before, that of an idle connection, and a second.
      const bound = HAPROXY_FEATURES[binary.version].handshakeTimeout ? 1 : 4;
      for (const { closed, seconds } of early) {
        expect(closed).toBe(true);
        expect(seconds).toBeGreaterThan(bound - 0.5);
        expect(seconds).toBeLessThan(bound + 1.5);
      }
      expect(after.closed).toBe(true);
      expect(after.seconds).toBeLessThan(2.5);
      const { closed, seconds } = await kept;
      expect(closed).toBe(true);
      expect(seconds).toBeGreaterThan(2.5);
      expect(seconds).toBeLessThan(4.5);
    } finally {
      await stop();
    }
    await start({ timeouts: waits, https: TCP });
    try {
      for (const { closed, seconds } of await open()) {
        expect(closed).toBe(true);
        expect(seconds).toBeLessThan(2.5);
      }
      expect(status(await say(balancer.port(443), "GET /owa/ HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe(200);
      expect(member.arrived).toHaveLength(1);
    } finally {
      await stop();
    }
  }, 90_000);

  test("no client address can use all connections, and mail and HTTPS do not block each other", async () => {
    const smtp = { ...SMTP, memberMaxconn: undefined };
    const greets = { exch01: (one: Member): Promise<number> => one.mail(() => "220 exch01\r\n") };
    await start({ maxconn: 80, https: BRIDGE, mail: [smtp] }, greets);
    try {
      const held: Socket[] = [];
      const hold = async (port: number, source: string, count: number): Promise<void> => {
        // Not all are accepted, which is the point: those wait in the kernel, or are reset.
        for (let one = 0; one < count; one++) held.push(connect({ host: "127.0.0.1", port, localAddress: source }).on("error", () => undefined));
        await new Promise((resolve) => setTimeout(resolve, 700));
      };
      // HTTPS has 60 places of the 80: one address takes half of them.
      await hold(balancer.port(443), "127.0.0.9", 70);
      const current = async (name: string): Promise<number> => Number((await balancer.stats()).get(name)?.["scur"]);
      expect(await current("fe_exch2019/FRONTEND")).toBeLessThanOrEqual(31);
      expect(status(await say(balancer.port(443), "GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"))).toBe(200);
      // The whole front of HTTPS is taken: mail is served.
      for (const source of ["127.0.0.10", "127.0.0.11", "127.0.0.12"]) await hold(balancer.port(443), source, 40);
      expect(await current("fe_exch2019/FRONTEND")).toBeLessThanOrEqual(60);
      expect((await heard(await tcpSocket(balancer.port(25)), 1000)).text).toMatch(/^220/);
      for (const socket of held.splice(0)) socket.destroy();
      await balancer.until("the places are free", 5, async () => (await current("fe_exch2019/FRONTEND")) < 5);
      // The whole front of SMTP is taken: HTTPS is served.
      for (const source of ["127.0.0.10", "127.0.0.11", "127.0.0.12", "127.0.0.13"]) await hold(balancer.port(25), source, 40);
      expect(await current("fe_exch2019_smtp/FRONTEND")).toBeLessThanOrEqual(40);
      expect(status(await say(balancer.port(443), "GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"))).toBe(200);
      for (const socket of held) socket.destroy();
    } finally {
      await stop();
    }
  }, 60_000);

  describe("other hosts (not Exchange) behind the same address", () => {
    let portal: Member;
    let responder: Member;
    const other = (change: Partial<OtherHostModel>): OtherHostModel => ({ name: "portal", hostNames: ["portal.lab.test", "Intranet.lab.test"], servers: ["127.0.0.1"], port: 0, verifyName: "mail.lab.test", balance: "roundrobin", ...change });
    const begin = async (https: HaproxyModel["https"], change: Partial<OtherHostModel>): Promise<void> => {
      const made = await pki;
      [member, portal, responder] = (await Promise.all(["exch01", "portal", "acme"].map((name) => Member.start(name, made.pem)))) as [Member, Member, Member];
      const rare = { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 };
      const acme = await responder.plain();
      const listed = other({ name: "listed", hostNames: ["listed.lab.test"], port: portal.httpsPort, allow: { acl: "allow:other_listed", file: "/etc/haproxy/somebody.lst" }, ...change });
      const wanted = model(binary.version, { checkTiming: rare, https, otherHosts: [other({ port: portal.httpsPort, ...change }), listed], acme: { address: `127.0.0.1:${acme}` } });
      balancer = await Balancer.start(binary, wanted, [[member, { 443: member.httpsPort }]], made);
      started.push(balancer, member, portal, responder);
      for (const name of ["be_other_portal/portal1", "be_other_listed/listed1"]) await balancer.up(name);
    };
    const ask = async (target: string, host: string, { source, servername, more = "" }: { source?: string; servername?: string; more?: string } = {}): Promise<[number, string[], string[]]> => {
      for (const one of [member, portal]) one.arrived.splice(0);
      const said = await say(balancer.port(443), `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}X-Case: 0\r\nConnection: close\r\n\r\n`, { source, servername, quietMs: 2000 }).catch(() => ({ text: "", closed: true, seconds: 0 }));
      return [status(said), portal.arrived.map(({ target: seen }) => seen), member.arrived.map(({ target: seen }) => seen)];
    };
    const port80 = async (target: string, host = "mail.lab.test"): Promise<[number, string[]]> => {
      responder.arrived.splice(0);
      const socket = await tcpSocket(balancer.port(80));
      const said = heard(socket, 1500);
      socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-Case: 0\r\nConnection: close\r\n\r\n`);
      return [status(await said), responder.arrived.map(({ target: seen }) => seen)];
    };
    const challenge = "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA";
    afterEach(stop);

    test("with bridging, a request for another host goes to that host, and all other requests go to Exchange", async () => {
      await begin({ ...BRIDGE, responseHeaders: [{ name: "X-Frame-Options", value: "SAMEORIGIN" }] }, { caFile: "/etc/ssl/ca", healthPath: "/healthcheck.htm" });
      for (const host of ["portal.lab.test", "PORTAL.lab.test", "portal.lab.test:443", "intranet.lab.test"]) expect(await ask("/ecp/", host)).toEqual([200, ["/ecp/"], []]);
      for (const target of ["/", "/a;b/x", "/owa/", "/%2e/a", "/favicon.ico", "/powershell/"]) expect(await ask(target, "portal.lab.test")).toEqual([200, [target], []]);
      expect(await ask("/owa/", "mail.lab.test")).toEqual([200, [], ["/owa/"]]);
      for (const host of ["mail.lab.test", "portal.lab.test.", "xportal.lab.test", "portal.lab.test.mail.lab.test", "portal"]) expect((await ask("/ecp/", host)).slice(0, 2)).toEqual([403, []]);
      for (const host of ["portal.lab.test/", "portal.lab.test\\", "portal.lab.test,mail.lab.test", "portal.lab.test@mail.lab.test"]) expect(await ask("/ecp/", host)).toEqual([400, [], []]);
      expect(await ask("/ecp/", "portal.lab.test", { more: "Host: mail.lab.test\r\n" })).toEqual([400, [], []]);
      // Only Exchange's responses get Exchange's headers.
      expect((await say(balancer.port(443), "GET / HTTP/1.1\r\nHost: portal.lab.test\r\n\r\n")).text.toLowerCase()).not.toContain("x-frame-options");
      // One connection, two hosts.
      for (const one of [member, portal]) one.arrived.splice(0);
      const socket = await tlsSocket(balancer.port(443));
      const said = heard(socket, 1500);
      for (const host of ["portal.lab.test", "mail.lab.test", "portal.lab.test"]) socket.write(`GET /ecp/ HTTP/1.1\r\nHost: ${host}\r\nX-Case: 0\r\n\r\n`);
      // 1.8's own answers say HTTP/1.0.
      expect((await said).text.match(/^HTTP\/1.[01] (\d+)/gm)?.slice(0, 2).map((line) => line.slice(9))).toEqual(["200", "403"]);
      expect(member.arrived).toEqual([]);
    }, 90_000);

    test("with bridging, the allow list of an OtherHost applies only to requests for its own names", async () => {
      await begin(BRIDGE, { caFile: "/etc/ssl/ca" });
      expect(await ask("/x", "listed.lab.test", { source: "127.0.0.8" })).toEqual([200, ["/x"], []]);
      expect(await ask("/x", "listed.lab.test")).toEqual([403, [], []]);
      expect(await ask("/x", "portal.lab.test")).toEqual([200, ["/x"], []]);
      expect(await ask("/owa/", "mail.lab.test")).toEqual([200, [], ["/owa/"]]);
    }, 60_000);

    test("in TCP mode, if the TLS handshake names another host, and this host's allow list admits the client, the connection goes to this host", async () => {
      await begin(TCP, {});
      expect(await ask("/ecp/", "mail.lab.test", { servername: "portal.lab.test" })).toEqual([200, ["/ecp/"], []]);
      expect(await ask("/ecp/", "mail.lab.test", { servername: "INTRANET.lab.test" })).toEqual([200, ["/ecp/"], []]);
      expect(await ask("/ecp/", "portal.lab.test", { servername: "mail.lab.test" })).toEqual([200, [], ["/ecp/"]]);
      expect(await ask("/x", "x", { servername: "listed.lab.test", source: "127.0.0.8" })).toEqual([200, ["/x"], []]);
      expect(await ask("/x", "x", { servername: "listed.lab.test" })).toEqual([0, [], []]);
    }, 60_000);

    test.each([["bridging", BRIDGE], ["TCP mode", TCP]] as const)("with %s, an ACME challenge is answered only on port 80, and only in its usual spelling", async (_mode, https) => {
      await begin(https, https.mode === "bridge" ? { caFile: "/etc/ssl/ca" } : {});
      expect(await port80(challenge)).toEqual([200, [challenge]]);
      expect(await port80(challenge, "portal.lab.test")).toEqual([200, [challenge]]);
      expect(await port80("/owa/")).toEqual([301, []]);
      expect((await port80("/.well-known/acme-challenge/"))[1]).toEqual([]);
      for (const target of ["/.well-known/acme-challenge/../../ecp/", "/.well-known/acme-challenge/a/b", "/.well-known/acme-challenge/%2e%2e", "/%2ewell-known/acme-challenge/a", "/x/.well-known/acme-challenge/a", "/.WELL-known/acme-challenge/a"]) {
        const [code, arrived] = await port80(target);
        expect([target, code === 301 || code === 400, arrived]).toEqual([target, true, []]);
      }
      if (https.mode === "bridge") expect(await ask(challenge, "mail.lab.test")).toEqual([400, [], []]);
      expect(responder.arrived).toEqual([]);
    }, 60_000);
  });

  test.each([["bridging", BRIDGE], ["TCP mode", TCP]] as const)("with %s, requests for Exchange's download domain reach Exchange through a second virtual address", async (_mode, https) => {
    const made = await pki;
    member = await Member.start("exch01", made.pem);
    // The mail service has an address of its own, so that here, too, HTTPS listens on all addresses.
    balancer = await Balancer.start(binary, model(binary.version, { https, mail: [{ ...SMTP, name: "smtp_devices", address: "127.0.0.3", memberPort: 2526 }] }), [[member, { 443: member.httpsPort, 2526: await member.mail(() => "220 devices\r\n") }]], made);
    started.push(balancer, member);
    try {
      await balancer.up(`be_exch2019_${https.mode === "bridge" ? "owa" : "https"}/exch01`);
      const ask = async (target: string): Promise<number> =>
        status(await say(balancer.port(443), `GET ${target} HTTP/1.1\r\nHost: download.lab.test\r\nX-Case: 0\r\nConnection: close\r\n\r\n`, { host: "127.0.0.2", servername: "download.lab.test", quietMs: 2000 }));
      expect(await ask("/owa/alice@lab.test/service.svc/s/GetFileAttachment?id=a")).toBe(200);
      expect(member.arrived.map(({ target, headers }) => [target, headers.find(([name]) => name.toLowerCase() === "host")?.[1]])).toEqual([["/owa/alice@lab.test/service.svc/s/GetFileAttachment?id=a", "download.lab.test"]]);
      // What is closed is closed by every name and on every address; TCP mode reads no request.
      if (https.mode === "bridge") expect(await ask("/ecp/")).toBe(403);
      const greeted = async (host: string): Promise<string> => (await heard(await tcpSocket(balancer.port(25), undefined, host), 800)).text.trim();
      expect(await greeted("127.0.0.3")).toBe("220 devices");
      await expect(tcpSocket(balancer.port(25), undefined, "127.0.0.2")).rejects.toThrow("ECONNREFUSED");
    } finally {
      await stop();
    }
  }, 60_000);

  describe("several SMTP services", () => {
    afterAll(stop);
    const somebody = { acl: "allow:smtp_relay", file: "/etc/haproxy/somebody.lst" };
    const greeted = async (port: number, host: string, source: string): Promise<string> => (await heard(await tcpSocket(port, source, host), 1000)).text.trim();

    test("each SMTP service uses its own member port and allow list, and a service on one address leaves its port free on other addresses", async () => {
      const made = await pki;
      const mail = [
        { ...SMTP, memberMaxconn: undefined },
        { ...SMTP, name: "smtp_2525", port: 2525, memberPort: 2526, allow: { ...somebody, acl: "allow:smtp_2525" } },
        { ...SMTP, name: "smtp_relay", address: "127.0.0.2", memberPort: 2527, allow: somebody },
      ];
      const wanted = model(binary.version, { https: TCP, mail });
      member = await Member.start("exch01", made.pem);
      const ports = await Promise.all(["inbound", "submission", "relay"].map((name) => member.mail(() => `220 ${name}\r\n`)));
      balancer = await Balancer.start(binary, wanted, [[member, { 443: member.httpsPort, 25: ports[0] ?? 0, 2526: ports[1] ?? 0, 2527: ports[2] ?? 0 }]], made);
      started.push(balancer, member);
      for (const name of ["smtp", "smtp_2525", "smtp_relay"]) await balancer.up(`be_exch2019_${name}/exch01`);
      const [from25, from2525] = [balancer.port(25), balancer.port(2525)];
      expect([
        await greeted(from25, "127.0.0.1", "127.0.0.1"), await greeted(from25, "127.0.0.3", "127.0.0.8"), await greeted(from25, "127.0.0.2", "127.0.0.8"), await greeted(from25, "127.0.0.2", "127.0.0.1"),
        await greeted(from2525, "127.0.0.1", "127.0.0.8"), await greeted(from2525, "127.0.0.2", "127.1.0.1"), await greeted(from2525, "127.0.0.1", "127.0.0.9"),
      ]).toEqual(["220 inbound", "220 inbound", "220 relay", "", "220 submission", "220 submission", ""]);
    }, 60_000);
  });

  describe("health checks and sessions of mail protocols", () => {
    afterEach(stop);
    const CHECKED = 1500;
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const state = async (): Promise<string | undefined> => (await balancer.stats()).get("be_exch2019_smtp/exch01")?.["status"];

    const tooMany = [
      ["smtp", "220 exch01 ESMTP\r\n", "421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit, closing transmission channel\r\n", "221 bye\r\n"],
      ["smtp", "220 exch01 ESMTP\r\n", "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel\r\n", "221 bye\r\n"],
      ["imap", "* OK The Microsoft Exchange IMAP4 service is ready.\r\n", "* BYE Connection is closed. 10\r\n", "* BYE\r\n"],
      ["pop3", "+OK The Microsoft Exchange POP3 service is ready.\r\n", "-ERR BYE Connection refused\r\n", "+OK\r\n"],
    ] as const;
    test.each(tooMany)('a member that answers the %s check with "too many sessions" stays up', async (greeting, hello, refusal, bye) => {
      let full = false;
      await start({ mail: [{ ...SMTP, greeting }] }, { exch01: (one) => one.mail(() => (full ? refusal : hello), bye) });
      full = true;
      await wait(CHECKED);
      expect(await state()).toBe("UP");
      full = false;
      await wait(CHECKED / 2);
      expect(await state()).toBe("UP");
    }, 30_000);

    const ill = [
      ["smtp", "220 a\r\n", "421 4.3.2 Service not active\r\n"], ["smtp", "220 a\r\n", "421 4.3.2 Service not available, closing transmission channel\r\n"], ["smtp", "220 a\r\n", "554 no\r\n"], ["smtp", "220 a\r\n", ""],
      ["imap", "* OK a\r\n", "* BYE Connection is closed. 14\r\n"], ["imap", "* OK a\r\n", "* NO\r\n"], ["pop3", "+OK a\r\n", "-ERR Connection is closed. 11\r\n"],
    ] as const;
    test.each(ill)("a member goes down if its answer to the %s check changes from %j to %j", async (greeting, hello, refusal) => {
      let failing = false;
      await start({ mail: [{ ...SMTP, greeting }] }, { exch01: (one) => one.mail(() => (failing ? refusal : hello), "* BYE\r\n+OK 221\r\n221 bye\r\n".slice(greeting === "imap" ? 0 : greeting === "pop3" ? 7 : 16)) });
      failing = true;
      await balancer.until("it is down", 10, async () => (await state())?.startsWith("DOWN") === true);
    }, 30_000);

    test("a member gets no more sessions than its limit, further sessions wait, and the health check always gets a session", async () => {
      let most = 0;
      // As Exchange with MaxInboundConnectionPerSource 5.
      const greet = (sessions: number): string => {
        most = Math.max(most, sessions);
        return sessions > 5 ? "421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit, closing transmission channel\r\n" : "220 exch01\r\n";
      };
      await start({ mail: [{ ...SMTP, memberMaxconn: 4 }] }, { exch01: (one) => one.mail(greet) });
      const session = async (): Promise<string> => {
        const socket = await tcpSocket(balancer.port(25));
        const said = heard(socket, 8000);
        socket.once("data", () => setTimeout(() => socket.write("QUIT\r\n"), 300));
        return (await said).text;
      };
      const sessions = await Promise.all(Array.from({ length: 20 }, session));
      expect(sessions.filter((text) => !text.startsWith("220"))).toEqual([]);
      expect(most).toBeLessThanOrEqual(5);
      expect(await state()).toBe("UP");
    }, 30_000);

    const states = [[MemberState.READY, true], [MemberState.DRAIN, false]] as const;
    test.each(states)("when a member in the state %s goes down, HAProxy ends the member's mail sessions (true) or keeps them (false): %s", async (memberState, gone) => {
      let failing = false;
      const two = [...model(binary.version).members, { ...model(binary.version).members[0], name: "exch02" }] as HaproxyModel["members"];
      const greet = { exch01: (one: Member): Promise<number> => one.mail(() => (failing ? "" : "220 exch01\r\n")), exch02: (one: Member): Promise<number> => one.mail(() => "220 exch02\r\n") };
      await start({ members: two, mail: [SMTP] }, greet);
      // A drained member has only the sessions that it had before; here one that is given to it while its weight is above 0.
      const sockets = await Promise.all([1, 2].map(() => tcpSocket(balancer.port(25))));
      const greeted = await Promise.all(sockets.map((socket) => new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())))));
      const at = greeted.findIndex((text) => text.includes("exch01"));
      const cfg = readFileSync(balancer.file, "utf8");
      expect(/server exch01 .*on-marked-down shutdown-sessions/.test(cfg)).toBe(true);
      if (memberState === MemberState.DRAIN) {
        // The text for a drained member has no such word; that a weight of 0 alone ends nothing is HAProxy's own.
        expect(renderHaproxyCfg(model(binary.version, { members: two.map((one) => ({ ...one, state: memberState })), mail: [SMTP] }))).not.toContain("on-marked-down");
        return;
      }
      const closed = new Promise<boolean>((resolve) => {
        sockets[at]?.on("close", () => resolve(true));
        setTimeout(() => resolve(false), 5000);
      });
      failing = true;
      expect(await closed).toBe(gone);
      expect(sockets[1 - at]?.destroyed).toBe(false);
      for (const socket of sockets) socket.destroy();
    }, 30_000);

    test("all backup members serve while no regular member is up; when a regular member is up again, the sessions of backup members end immediately", async () => {
      let failing = false;
      const [first] = model(binary.version).members;
      const three = [first, { ...first, name: "exch02", backup: true }, { ...first, name: "exch03", backup: true }] as HaproxyModel["members"];
      const named = (name: string) => (one: Member): Promise<number> => one.mail(() => (failing && name === "exch01" ? "" : `220 ${name}\r\n`));
      await start({ members: three, mail: [SMTP] }, { exch01: named("exch01"), exch02: named("exch02"), exch03: named("exch03") });
      const greeted = async (): Promise<readonly [Socket, string]> => {
        const socket = await tcpSocket(balancer.port(25));
        socket.on("error", () => undefined);
        return [socket, await new Promise<string>((resolve) => { socket.once("data", (data) => resolve(data.toString().trim())); socket.once("close", () => resolve("closed")); })];
      };
      const many = async (): Promise<string[]> => {
        const all = await Promise.all(Array.from({ length: 8 }, greeted));
        for (const [socket] of all) socket.destroy();
        return [...new Set(all.map(([, text]) => text))].sort();
      };
      expect(await many()).toEqual(["220 exch01"]);
      failing = true;
      await balancer.until("exch01 is down", 10, async () => (await state())?.startsWith("DOWN") === true);
      expect(await many()).toEqual(["220 exch02", "220 exch03"]);
      const [waiting] = await greeted();
      const closed = new Promise<boolean>((resolve) => { waiting.on("close", () => resolve(true)); setTimeout(() => resolve(false), 6000); });
      failing = false;
      await balancer.until("exch01 is up", 10, async () => (await state()) === "UP");
      expect(await closed).toBe(true);
      expect(await many()).toEqual(["220 exch01"]);
    }, 60_000);
  });
});
