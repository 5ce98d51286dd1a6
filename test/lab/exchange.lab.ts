import { corpus, spellingsOf } from "./corpus";
import { ExchangeSite } from "./exchange-site";
import type { Site } from "./site";

// What Exchange needs of a proxy, against the stand-ins and judged by their own log:
// paths, identities, health, timeouts, modes. Few deploys, many questions.

let exchange: ExchangeSite;
let site: Site;
const LB = "198.18.0.11";

/**
 * The answer to each request; the key is the form and the id of the request, with a space between them. An answer is a
 * status, or, if there was no status, a text (such as "reset") or null.
 */
interface Answers { readonly [request: string]: number | string | null }
const REFUSED: unknown[] = [400, 403];
/**
 * Spellings that may get 200: the balancer answers OPTIONS * itself, and the rest are requests to OWA with a query
 * after the question mark.
 */
const ELSEWHERE = ["*", "/owa/?/../ecp/", "/owa/?/../powershell/", "/owa/?/../api/"];

interface Request { readonly id: string; readonly method: string; readonly target: string; readonly form: string }

/**
 * Requests each spelling of each directory, in each of the request forms in `forms`. Checks that the balancer refuses
 * these requests and that none of them reaches one of the directories.
 * @param lenient true if the balancer's path strictness is lenient. Some spellings are then ordinary names below another
 * virtual directory, and a request with such a spelling may get 200.
 */
async function denied(directories: readonly string[], forms: readonly string[], lenient = false): Promise<void> {
  const requests = directories.flatMap((directory) =>
    spellingsOf(directory).flatMap((target, index) =>
      forms.map((form): Request => ({ id: `${directory}-${index}`, method: target === "*" ? "OPTIONS" : "GET", target, form })),
    ),
  );
  await exchange.forget();
  const answers = await exchange.client<Answers>(exchange.outside, { kind: "requests", requests });
  // A balancer that is off, or one that hangs, lets nothing through either.
  const wrong = requests.filter(({ id, form, target }) => {
    const answer = answers[`${form} ${id}`];
    return !(REFUSED.includes(answer) || (ELSEWHERE.includes(target) && answer === 200) || (lenient && answer === 200) || (form === "h2" && answer === "reset"));
  });
  expect(wrong.map(({ id, form, target }) => `${form} ${target}: ${answers[`${form} ${id}`]}`)).toEqual([]);
  expect(Object.values(answers).filter((answer) => REFUSED.includes(answer)).length).toBeGreaterThan(requests.length / 2);
  const lower = directories.map((name) => name.toLowerCase());
  const through = (await exchange.reached()).filter(({ vdir }) => lower.includes((vdir ?? "").toLowerCase()));
  expect(through.map(({ userAgent, target }) => `${userAgent} ${target}`)).toEqual([]);
}

beforeAll(async () => {
  exchange = await ExchangeSite.attach();
  site = exchange.site;
}, 60_000);

afterAll(async () => {
  await exchange.heal();
}, 60_000);

