import { mkdtempSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Publication } from "../../lib/choices/publication";
import { VirtualDirectory } from "../../lib/choices/virtual-directory";
import { borderSide, directoriesOf } from "../../lib/border/side";
import { BorderAccessModel, BridgeModel, HaproxyModel } from "../../lib/haproxy/model";
import { BRIDGE, TCP, SMTP, model } from "../support/haproxy-model";
import { corpus, spellingsOf } from "./corpus";
import { Balancer, certificates } from "./loopback/balancer";
import { Binary, debianBinary } from "./loopback/binary";
import { Said, h2, heard, say, status, tcpSocket, tlsSocket } from "./loopback/clients";
import { Member } from "./loopback/member";

// Two real HAProxies one behind the other, a border proxy and a balancer, with the text that hosts would get; on each
// HAProxy that is at hand, and old before new and new before old. What reaches Exchange, and as whose.

const unescaped = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))).replace(/\\r/g, "\r").replace(/\\n/g, "\n").replace(/\\t/g, "\t");

/** Source addresses: HYBRID stands for Microsoft 365, CLIENT for an ordinary client, and OTHER for a client on no list. */
const HYBRID = "127.0.0.20";
const CLIENT = "127.0.0.9";
const OTHER = "127.0.0.10";
const NAMES = ["mail.lab.test", "autodiscover.lab.test"];

const PUBLISH = [Publication.outlook(), Publication.mobile(), Publication.webmail(), Publication.hybrid({ networks: [HYBRID] })];

/** The virtual directories of the inner balancer: all virtual directories of Exchange. */
const INSIDE_DIRECTORIES = [
  VirtualDirectory.autodiscover(), VirtualDirectory.mapi(), VirtualDirectory.rpc(), VirtualDirectory.owa(), VirtualDirectory.activeSync(),
  VirtualDirectory.ecp(), VirtualDirectory.ews(), VirtualDirectory.oab(), VirtualDirectory.powerShell(), VirtualDirectory.of("/api"),
];
const INSIDE: BridgeModel = { ...BRIDGE, virtualDirectories: INSIDE_DIRECTORIES.map((directory) => directory._toModel(undefined)) };
const ACCESS: BorderAccessModel = { addresses: ["127.0.0.1"], httpsPort: 8443, mailPorts: { smtp: 8025 } };

