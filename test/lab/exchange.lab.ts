import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Site } from "./site";

// What Exchange needs of a proxy, against the stand-ins and judged by their own log:
// paths, identities, health, timeouts, modes. Few deploys, many questions.

let site: Site;
const LB = "198.18.0.11";
const INSIDE = "198.18.0.31";
/** In no allow list but OWA's. */
const OUTSIDE = "198.18.0.33";

interface Logged {
  readonly vdir: string | null;
  readonly health: boolean;
  readonly userAgent: string | null;
  readonly target: string;
  readonly forwardedFor: readonly string[];
  readonly forwardedProto: readonly string[];
}

async function control(method: string, where: string, body?: object, servers = site.lab.exchangeServers): Promise<string[]> {
  return Promise.all(
    servers.map(({ address }) =>
      site.lab.client.must([
        "curl", "-sS", "--fail", "--max-time", "20", "-X", method,
        ...(body === undefined ? [] : ["-d", JSON.stringify(body)]), `http://${address}:8025${where}`,
      ]),
    ),
  );
}

const heal = (): Promise<string[]> => control("DELETE", "/control");
const forget = (): Promise<string[]> => control("DELETE", "/log");

/** What reached Exchange since it was told to forget, without health checks. */
async function reached(): Promise<Logged[]> {
  const logs = (await control("GET", "/log")).map((text) => (JSON.parse(text) as { requests: Logged[] }).requests);
  return logs.flat().filter(({ health }) => !health);
}

async function client<T>(source: string, asked: object, timeout = 120): Promise<T> {
  // As a file, because its input is what it is asked to do.
  await site.lab.client.must("cat > /run/raw.py", { input: readFileSync(path.join(__dirname, "clients/raw.py")) });
  return JSON.parse(await site.lab.client.must(["python3", "/run/raw.py", LB, source], { input: JSON.stringify(asked), timeout })) as T;
}

const corpus = (name: string): string[] =>
  readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));

/** Every spelling of a directory. */
function spellingsOf(directory: string): string[] {
  const code = directory.charCodeAt(0).toString(16);
  return corpus("spellings.txt").map((line) =>
    line
      .replaceAll("HEXREST", `${code}${directory.slice(1)}`)
      .replaceAll("CAPS", directory.toUpperCase())
      .replaceAll("DIR", directory)
      .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
  );
}

interface Request { readonly id: string; readonly method: string; readonly target: string; readonly form: string }

async function denied(directories: readonly string[], forms: readonly string[]): Promise<void> {
  const requests = directories.flatMap((directory) =>
    spellingsOf(directory).flatMap((target, index) =>
      forms.map((form): Request => ({ id: `${directory}-${index}`, method: target === "*" ? "OPTIONS" : "GET", target, form })),
    ),
  );
  await forget();
  await client(OUTSIDE, { kind: "requests", requests });
  const lower = directories.map((name) => name.toLowerCase());
  const through = (await reached()).filter(({ vdir }) => lower.includes((vdir ?? "").toLowerCase()));
  expect(through.map(({ userAgent, target }) => `${userAgent} ${target}`)).toEqual([]);
}

/** The whole of haproxy's own view: "backend/server" -> status. */
async function statuses(): Promise<Map<string, string>> {
  const csv = await site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; cat <&3");
  return new Map(
    csv.split("\n").map((line) => line.split(",")).filter((row) => row.length > 17).map((row) => [`${row[0]}/${row[1]}`, row[17] ?? ""] as const),
  );
}

async function stand(server: string, wanted: RegExp, backends: RegExp): Promise<boolean> {
  const rows = [...(await statuses())].filter(([name]) => name.endsWith(`/${server}`) && backends.test(name));
  return rows.length > 0 && rows.every(([, status]) => wanted.test(status));
}

const allUp = (): Promise<number> =>
  site.until("all members are up", 60, async () => (await stand("exch01", /^UP/, /./)) && (await stand("exch02", /^UP/, /./)));

beforeAll(async () => {
  site = await Site.attach();
  await heal();
}, 60_000);

afterAll(async () => {
  await heal();
}, 60_000);

/** On what was there, or on bare hosts. */
async function deployed(change: Parameters<Site["deploy"]>[0]): Promise<void> {
  if ((await site.deploy(change)).status !== 0) {
    await site.fromBare();
    await site.mustDeploy(change);
  }
  await allUp();
}