describe("SSL bridging", () => {
  beforeAll(() => exchange.deployed({ allProtocols: true, httpRequestTimeout: 3, checkTimeout: 2, mapiTimeout: 3, clientTimeout: 5 }), 240_000);

  test("no spelling of a path lets a client outside the allow lists reach the admin center, PowerShell or the unlisted /api", async () => {
    await denied(["ecp", "powershell", "api"], ["1.1", "1.0", "pipelined"]);
  }, 180_000);

  test("every URL of Exchange's own clients reaches Exchange unchanged", async () => {
    const requests = corpus("legitimate.txt").map((line, index): Request => {
      const [method = "", target = ""] = line.split(" ");
      return { id: `legitimate-${index}`, method, target, form: "1.1" };
    });
    await exchange.forget();
    const answers = await exchange.client<Answers>(exchange.inside, { kind: "requests", requests });
    expect(Object.entries(answers).filter(([, status]) => ![200, 302, 401].includes(status as number))).toEqual([]);
    const arrived = new Map((await exchange.log()).map(({ userAgent, target }) => [userAgent, target]));
    expect(requests.filter(({ id, target }) => arrived.get(id) !== target)).toEqual([]);
  }, 60_000);

  test("no answer for one user reaches another user or an anonymous client", async () => {
    const { right, wrong, anonymous } = await exchange.client<{ right: number; wrong: string[]; anonymous: number }>(exchange.inside, { kind: "identities", seconds: 5 });
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(right).toBeGreaterThan(50);
    expect(anonymous).toBeGreaterThan(10);
  }, 60_000);

  test("the three steps of an NTLM login succeed for many clients at the same time", () => ntlm(), 60_000);

  test("headers with a forged client address never reach Exchange", async () => {
    const forged = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP", "Forwarded"];
    // A dash or an underscore: to IIS's server variables they are one.
    const spellings = forged.flatMap((name) =>
      name.split("-").slice(1).reduce<string[]>((begun, word) => begun.flatMap((before) => [`${before}-${word}`, `${before}_${word}`]), [name.split("-")[0] ?? ""]));
    const headers = [...spellings, "x-forwarded-for", "X-REAL-IP"].flatMap((name) => ["-H", `${name}: forged.example`]);
    await exchange.forget();
    const { body } = await site.curl(`https://${LB}/owa/?told`, "--interface", exchange.outside, ...headers, "-H", "X-Forwarded-For: 10.9.9.8");
    const entries = (await exchange.reached()).filter(({ target }) => target.endsWith("?told"));
    expect(entries.map(({ forwardedFor, forwardedProto }) => [forwardedFor, forwardedProto])).toEqual([[[exchange.outside], ["https"]]]);
    const { headers: arrived } = JSON.parse(body) as { headers: Record<string, string> };
    expect(Object.entries(arrived).filter(([, value]) => /forged|10\.9/.test(value))).toEqual([]);
    expect(arrived).toMatchObject({ "x-forwarded-for": exchange.outside, "x-forwarded-proto": "https" });
  }, 60_000);

  test("the default response headers, including HSTS, reach the client", async () => {
    expect(await headersOf(`https://${LB}/owa/`)).toEqual(expect.arrayContaining([
      "x-frame-options: SAMEORIGIN", "x-content-type-options: nosniff", "strict-transport-security: max-age=63072000",
    ]));
  });

  test("the system's TLS policy accepts TLS 1.2 and 1.3, and refuses 1.1 and 1.0", async () => {
    expect(await handshake("-tls1_3")).toMatch(/New, TLSv1.3/);
    // Not AEAD, so that the intermediate policy's refusal of it means something.
    expect(await handshake("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384")).toMatch(/New, TLSv1.2/);
    for (const old of ["-tls1_1", "-tls1"]) expect(await handshake(`${old} -cipher DEFAULT@SECLEVEL=0`)).toMatch(/alert protocol version/);
  });

  test("/API is served only if it is listed in virtualDirectories", async () => {
    await exchange.forget();
    const answers = await Promise.all(["/API", "/api/v2.0/me", "/Api/"].map((target) => site.curl(`https://${LB}${target}`)));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(await exchange.reached()).toEqual([]);
  });

  test("no request is smuggled past the rules", () => nothingSmuggled(), 60_000);

  test("a request whose headers never end gets 408 after timeout http-request", async () => {
    const { seconds, answer } = await exchange.client<{ seconds: number; answer: string }>(exchange.outside, { kind: "slow" });
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(15);
    expect(answer).toContain("408");
  }, 60_000);

  const body = (target: string, promised: number, pieces: readonly (readonly [number, number])[]): Promise<{ seconds: number; answer: string }> =>
    exchange.client(exchange.inside, { kind: "body", target, promised, pieces });

  test("HAProxy ends a request whose body pauses: up to 2.6 after the virtual directory's timeout, from 3.0 on after `timeout client`; it also ends the connection of a client that stops reading", async () => {
    const [mapi, owa, stalled] = await Promise.all([
      body("/mapi/emsmdb/", 100, [[0, 5]]),
      body("/owa/", 10, [[0, 5], [8, 5]]),
      exchange.client<{ read: number }>(exchange.inside, { kind: "stalled", size: 50_000_000, seconds: 10 }),
    ]);
    expect([mapi.answer, owa.answer]).toEqual(site.lab.system.haproxy >= 3 ? ["HTTP/1.1 400", "HTTP/1.1 400"] : ["HTTP/1.1 504", "HTTP/1.1 200"]);
    expect(mapi.seconds).toBeLessThan(5 + 3);
    expect(stalled.read).toBeLessThan(25_000_000);
  }, 60_000);

  test("a slow request body is not interrupted, and other clients are served while many slow bodies arrive", async () => {
    const [dribbled, crowd] = await Promise.all([
      body("/mapi/emsmdb/", 7, Array.from({ length: 7 }, () => [1, 1] as const)),
      exchange.client<{ waiting: number; others: [number, number][] }>(exchange.outside, { kind: "crowd", count: 100, other: exchange.inside }),
    ]);
    // Exchange's own answer: who is it?
    expect(dribbled.answer).toContain("401");
    expect(crowd.waiting).toBe(100);
    expect(crowd.others.map(([status]) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(Math.max(...crowd.others.map(([, seconds]) => seconds))).toBeLessThan(2);
  }, 60_000);

  test("a timeout for one virtual directory ends only requests to this directory", async () => {
    const ntlmUser = ["--ntlm", "-u", "LAB\\alice:Passw0rd!"];
    const [mapi, ews] = await Promise.all([
      site.curl(`https://${LB}/mapi/emsmdb/?lab-delay=6`, ...ntlmUser),
      site.curl(`https://${LB}/EWS/Exchange.asmx?lab-delay=6`, ...ntlmUser),
    ]);
    expect([mapi.status, ews.status]).toEqual([504, 200]);
  }, 60_000);

  describe("a failing member that is removed from load balancing, and used again when it is healthy", () => {
    const https = /be_exch2019_(autodiscover|mapi|rpc|owa|eas|ecp|ews|oab)\//;
    // interval 1 s, fast interval 1 s, fall 3, check timeout 2 s: 9 s at most, and what a busy machine adds.
    const rows: readonly (readonly [string, object, RegExp])[] = [
      ["that accepts connections and never answers", { https: { mute: true }, smtp: "mute", imap: "mute" }, /./],
      ["whose certificate has another name, and whose SMTP answers 421", { https: { certificate: "wrong" }, smtp: "421" }, /be_exch2019_(autodiscover|owa|ews|smtp)\//],
      ["whose certificate has expired, and whose mail ports are closed", { https: { certificate: "expired" }, smtp: "stopped", imap: "stopped" }, /./],
      ["whose certificate is from an unknown CA", { https: { certificate: "foreign" } }, https],
      ["that answers 503", { https: { "*": { health: "503" } } }, https],
      ["that refuses connections", { https: { stopped: true } }, https],
      ["whose OWA is unhealthy, for OWA only,", { https: { owa: { health: "503" } } }, /be_exch2019_owa\//],
    ];
    test.each(rows)("HAProxy stops using a member %s, and uses the member again when it is healthy", async (_, fault, backends) => {
      await exchange.ill("exch01", fault);
      try {
        await site.until("exch01 is down", 30, () => exchange.stand("exch01", /^DOWN/, backends));
        if (!backends.test("be_exch2019_mapi/")) expect(await exchange.stand("exch01", /^UP/, /be_exch2019_imap\//)).toBe(true);
        expect(await exchange.stand("exch02", /^UP/, /./)).toBe(true);
        expect((await site.curl(`https://${LB}/owa/`)).body).toContain('"server": "exch02"');
      } finally {
        await exchange.heal();
      }
      await exchange.allUp();
    }, 120_000);
  });

  test("a member gets no clients while its cable is pulled, the other member serves, and the member is used again when the cable is back", () => vanished(/./), 120_000);

  test("HAProxy starts and serves without DNS if the members are IP addresses", async () => {
    expect((await site.lb01.exec(["getent", "hosts", "no.such.name"])).status).not.toBe(0);
    await site.lb01.must("systemctl restart haproxy");
    await site.until("it serves", 20, async () => (await site.curl(`https://${LB}/owa/`)).status === 200);
  }, 60_000);
});

describe("SSL bridging with HTTP/2, limits and lenient paths", () => {
  beforeAll(() => exchange.deployed({
    http2: true, lenientPaths: true, tlsPolicy: "old", limits: { connections: 40 }, otherDirectories: [{ path: "/API" }],
    responseHeaders: { "Strict-Transport-Security": "max-age=300; includeSubDomains", "Content-Security-Policy": "frame-ancestors 'self' https://*.lab.test" },
    replaceResponseHeaders: { Server: "-" },
  }), 240_000);

  test("no spelling of a path reaches the admin center or PowerShell over HTTP/2", async () => {
    const { body } = await site.curl(`https://${LB}/owa/`, "--http2", "-w", "\n%{http_version}\n%{http_code}");
    expect(body).toMatch(/\n2$/);
    await denied(["ecp", "powershell"], ["h2", "1.1"], true);
  }, 180_000);

  test("no request can be smuggled in the header fields or bodies of HTTP/2 requests", async () => {
    const inner = "GET /ecp/smuggled HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n";
    const fields = (target: string, ...more: [string, string][]): [string, string][] =>
      [[":method", "POST"], [":scheme", "https"], [":authority", "mail.lab.test"], [":path", target], ...more];
    const requests = [
      { fields: fields("/owa/", ["content-length", "0"]), data: inner },
      { fields: fields("/owa/", ["content-length", "5"]), data: `aaaaa${inner}` },
      { fields: fields("/owa/", ["content-length", "0"], ["content-length", String(inner.length)]), data: inner },
      { fields: fields("/owa/", ["transfer-encoding", "chunked"]), data: `0\r\n\r\n${inner}` },
      { fields: fields("/owa/", ["transfer-encoding", "chunked"], ["content-length", "5"]), data: `0\r\n\r\n${inner}` },
      { fields: fields("/owa/", ["connection", "transfer-encoding"], ["transfer-encoding", "chunked"]), data: `0\r\n\r\n${inner}` },
      ...[`a\r\n\r\n${inner}`, `a\n\n${inner}`, "a\r\ntransfer-encoding: chunked", "a\0b"].map((value) => ({ fields: fields("/owa/", ["x", value]), data: `0\r\n\r\n${inner}` })),
      ...[`x: y\r\n\r\n${inner}x`, "x y", "x\r\ntransfer-encoding", ":path", "Transfer-Encoding"].map((name) => ({ fields: fields("/owa/", [name, "chunked"]), data: `0\r\n\r\n${inner}` })),
      ...[`/owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n\r\n${inner}`, `/owa/\r\n\r\n${inner}`, "/owa/ /ecp/smuggled", "/owa/\t/../ecp/smuggled"].map((target) => ({ fields: fields(target) })),
      { fields: [[":method", `GET /ecp/smuggled HTTP/1.1\r\nHost: mail.lab.test\r\n\r\nGET`], ...fields("/owa/").slice(1)] },
      { fields: [...fields("/owa/").slice(0, 2), [":authority", `mail.lab.test\r\n\r\n${inner}`], [":path", "/owa/"]] },
      { fields: [[":method", "GET"], [":scheme", `https://mail.lab.test/ecp/smuggled?`], ...fields("/owa/").slice(2)] },
      { fields: fields("/owa/", [":path", "/ecp/smuggled"]) },
    ];
    await exchange.forget();
    const served = { fields: [[":method", "GET"], ...fields("/owa/").slice(1)] };
    const answers = await exchange.client<unknown[]>(exchange.outside, { kind: "h2", requests: [served, ...requests, served] });
    expect([answers[0], answers.at(-1)]).toEqual([200, 200]);
    expect(answers.filter((answer) => answer !== "reset" && typeof answer !== "number")).toEqual([]);
    expect((await exchange.reached()).filter(({ vdir, target }) => vdir === "ecp" || target.startsWith("/ecp"))).toEqual([]);
  }, 60_000);

  test("with lenient paths, HAProxy serves paths that it would refuse with strict paths", async () => {
    const targets = ["/owa/calendar/a;b/x.ics", "/owa/calendar/100%25/x.ics", "/owa/.well-kept"];
    const answers = await Promise.all(targets.map((target) => site.curl(`https://${LB}${target}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("/API is served if it is listed, and a member whose /API health page fails is down only for /API", async () => {
    const { status, body } = await site.curl(`https://${LB}/api/v2.0/me/messages`, "--ntlm", "-u", "LAB\\alice:Passw0rd!");
    expect([status, (JSON.parse(body) as { vdir: string }).vdir]).toEqual([200, "API"]);
    await exchange.ill("exch01", { https: { API: { health: "503" } } });
    await site.until("exch01's API is down", 30, () => exchange.stand("exch01", /^DOWN/, /be_exch2019_dir_api/));
    expect(await exchange.stand("exch01", /^UP/, /be_exch2019_(owa|ews)/)).toBe(true);
    await exchange.heal();
    await exchange.allUp();
  }, 120_000);

  test("the prop `responseHeaders` replaces the default response headers, and the prop `replaceResponseHeaders` replaces headers that Exchange sets", async () => {
    const headers = await headersOf(`https://${LB}/owa/`);
    expect(headers).toEqual(expect.arrayContaining([
      "strict-transport-security: max-age=300; includeSubDomains", "content-security-policy: frame-ancestors 'self' https://*.lab.test", "server: -",
    ]));
    expect(headers.filter((line) => /^(x-frame-options|x-content-type-options|server: Microsoft)/.test(line))).toEqual([]);
  });

  test("a source address cannot have more connections than its limit", async () => {
    const { open, refused } = await exchange.client<{ open: number; refused: number }>("198.18.0.34", { kind: "open", count: 60 });
    expect({ open, refused }).toEqual({ open: 40, refused: 20 });
    expect((await site.curl(`https://${LB}/owa/`)).status).toBe(200);
  });

  test("the old TLS policy accepts TLS 1.0", async () => {
    expect(await handshake("-tls1 -cipher DEFAULT@SECLEVEL=0")).toMatch(/Protocol *: TLSv1$|New, TLSv1.0/m);
  });
});

/**
 * The result of two sessions that are idle for 75 s in TCP mode. The sessions stay open during the following tests; a
 * reload to another mode does not end them.
 */
let silent: Promise<Record<string, unknown>>;

describe("TCP mode", () => {
  beforeAll(async () => {
    await exchange.deployed({ mode: "tcp", checkTimeout: 2 });
    // On the server that stays well.
    silent = exchange.client(exchange.inside, { kind: "idle", what: ["web", "imap"], seconds: 75, server: "exch02", sources: [exchange.inside] });
    silent.catch(() => undefined);
  }, 240_000);

  test("in TCP mode the three steps of an NTLM login succeed for many clients at the same time", () => ntlm(), 60_000);

  test("in TCP mode no answer for one user reaches another user or an anonymous client", () => everyoneIsThemselves(), 60_000);

  const faults = [{ mute: true }, { stopped: true }, { owa: { health: "503" } }, { certificate: "wrong" }, { certificate: "expired" }, { certificate: "foreign" }];
  test.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))("in TCP mode a member with the fault %s is not used until the fault ends", async (_, fault) => {
    await exchange.ill("exch01", { https: fault });
    try {
      await site.until("exch01 is down", 30, () => exchange.stand("exch01", /^DOWN/, /be_exch2019_https\//));
      expect((await site.curl(`https://${LB}/owa/`)).body).toContain('"server": "exch02"');
    } finally {
      await exchange.heal();
    }
    await exchange.allUp();
  }, 120_000);

  test("in TCP mode a member gets no clients while its cable is pulled, the other member serves, and the member is used again when the cable is back", () => vanished(/./), 120_000);
});

describe("SSL offloading", () => {
  beforeAll(async () => {
    await exchange.control("PUT", "/control", { https: { offloading: true } });
    await exchange.deployed({ mode: "sslOffload", tlsPolicy: "modern", otherDirectories: [{ path: "/API", healthPath: "/owa/healthcheck.htm" }] });
  }, 240_000);

  test("with SSL offloading, the three steps of an NTLM login succeed for many clients at the same time", () => ntlm(), 60_000);

  test("with SSL offloading, no answer for one user reaches another user or an anonymous client", () => everyoneIsThemselves(), 60_000);

  test("with SSL offloading, Exchange gets X-Forwarded-Proto: https", async () => {
    await exchange.forget();
    await site.curl(`https://${LB}/owa/?offloaded`);
    expect((await exchange.reached()).filter(({ target }) => target.endsWith("offloaded")).map(({ forwardedProto }) => forwardedProto)).toEqual([["https"]]);
  });

  test("with SSL offloading, no spelling of a path reaches the admin center or PowerShell, and no request is smuggled", async () => {
    await denied(["ecp", "powershell"], ["1.1"]);
    await nothingSmuggled();
  }, 120_000);

  test("a healthPath in another directory replaces /API/healthcheck.htm as the health check for /API", async () => {
    await exchange.ill("exch01", { https: { API: { health: "503" } } });
    await exchange.ill("exch02", { https: { owa: { health: "503" } } });
    await site.until("exch02 is down", 30, () => exchange.stand("exch02", /^DOWN/, /be_exch2019_dir_api/));
    expect(await exchange.stand("exch01", /^UP/, /be_exch2019_dir_api/)).toBe(true);
    await exchange.control("PUT", "/control", { https: { "*": { health: "ok" } } });
    await exchange.allUp();
  }, 120_000);

  test("in TCP mode an idle HTTPS connection and an IMAP session in IDLE continue after 75 s of silence", async () => {
    expect(await silent).toEqual({ web: [200, "alice", "the same connection"], imap: "d OK" });
  }, 120_000);

  test("the modern TLS policy accepts only TLS 1.3", async () => {
    expect(await handshake("-tls1_3")).toMatch(/New, TLSv1.3/);
    expect(await handshake("-tls1_2")).toMatch(/alert protocol version/);
  });
});

describe("mail by every protocol", () => {
  beforeAll(() => exchange.deployed({ mode: "tcp", allProtocols: true, checkTimeout: 2, limits: { connectionsPer10s: 40 } }), 240_000);

  test("a mail library sends and reads mail with STARTTLS and with TLS, on 587, 993, 995, 110 and 143", async () => {
    // Python's own smtplib, imaplib and poplib; the certificate that they see is Exchange's, for the name they ask.
    const said = await site.lab.client.must(["python3", "-c", `
import imaplib, poplib, smtplib, ssl, time
tls = ssl._create_unverified_context()
mail = smtplib.SMTP("${LB}", 587, timeout=20); mail.starttls(context=tls); mail.login("alice", "Passw0rd!")
mail.sendmail("alice@lab.test", ["bob@lab.test"], "Subject: by every protocol\\r\\n\\r\\ntext\\r\\n"); mail.quit(); print("587")
time.sleep(1)
for port, box in ((143, imaplib.IMAP4("${LB}", 143)), (993, imaplib.IMAP4_SSL("${LB}", 993, ssl_context=tls))):
    if port == 143: box.starttls(tls)
    box.login("bob", "Passw0rd!"); box.select(); box.logout(); print(port)
for port, box in ((110, poplib.POP3("${LB}", 110, timeout=20)), (995, poplib.POP3_SSL("${LB}", 995, context=tls, timeout=20))):
    if port == 110: box.stls(tls)
    box.user("bob"); box.pass_("Passw0rd!"); box.stat(); box.quit(); print(port)
`]);
    expect(said.trim().split("\n")).toEqual(["587", "143", "993", "110", "995"]);
  }, 60_000);

  test("a member whose POP3 does not answer gets no more POP3 clients until POP3 answers again", async () => {
    const state = (): Promise<string> =>
      site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; grep '^be_exch2019_pop3,exch02,' <&3 | cut -d, -f18");
    await exchange.ill("exch02", { imap: "mute" });
    await site.until("exch02 is out for POP3", 40, async () => (await state()).startsWith("DOWN"));
    await exchange.heal();
    await site.until("exch02 is back for POP3", 20, async () => (await state()).startsWith("UP"));
  }, 90_000);

  test("a source address cannot open more connections in 10 s than its limit, and other addresses are served meanwhile", async () => {
    const opened = async (source: string, count: number): Promise<number> =>
      Number(await site.lab.client.must(["python3", "-c", `
import socket
served = 0
for _ in range(${count}):
    try:
        s = socket.create_connection(("${LB}", 143), 5, ("${source}", 0)); s.settimeout(5); served += s.recv(10).startswith(b"* OK"); s.close()
    except OSError: pass
print(served)
`], { timeout: 120 }));
    const served = await opened("198.18.0.34", 60);
    expect(served).toBeGreaterThan(30);
    expect(served).toBeLessThan(45);
    expect(await opened("198.18.0.35", 5)).toBe(5);
  }, 150_000);
});

/** Opens a TLS connection with openssl s_client, and returns its output. */
async function handshake(options: string): Promise<string> {
  return (await site.lab.client.exec(`echo | openssl s_client -connect ${LB}:443 ${options} 2>&1`)).stdout;
}

/** Returns the response headers of a URL, with the names in lower case. */
async function headersOf(url: string): Promise<string[]> {
  const { body } = await site.curl(url, "--dump-header", "-", "--output", "/dev/null");
  return body.split("\n").map((line) => line.trim().replace(/^[^:]*/, (name) => name.toLowerCase()));
}

/**
 * Pulls a member's cable, and checks that the member is down within 12 s. Each of the three checks (`fall`) takes 3 s:
 * the interval of 1 s, then 2 s without an answer. The other 3 s are tolerance.
 */
async function vanished(backends: RegExp): Promise<void> {
  const member = site.lab.host("exch01");
  await member.linkDown();
  try {
    const seconds = await site.until("exch01 is down", 30, () => exchange.stand("exch01", /^DOWN/, backends));
    expect(seconds).toBeLessThan(9 + 3);
    expect((await site.curl(`https://${LB}/owa/`)).body).toContain('"server": "exch02"');
  } finally {
    await member.linkUp();
  }
  await exchange.allUp(15);
}

async function everyoneIsThemselves(): Promise<void> {
  const { right, wrong } = await exchange.client<{ right: number; wrong: string[] }>(exchange.inside, { kind: "identities", seconds: 3 });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(right).toBeGreaterThan(20);
}

async function ntlm(): Promise<void> {
  const out = await site.lab.client.must(
    `for i in $(seq 30); do user=$(echo alice bob carol | cut -d' ' -f$((i % 3 + 1)));
       curl -sk --max-time 30 --ntlm -u "LAB\\\\$user:Passw0rd!" -o /dev/null -w "$user %header{x-lab-user} %{http_code}\\n" https://${LB}/EWS/Exchange.asmx & done; wait`,
  );
  const lines = out.trim().toLowerCase().split("\n");
  expect(lines.filter((line) => !/^(\w+) \1 200$/.test(line))).toEqual([]);
  expect(lines).toHaveLength(30);
}

async function nothingSmuggled(): Promise<void> {
  const inner = "GET /ecp/smuggled HTTP/1.1\r\nHost: mail.lab.test\r\nX: ";
  const post = "POST /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n";
  const chunked = `0\r\n\r\n${inner}`;
  const encodings = ["Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Transfer-Encoding:\tchunked", "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked", "Transfer-Encoding:\r\n chunked", "X: y\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "transfer-encoding: CHUNKED", "Transfer-Encoding: \x0bchunked", "Transfer_Encoding: chunked"];
  const payloads = [
    ...encodings.map((encoding) => `${post}Content-Length: ${chunked.length}\r\n${encoding}\r\n\r\n${chunked}`),
    ...encodings.map((encoding) => `${post}${encoding}\r\nContent-Length: 4\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`),
    `${post}Content-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    `${post}Content-Length: ${inner.length}\r\nContent-Length: 0\r\n\r\n${inner}`,
    `${post}Content-Length: 0, ${inner.length}\r\n\r\n${inner}`,
    `${post}Content-Length: +0\r\n\r\n${inner}`,
    `${post}Content-Length: 0x0\r\n\r\n${inner}`,
    `${post}Content-Length:\r\n ${inner.length}\r\n\r\n${inner}`,
    `${post}Content-Length : ${inner.length}\r\n\r\n${inner}`,
    `GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nX: y\n\n${inner}`,
    `GET /owa/ HTTP/1.1\nHost: mail.lab.test\n\n${inner}`,
    `GET /owa/\rHTTP/1.1\r\nHost: mail.lab.test\r\n\r\n${inner}`,
    `GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nX: a\rGET /ecp/smuggled HTTP/1.1\r\n\r\n`,
    `GET /owa/ HTTP/1.1\r\n Host: mail.lab.test\r\n\r\n${inner}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n0;${"\n"}${inner}\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\n1\nZ\r\n0\r\n\r\n${inner}`,
    `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${inner}`,
  ].map((payload) => `${payload}\r\n\r\n`);
  await exchange.forget();
  const served = "GET /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\nConnection: close\r\n\r\n";
  const answers = await exchange.client<string[]>(exchange.outside, { kind: "bytes", payloads: [served, ...payloads, served] });
  expect([answers[0], answers.at(-1)]).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
  expect(answers.filter((answer) => !/^HTTP\/1\.1 [245]\d\d$/.test(answer))).toEqual([]);
  expect((await exchange.reached()).filter(({ vdir, target }) => vdir === "ecp" || target.includes("smuggled"))).toEqual([]);
}