const folder = mkdtempSync(path.join(tmpdir(), "border-pki-"));
const pki = certificates(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAIRS = [["bullseye", "bullseye"], ["bookworm", "bookworm"], ["trixie", "trixie"], ["bullseye", "trixie"], ["trixie", "bullseye"]] as const;

describe.each(PAIRS)("a border proxy with HAProxy of Debian %s in front of a balancer with HAProxy of Debian %s", (outside, inside) => {
  let binaries: readonly [Binary, Binary];
  let member: Member;
  let balancer: Balancer;
  let border: Balancer;
  const started: (Balancer | Member)[] = [];

  beforeAll(async () => { binaries = [await debianBinary(outside), await debianBinary(inside)]; }, 600_000);

  const stop = async (): Promise<void> => {
    for (const one of started.splice(0).reverse()) await one.stop();
  };

  interface Chain {
    readonly inside?: Partial<HaproxyModel>;
    readonly outside?: Partial<HaproxyModel>;
    readonly publish?: readonly Publication[];
    readonly lists?: Readonly<Record<string, string>>;
    readonly mail?: (member: Member) => Promise<number>;
  }

  async function start({ inside: ofInside = {}, outside: ofOutside = {}, publish = PUBLISH, lists = {}, mail }: Chain = {}): Promise<void> {
    const made = await pki;
    const rare = { interval: "60s", fastInterval: "200ms", fall: 3, rise: 2 };
    member = await Member.start("exch01", made.pem);
    started.push(member);
    const smtp = mail === undefined ? [] : [{ ...SMTP }];
    const innerModel = model(binaries[1].version, { checkTiming: rare, https: INSIDE, border: mail === undefined ? { ...ACCESS, mailPorts: {} } : ACCESS, mail: smtp, ...ofInside });
    balancer = await Balancer.start(binaries[1], innerModel, [[member, { 443: member.httpsPort, 25: (await mail?.(member)) ?? 1 }]], made, lists);
    started.push(balancer);
    const up = (one: Balancer): Promise<void> => one.until("all are up", 15, async () => [...(await one.stats())].filter(([name]) => /\/(exch|inner)\d/.test(name)).every(([, row]) => row["status"] === "UP"));
    await up(balancer);
    const { inner } = borderSide(publish, NAMES, { httpsPort: 8443, proxyProtocol: true, mailPorts: { smtp: 8025 } }, [], []);
    const bridge: BridgeModel = { ...BRIDGE, virtualDirectories: directoriesOf(publish).map((directory) => ({ ...directory._toModel(undefined), root: false })) };
    const ownModel = model(binaries[0].version, {
      checkTiming: rare, https: bridge, inner, mail: smtp.map((one) => ({ ...one, memberPort: 8025, memberMaxconn: undefined })),
      members: [{ name: "inner1", host: "127.0.0.1", weight: 100, state: "ready", verifyName: "mail.lab.test" }], ...ofOutside,
    });
    border = await Balancer.start(binaries[0], ownModel, [[{ name: "inner1" }, { 8443: balancer.port(8443), 8025: balancer.port(8025) }]], made, { "haproxy_hybrid_whitelist.lst": `${HYBRID}\n`, ...lists });
    started.push(border);
    await up(border);
  }

  const ask = (bytes: string, source = CLIENT): Promise<Said> => say(border.port(443), `${bytes}\r\n\r\n`, { source, quietMs: 2000 });
  const get = (target: string, source = CLIENT, more = ""): Promise<Said> => ask(`GET ${target} HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: close${more}`, source);

  describe("a border proxy with SSL bridging", () => {
    beforeAll(() => start(), 60_000);
    afterAll(stop);
    beforeEach(() => { member.arrived.splice(0); balancer.log.splice(0); border.log.splice(0); });

    test("published requests reach Exchange, and other requests get 404", async () => {
      const wanted = [
        ["/owa/", CLIENT, 200], ["/OWA/auth/logon.aspx", CLIENT, 200], ["/mapi/emsmdb", CLIENT, 200], ["/Microsoft-Server-ActiveSync", CLIENT, 200], ["/rpc/rpcproxy.dll?x:6001", CLIENT, 200],
        ["/EWS/Exchange.asmx", CLIENT, 200], ["/oab/a/oab.xml", CLIENT, 200], ["/Autodiscover/Autodiscover.xml", CLIENT, 200],
        ["/ews/mrsproxy.svc", CLIENT, 404], ["/EWS/MRSProxy.svc", CLIENT, 404], ["/EWS/mrsproxy%2esvc", CLIENT, 404], ["/ews/%6drsproxy.svc/x", CLIENT, 404], ["/api/v2.0/me", CLIENT, 404],
        ["/ews/mrsproxy.svc", HYBRID, 200], ["/EWS/%4DRSProxy.svc", HYBRID, 200], ["/api/v2.0/me", HYBRID, 200],
        ["/ecp/", CLIENT, 404], ["/ecp/", HYBRID, 404], ["/PowerShell/", CLIENT, 404], ["/%65cp/", CLIENT, 404], ["/", CLIENT, 404], ["/x", CLIENT, 404], ["/aspnet_client/", CLIENT, 404], ["/favicon.ico", CLIENT, 404],
      ] as const;
      const seen = [];
      for (const [target, source] of wanted) seen.push([target, source, status(await get(target, source))]);
      expect(seen).toEqual(wanted.map((row) => [...row]));
      expect(member.arrived.map(({ target }) => target)).toEqual(wanted.filter(([, , code]) => code === 200).map(([target]) => target));
    }, 60_000);

    test("a request for an unpublished name gets 404, in any spelling, over TLS and on port 80", async () => {
      for (const host of ["exch01.lab.test", "198.51.100.7", "[2001:db8::15]:443", "lab.test", "mail.lab.test.evil.test", "mail", "localhost"]) {
        expect([host, status(await ask(`GET /owa/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close`))]).toEqual([host, 404]);
        const plain = await heardOf(border.port(80), `GET /owa/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect([host, status(plain)]).toEqual([host, 404]);
      }
      expect(status(await ask("GET https://exch01.lab.test/owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: close"))).not.toBe(200);
      expect(member.arrived).toEqual([]);
      for (const host of ["mail.lab.test", "AUTODISCOVER.lab.test", "mail.lab.test:443"]) {
        expect([host, status(await ask(`GET /owa/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close`))]).toEqual([host, 200]);
      }
      expect((await heardOf(border.port(80), "GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: close\r\n\r\n")).text).toMatch(/ 301 .*location: https:\/\/mail.lab.test\/owa\//is);
    }, 60_000);

    // But to what is no HTTP at all: HAProxy's answer to that cannot be chosen.
    test("the border proxy's own answers are empty, and do not show which software wrote them", async () => {
      const said = await Promise.all([get("/"), get("/ecp/"), get("/owa/..%2fecp"), get("/favicon.ico"), ask("GET /owa/ HTTP/1.1\r\nHost: x")]);
      for (const { text } of said) {
        expect(text).toMatch(/^HTTP\/1\.[01] 40[04] /);
        expect(text.toLowerCase()).not.toMatch(/<html|haproxy|administrative|rules|invalid request|x-/);
        expect(text.split("\r\n\r\n")[1] ?? "").toBe("");
      }
    }, 30_000);

    test("the balancer's log and X-Forwarded-For have the client's address, and no header from a client can change this address", async () => {
      const forged = ["X-Forwarded-For", "x_forwarded_for", "X-Forwarded_For", "X_Forwarded-For", "Forwarded", "X-Real-IP", "x_real_ip", "X-Real_IP", "X-Forwarded-Host", "X-Forwarded-Proto", "X_FORWARDED_PORT", "X-ForwArded-FOR"];
      await get("/owa/", CLIENT, `\r\nUser-Agent: forger\r\n${forged.map((name) => `${name}: forged.example`).join("\r\n")}`);
      const [request] = member.arrived;
      expect(request?.headers.filter(([, value]) => value.includes("forged"))).toEqual([]);
      expect(request?.headers.filter(([name]) => /forwarded.for/i.test(name)).map(([, value]) => value)).toEqual([CLIENT]);
      for (const one of [balancer, border]) await one.until("it is in the log", 5, () => one.log.some((line) => line.includes("forger")));
      expect(balancer.log.filter((line) => line.includes("forger")).join()).toContain(`client=${CLIENT}:`);
      expect(border.log.filter((line) => line.includes("forger")).join()).toContain(`client=${CLIENT}:`);
    }, 30_000);

    test("a balancer accepts a PROXY header only from the border proxy's address, and only on the port that is reserved for border proxies", async () => {
      const v1 = `PROXY TCP4 192.0.2.77 192.0.2.1 4711 443\r\n`;
      const v2 = Buffer.concat([Buffer.from("0d0a0d0a000d0a515549540a2111000cc000024dc0000201126701bb", "hex")]).toString("latin1");
      for (const header of [v1, v2]) {
        for (const [port, source] of [[balancer.port(443), CLIENT], [balancer.port(443), "127.0.0.1"], [border.port(443), CLIENT], [balancer.port(8443), CLIENT]] as const) {
          const { text, closed } = await plainly(port, header, source);
          expect([port, source, text, closed]).toEqual([port, source, "", true]);
        }
      }
      // Without one it is refused, too: the border proxy itself speaks it always.
      expect(await plainly(balancer.port(8443), "GET / HTTP/1.0\r\n\r\n", "127.0.0.1")).toMatchObject({ text: "", closed: true });
      // And what the border proxy sends is believed, which shows that the test can tell.
      const socket = await tcpSocket(balancer.port(8443), "127.0.0.1");
      const said = heard(socket, 1000);
      socket.write(Buffer.from(v2, "latin1"));
      expect((await said).closed).toBe(false);
      expect(member.arrived).toEqual([]);
    }, 60_000);

    test("no request of the attack corpus reaches Exchange if the balancer would refuse it or if its path is not published", async () => {
      const rows = corpus("requests.txt").map((line) => {
        const [, wanted = "", target = "", bytes = ""] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
        return { code: Number(wanted.replace(/[_~]/, "")), target, bytes: unescaped(bytes) };
      });
      const wrong = [];
      for (let at = 0; at < rows.length; at += 16) {
        const part = rows.slice(at, at + 16);
        const codes = await Promise.all(part.map(({ bytes }, within) => ask(`${bytes}\r\nX-Case: ${at + within}\r\nConnection: close`).then(status)));
        for (const [within, row] of part.entries()) {
          const arrived = member.arrived.filter(({ headers }) => headers.some(([name, value]) => name.toLowerCase() === "x-case" && value === String(at + within))).map(({ target }) => target);
          const code = codes[within];
          const gone = [400, 404, 422].includes(code ?? 0) && arrived.length === 0;
          const served = code === row.code && arrived.join() === row.target && /^[/](owa|mapi|ews|oab|rpc|autodiscover|microsoft)/i.test(row.target);
          if (!(row.target === "-" ? (gone || (code === row.code && arrived.length === 0)) : gone || served)) wrong.push({ row, code, arrived });
        }
      }
      expect(wrong).toEqual([]);
      expect(member.arrived.length).toBeGreaterThan(10);
    }, 120_000);

    test("no spelling of /ecp, /powershell or /aspnet_client gets through the border proxy", async () => {
      for (const directory of ["ecp", "powershell", "aspnet_client"]) {
        const targets = spellingsOf(directory);
        const codes: number[] = [];
        for (let at = 0; at < targets.length; at += 16) codes.push(...await Promise.all(targets.slice(at, at + 16).map((target) => ask(`${target === "*" ? "OPTIONS" : "GET"} ${target} HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: close`).then(status))));
        // What follows a question mark is OWA's own query, and OPTIONS * HAProxy answers itself.
        expect(targets.filter((target, at) => ![400, 404].includes(codes[at] ?? 0) && !target.includes("/owa/?/")).map((target) => [target, codes[targets.indexOf(target)]])).toEqual([]);
        expect(member.arrived.map(({ target }) => target).filter((target) => !target.startsWith("/owa/?/"))).toEqual([]);
      }
    }, 120_000);

    test("requests of Exchange's usual client programs to published paths reach Exchange, and so do hybrid requests from Microsoft 365's networks", async () => {
      const rows = [
        ...corpus("legitimate.txt").map((line) => [line, /mrsproxy/i.test(line) ? HYBRID : CLIENT] as const).filter(([line]) => !/ \/(ecp.*|powershell.*)?$/i.test(line.split("?")[0] ?? "") && !/ [/](ecp|powershell|api)\b/i.test(line)),
        ...corpus("hybrid.txt").map((line) => [line, HYBRID] as const),
      ];
      expect(rows.length).toBeGreaterThan(80);
      const wrong = [];
      for (const [line, source] of rows) {
        member.arrived.splice(0);
        const [method = "", target = ""] = line.split(" ");
        const code = status(await ask(`${method} ${target} HTTP/1.1\r\nHost: mail.lab.test\r\nContent-Length: 0\r\nConnection: close`, source));
        if (code !== 200 || member.arrived.map((one) => one.target).join() !== target) wrong.push({ line, code, arrived: member.arrived.map((one) => one.target) });
      }
      expect(wrong).toEqual([]);
    }, 120_000);
  });

  test("the rules for requests also apply over HTTP/2", async () => {
    await start({ outside: { https: { ...BRIDGE, http2: true, virtualDirectories: directoriesOf(PUBLISH).map((directory) => ({ ...directory._toModel(undefined), root: false })) } } });
    try {
      const fields = (where: string, authority = "mail.lab.test"): [string, string][] => [[":method", "GET"], [":scheme", "https"], [":authority", authority], [":path", where], ["x-forwarded-for", "192.0.2.66"]];
      expect(await h2(border.port(443), fields("/owa/"))).toBe(200);
      expect(member.arrived.map(({ target, headers }) => [target, headers.filter(([name]) => /forwarded-for/i.test(name)).map(([, value]) => value)])).toEqual([["/owa/", ["127.0.0.1"]]]);
      member.arrived.splice(0);
      for (const one of [fields("/ecp/"), fields("/"), fields("/ews/mrsproxy.svc"), fields("/%65cp/"), fields("/owa/", "exch01.lab.test")]) expect([one[3]?.[1], await h2(border.port(443), one)]).toEqual([one[3]?.[1], 404]);
      for (const one of ["*", "owa/", "//ecp/", "/owa/..%2fecp", "/owa/%c0%ae", "/owa/%e0%81%9c", "/owa#/x", "https://mail.lab.test\\ecp/owa/"]) expect([one, [0, 400, 404].includes(await h2(border.port(443), fields(one)))]).toEqual([one, true]);
      expect(member.arrived).toEqual([]);
    } finally {
      await stop();
    }
  }, 60_000);

  test("the balancer's allow lists and limits apply to the client, not to the border proxy", async () => {
    const owa = { acl: "users_networks", file: "/etc/haproxy/haproxy_owa_whitelist.lst" };
    const directories = INSIDE.virtualDirectories.map((one) => (one.name === "owa" ? { ...one, allow: owa } : one));
    await start({ inside: { https: { ...INSIDE, virtualDirectories: directories }, limits: { connections: 2 } }, lists: { "haproxy_owa_whitelist.lst": `${CLIENT}\n` } });
    try {
      expect(status(await get("/owa/", CLIENT))).toBe(200);
      expect(status(await get("/owa/", OTHER))).toBe(403);
      // The border proxy's own address is in the list no more than anybody else's.
      expect(status(await get("/owa/", "127.0.0.1"))).toBe(403);
      // Connections inside last as long as the client's outside.
      const hold = async (source: string): Promise<Socket> => {
        const socket = await tlsSocket(border.port(443), { source });
        await new Promise<void>((resolve) => { socket.once("data", () => resolve()); socket.write("GET /mapi/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"); });
        return socket;
      };
      const held = [await hold(OTHER), await hold(OTHER)];
      expect(status(await get("/mapi/", OTHER))).not.toBe(200);
      expect(status(await get("/mapi/", CLIENT))).toBe(200);
      for (const socket of held) socket.destroy();
      await balancer.until("the places are free", 10, async () => status(await get("/mapi/", OTHER)) === 200);
    } finally {
      await stop();
    }
  }, 60_000);

  test("mail through a border proxy: the balancer checks the client's address against its allow list, and a client cannot forge its address with a PROXY line", async () => {
    const smtp = { ...SMTP, allow: { acl: "smtp_networks", file: "/etc/haproxy/haproxy_smtp_whitelist.lst" } };
    const lists = { "haproxy_smtp_whitelist.lst": `${CLIENT}\n${HYBRID}\n` };
    await start({
      inside: { https: TCP, mail: [{ ...smtp, memberPort: 25 }] },
      outside: { https: TCP, mail: [{ ...SMTP, memberPort: 8025, memberMaxconn: undefined }] },
      mail: (one) => one.mail(() => "220 exch01 ESMTP\r\n"), publish: [Publication.allDirectories(), Publication.smtp()], lists,
    });
    try {
      const session = async (source: string, port = border.port(25), first = ""): Promise<string> => {
        const socket = await tcpSocket(port, source).catch(() => undefined);
        if (socket === undefined) return "";
        const said = heard(socket, 1500);
        if (first !== "") socket.write(first);
        return (await said).text;
      };
      expect(await session(CLIENT)).toMatch(/^220 exch01/);
      expect(await session(OTHER)).toBe("");
      expect(await session(OTHER, border.port(25), `PROXY TCP4 ${CLIENT} 127.0.0.1 1 25\r\n`)).toBe("");
      expect(await session(OTHER, balancer.port(25), `PROXY TCP4 ${CLIENT} 127.0.0.1 1 25\r\n`)).toBe("");
      expect(await session(OTHER, balancer.port(8025), `PROXY TCP4 ${CLIENT} 127.0.0.1 1 25\r\n`)).toBe("");
      expect(await session(CLIENT, balancer.port(25))).toMatch(/^220 exch01/);
      await balancer.until("the client is in the log", 5, () => balancer.log.some((line) => line.includes(`client=${CLIENT}:`) && line.includes("frontend=fe_exch2019_smtp")));
      expect((await border.stats()).get("be_exch2019_smtp/inner1")?.["status"]).toBe("UP");
    } finally {
      await stop();
    }
  }, 60_000);

  test("a border proxy in TCP mode forwards connections for published names, and closes connections for other names", async () => {
    await start({ outside: { https: TCP }, publish: [Publication.allDirectories()] });
    try {
      expect(status(await get("/owa/"))).toBe(200);
      expect(member.arrived.flatMap(({ headers }) => headers.filter(([name]) => /forwarded-for/i.test(name)).map(([, value]) => value))).toEqual([CLIENT]);
      await expect(tlsSocket(border.port(443), { servername: "exch01.lab.test" })).rejects.toThrow();
      await expect(tlsSocket(border.port(443), { servername: "" })).rejects.toThrow();
      expect(status(await heardOf(border.port(80), "GET / HTTP/1.1\r\nHost: exch01.lab.test\r\n\r\n"))).toBe(404);
      expect(status(await heardOf(border.port(80), "GET / HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n"))).toBe(301);
      await border.until("the refusal is in the log", 5, () => border.log.some((line) => line.includes("rule=name")));
    } finally {
      await stop();
    }
  }, 60_000);

  test("a balancer in TCP mode accepts the border proxy's clients, and Exchange sees no PROXY header", async () => {
    await start({ inside: { https: TCP } });
    try {
      expect(status(await get("/owa/"))).toBe(200);
      expect(member.arrived.map(({ target }) => target)).toEqual(["/owa/"]);
      await balancer.until("the client is in the log", 5, () => balancer.log.some((line) => line.includes(`client=${CLIENT}:`)));
    } finally {
      await stop();
    }
  }, 60_000);
});

/** Sends bytes without TLS from a source address, and returns the answer. */
async function plainly(port: number, bytes: string, source: string): Promise<Said> {
  const socket = await tcpSocket(port, source).catch(() => undefined);
  if (socket === undefined) return { text: "", closed: true, seconds: 0 };
  const said = heard(socket, 8000);
  socket.write(Buffer.from(bytes, "latin1"));
  const { text, ...rest } = await said;
  // A TLS alert is no answer.
  return { ...rest, text: text.startsWith("\x15\x03") ? "" : text };
}

async function heardOf(port: number, bytes: string): Promise<Said> {
  const socket = await tcpSocket(port, CLIENT);
  const said = heard(socket, 2000);
  socket.write(bytes);
  return said;
}