describe("SSL bridging", () => {
  beforeAll(() => deployed({ allProtocols: true, httpRequestTimeout: 3, checkTimeout: 2, mapiTimeout: 3 }), 240_000);

  test("no spelling reaches the admin center, PowerShell or an unknown directory from outside", async () => {
    await denied(["ecp", "powershell", "api"], ["1.1", "1.0", "pipelined"]);
  }, 180_000);

  test("every URL of Exchange's own clients reaches Exchange as it was sent", async () => {
    const requests = corpus("legitimate.txt").map((line, index): Request => {
      const [method = "", target = ""] = line.split(" ");
      return { id: `legitimate-${index}`, method, target, form: "1.1" };
    });
    await forget();
    await client(INSIDE, { kind: "requests", requests });
    const arrived = new Map((await control("GET", "/log")).flatMap((text) => (JSON.parse(text) as { requests: Logged[] }).requests).map(({ userAgent, target }) => [userAgent, target]));
    expect(requests.filter(({ id, target }) => arrived.get(id) !== target)).toEqual([]);
  }, 60_000);

  test("no answer reaches another user or an anonymous client", async () => {
    const { right, wrong, anonymous } = await client<{ right: number; wrong: string[]; anonymous: number }>(INSIDE, { kind: "identities", seconds: 5 });
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(right).toBeGreaterThan(50);
    expect(anonymous).toBeGreaterThan(10);
  }, 60_000);

  test("NTLM's three steps succeed with many clients at once", () => ntlm(), 60_000);

  test("what a client says of its address never survives", async () => {
    await forget();
    await site.curl(`https://${LB}/owa/?forged`, "--interface", OUTSIDE, "-H", "X-Forwarded-For: 10.9.9.9", "-H", "X-Forwarded-For: 10.9.9.8",
      "-H", "x-forwarded-for: 10.9.9.7", "-H", "X-Forwarded-Proto: http", "-H", "Forwarded: for=10.9.9.9", "-H", "X_Forwarded_For: 10.9.9.9");
    const entries = (await reached()).filter(({ target }) => target.endsWith("?forged"));
    expect(entries.map(({ forwardedFor, forwardedProto }) => [forwardedFor, forwardedProto])).toEqual([[[OUTSIDE], ["https"]]]);
    const { body } = await site.curl(`https://${LB}/owa/`, "-H", "Forwarded: for=10.9.9.9", "-H", "X_Forwarded_For: 10.9.9.9");
    expect(body).not.toContain("10.9.9.9");
  }, 60_000);

  test("no request is smuggled past the rules", async () => {
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
    await forget();
    await client(OUTSIDE, { kind: "bytes", payloads });
    expect((await reached()).filter(({ vdir, target }) => vdir === "ecp" || target.includes("smuggled"))).toEqual([]);
  }, 60_000);

  test("headers that never end are cut at timeout http-request", async () => {
    const { seconds, answer } = await client<{ seconds: number; answer: string }>(OUTSIDE, { kind: "slow" });
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(15);
    expect(answer).toContain("408");
  }, 60_000);

  test("a directory has its own patience: mapi's ends, the default's does not", async () => {
    const ntlmUser = ["--ntlm", "-u", "LAB\\alice:Passw0rd!"];
    const [mapi, ews] = await Promise.all([
      site.curl(`https://${LB}/mapi/emsmdb/?lab-delay=6`, ...ntlmUser),
      site.curl(`https://${LB}/EWS/Exchange.asmx?lab-delay=6`, ...ntlmUser),
    ]);
    expect([mapi.status, ews.status]).toEqual([504, 200]);
  }, 60_000);

  describe("a member leaves rotation and comes back by itself", () => {
    const https = /be_exch2019_(autodiscover|mapi|rpc|owa|eas|ecp|ews|oab)\//;
    // interval 1 s, fast interval 1 s, fall 3, check timeout 2 s: 9 s at most, and what a busy machine adds.
    const rows: readonly (readonly [string, object, RegExp])[] = [
      ["that accepts and stays mute", { https: { mute: true }, smtp: "mute", imap: "mute" }, /./],
      ["whose certificate has another's name, and whose SMTP says 421", { https: { certificate: "wrong" }, smtp: "421" }, /be_exch2019_(autodiscover|owa|ews|smtp)\//],
      ["whose certificate is out of date, and that vanished for mail", { https: { certificate: "expired" }, smtp: "stopped", imap: "stopped" }, /./],
      ["whose certificate is of a foreign CA", { https: { certificate: "foreign" } }, https],
      ["that answers 503", { https: { "*": { health: "503" } } }, https],
      ["that refuses", { https: { stopped: true } }, https],
      ["that is ill in OWA alone, for OWA alone", { https: { owa: { health: "503" } } }, /be_exch2019_owa\//],
    ];
    test.each(rows)("%s", async (_, fault, backends) => {
      const [first] = site.lab.exchangeServers;
      if (first === undefined) throw new Error("no exch01");
      await control("PUT", "/control", fault, [first]);
      try {
        await site.until("exch01 is down", 30, () => stand("exch01", /^DOWN/, backends));
        if (!backends.test("be_exch2019_mapi/")) expect(await stand("exch01", /^UP/, /be_exch2019_imap\//)).toBe(true);
        expect(await stand("exch02", /^UP/, /./)).toBe(true);
        expect((await site.curl(`https://${LB}/owa/`)).body).toContain('"server": "exch02"');
      } finally {
        await heal();
      }
      await allUp();
    }, 120_000);
  });

  test("starts and serves with DNS dead, as members are addresses", async () => {
    expect((await site.lb01.exec(["getent", "hosts", "no.such.name"])).status).not.toBe(0);
    await site.lb01.must("systemctl restart haproxy");
    await site.until("it serves", 20, async () => (await site.curl(`https://${LB}/owa/`)).status === 200);
  }, 60_000);
});

describe("SSL bridging with HTTP/2, limits and paths as users name them", () => {
  beforeAll(() => deployed({ http2: true, lenientPaths: true, tlsPolicy: "old", limits: { connections: 40 } }), 240_000);

  test("no spelling reaches the admin center or PowerShell over HTTP/2", async () => {
    const { body } = await site.curl(`https://${LB}/owa/`, "--http2", "-w", "\n%{http_version}\n%{http_code}");
    expect(body).toMatch(/\n2$/);
    await denied(["ecp", "powershell"], ["h2", "1.1"]);
  }, 180_000);

  test("names that strictness refuses pass", async () => {
    const targets = ["/owa/calendar/a;b/x.ics", "/owa/calendar/100%25/x.ics", "/owa/.well-kept"];
    const answers = await Promise.all(targets.map((target) => site.curl(`https://${LB}${target}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("a source has no more connections than its limit", async () => {
    const { open, refused } = await client<{ open: number; refused: number }>("198.18.0.34", { kind: "open", count: 60 });
    expect({ open, refused }).toEqual({ open: 40, refused: 20 });
    expect((await site.curl(`https://${LB}/owa/`)).status).toBe(200);
  });

  test("the old policy takes TLS 1.0", async () => {
    const tls1 = `echo | openssl s_client -connect ${LB}:443 -tls1 -cipher DEFAULT@SECLEVEL=0 2>&1`;
    expect((await site.lab.client.exec(tls1)).stdout).toMatch(/Protocol *: TLSv1$|New, TLSv1.0/m);
  });
});

describe("TCP mode", () => {
  beforeAll(() => deployed({ mode: "tcp", checkTimeout: 2 }), 240_000);

  test("NTLM's three steps succeed with many clients at once", () => ntlm(), 60_000);

  test("no answer reaches another user or an anonymous client", () => everyoneIsThemselves(), 60_000);

  test("a member leaves that accepts and stays mute, or whose page or certificate is ill", async () => {
    const [first] = site.lab.exchangeServers;
    if (first === undefined) throw new Error("no exch01");
    for (const fault of [{ mute: true }, { owa: { health: "503" } }, { certificate: "wrong" }, { certificate: "foreign" }]) {
      await control("PUT", "/control", { https: fault }, [first]);
      try {
        await site.until(`exch01 is down: ${JSON.stringify(fault)}`, 30, () => stand("exch01", /^DOWN/, /be_exch2019_https\//));
      } finally {
        await heal();
      }
      await allUp();
    }
  }, 180_000);
});

describe("SSL offloading", () => {
  beforeAll(async () => {
    await control("PUT", "/control", { https: { offloading: true } });
    await deployed({ mode: "sslOffload", tlsPolicy: "modern" });
  }, 240_000);

  test("NTLM's three steps succeed with many clients at once", () => ntlm(), 60_000);

  test("no answer reaches another user or an anonymous client", () => everyoneIsThemselves(), 60_000);

  test("Exchange hears that the client spoke HTTPS", async () => {
    await forget();
    await site.curl(`https://${LB}/owa/?offloaded`);
    expect((await reached()).filter(({ target }) => target.endsWith("offloaded")).map(({ forwardedProto }) => forwardedProto)).toEqual([["https"]]);
  });

  test("the modern policy takes TLS 1.3 alone", async () => {
    const version = (option: string): Promise<string> =>
      site.lab.client.exec(`echo | openssl s_client -connect ${LB}:443 ${option} 2>&1`).then(({ stdout }) => stdout);
    expect(await version("-tls1_3")).toMatch(/New, TLSv1.3/);
    expect(await version("-tls1_2")).toMatch(/alert protocol version/);
  });
});

describe("mail by every protocol", () => {
  beforeAll(() => deployed({ mode: "tcp", allProtocols: true, limits: { connectionsPer10s: 40 } }), 240_000);

  test("a mail library sends and reads by STARTTLS and by TLS, on 587, 993, 995, 110 and 143", async () => {
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

  test("a member whose POP3 is mute leaves and comes back", async () => {
    const state = (): Promise<string> =>
      site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; grep '^be_exch2019_pop3,exch02,' <&3 | cut -d, -f18");
    await control("PUT", "/control", { imap: "mute" }, [site.lab.host("exch02")]);
    await site.until("exch02 is out for POP3", 40, async () => (await state()).startsWith("DOWN"));
    await heal();
    await site.until("exch02 is back for POP3", 20, async () => (await state()).startsWith("UP"));
  }, 90_000);

  test("a source has no more new connections in 10 s than its limit, and other sources are served meanwhile", async () => {
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

async function everyoneIsThemselves(): Promise<void> {
  const { right, wrong } = await client<{ right: number; wrong: string[] }>(INSIDE, { kind: "identities", seconds: 3 });
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
