import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { BorderSite, MICROSOFT, OUTSIDE, STRANGER } from "./border-site";
import { CERTIFICATES } from "./certificates";
import { corpus, spellingsOf } from "./corpus";
import { must } from "./run";
import { BORDER_ADDRESS, VIRTUAL_ADDRESS } from "./topology";
import { letThrough, rulesInForce } from "./zones";

// The third proxy on real hosts: clients outside, border proxies in a DMZ, balancers and Exchange inside, and between each two
// of the networks a firewall made of what the model says.

let lab: BorderSite;

beforeAll(async () => {
  lab = await BorderSite.attach();
}, 300_000);

afterAll(async () => {
  await lab.exchange.heal();
}, 60_000);

describe("the first deploy of border proxies", () => {
  test("users inside do not notice a deploy of border proxies, even a deploy that fails because the balancers' ports are not open yet", async () => {
    // The pair alone, as it was before anybody thought of a third proxy.
    const pair = { ...lab.with(), border: undefined, borderAccess: undefined };
    if ((await lab.deploy(pair)).status !== 0) {
      await lab.site.fromBare();
      await lab.mustDeploy(pair);
    }
    await Promise.all([lab.bd01.reset(), lab.bd02.reset()]);
    // A master that has just been started waits before it takes the address from the backup.
    await lab.site.until("lb01 holds the address", 40, async () => (await lab.site.holders()).join() === "lb01");
    await lab.site.until("the pair serves", 30, async () => (await lab.site.curl(`https://${VIRTUAL_ADDRESS}/owa/`)).status === 200);
    const [seen] = await lab.underLoad([{ host: lab.site.lab.client, address: VIRTUAL_ADDRESS }], async () => {
      // The border proxies first: inside, their port is not open yet.
      const early = await lab.deploy({ ...lab.with(), borderAccess: undefined });
      expect(early.status).not.toBe(0);
      const said = (early.stdout + early.stderr).replace(/\s+/g, " ");
      expect(said).toContain("does not answer on port 8443, so its certificate could not be compared");
      expect(said).toContain("no member answers, so the new certificate could not be compared with theirs");
      expect((await lab.bd02.exec("test -e /etc/haproxy/haproxy.cfg && grep -q cdktf-exchange-balancer /etc/haproxy/haproxy.cfg")).status).not.toBe(0);
      // Then in order.
      await lab.mustDeploy({ ...lab.with(), border: undefined });
      await lab.mustDeploy(lab.with());
    });
    expect(seen?.["new connections"]).toBeGreaterThan(100);
    expect(seen?.["imap"]).toBeGreaterThan(10);
    await lab.served();
  }, 600_000);

  test("a second deploy changes nothing, and a deploy with the balancer pair as the prop `inner` changes no file", async () => {
    const files = "find /etc/haproxy /etc/keepalived -maxdepth 1 -type f | sort | xargs sha256sum";
    const before = await lab.bd01.must(files);
    expect(await lab.mustDeploy(lab.with())).toContain("0 added, 0 changed, 0 destroyed");
    await lab.mustDeploy(lab.with({ byPair: true }));
    expect(await lab.bd01.must(files)).toBe(before);
    await lab.mustDeploy(lab.with());
    await lab.served();
  }, 240_000);
});

describe("the traffic between the networks", () => {
  test("the firewall between the networks admits only the connections in the review model, and these include all expected traffic", async () => {
    const rules = await rulesInForce();
    expect(rules).toContain("tcp dport 8443 accept");
    const [out, dmz, inside] = [lab.out01, lab.bd01, lab.site.lab.client];
    const wanted = [
      [out, BORDER_ADDRESS, 443, true], [out, BORDER_ADDRESS, 80, true], [out, BORDER_ADDRESS, 25, true],
      [out, BORDER_ADDRESS, 22, false], [out, "198.18.2.11", 443, false], [out, "198.18.2.11", 22, false],
      [out, VIRTUAL_ADDRESS, 443, false], [out, VIRTUAL_ADDRESS, 8443, false], [out, "198.18.0.21", 443, false], [out, "198.18.0.21", 25, false],
      [dmz, VIRTUAL_ADDRESS, 8443, true], [dmz, VIRTUAL_ADDRESS, 8025, true],
      [dmz, VIRTUAL_ADDRESS, 443, false], [dmz, VIRTUAL_ADDRESS, 25, false], [dmz, "198.18.0.11", 22, false], [dmz, "198.18.0.21", 443, false],
      [inside, "198.18.2.11", 22, false], [inside, BORDER_ADDRESS, 25, false],
    ] as const;
    const seen = await Promise.all(wanted.map(async ([host, address, port]) => [host, address, port, await lab.connects(host, address, port)] as const));
    expect(seen.map(([host, ...rest]) => [host.name, ...rest])).toEqual(wanted.map(([host, ...rest]) => [host.name, ...rest]));
  }, 120_000);

  test("on the balancers' ports for border proxies, the firewall refuses a host that is not a border proxy, and HAProxy refuses such a host even if the firewall is open", async () => {
    await letThrough([]);
    try {
      expect(await lab.connects(lab.site.lab.client, VIRTUAL_ADDRESS, 8443)).toBe(false);
      const holder = lab.site.lab.host((await lab.site.holders())[0] ?? "lb01");
      await holder.must("firewall-cmd -q --add-port=8443/tcp --add-port=8025/tcp");
      try {
        // As the firewall of the host would not: that is "No route to host".
        const forged = (port: number): string => `import socket
try:
    s = socket.create_connection(("${VIRTUAL_ADDRESS}", ${port}), 5); s.settimeout(5)
    s.sendall(b"PROXY TCP4 ${OUTSIDE} ${VIRTUAL_ADDRESS} 4711 443\\r\\n")
    print("said", s.recv(100))
except OSError as why: print(type(why).__name__)`;
        for (const port of [8443, 8025]) expect((await lab.site.lab.client.must(["python3", "-c", forged(port)])).trim()).toMatch(/^(ConnectionResetError|BrokenPipeError|said b'')$/);
      } finally {
        await holder.must("firewall-cmd -q --reload");
      }
    } finally {
      await letThrough(lab.openings);
    }
    await lab.served();
  }, 120_000);
});

describe("the published services", () => {
  test("a published request has its client's address in the logs of Exchange, the balancers and the border proxies", async () => {
    const mark = `seen-${Date.now()}`;
    const reached = await lab.reachedBy(() => lab.curl("/owa/", OUTSIDE, "-A", mark, "-H", "X-Forwarded-For: 203.0.113.66", "-H", "x_forwarded_for: 203.0.113.66", "-H", "X-Real-IP: 203.0.113.66", "-H", "Forwarded: for=203.0.113.66"));
    const [request] = reached.filter(({ userAgent }) => userAgent === mark);
    expect(request?.forwardedFor).toEqual([OUTSIDE]);
    for (const host of [...lab.site.lab.balancers, lab.bd01, lab.bd02]) {
      const { stdout } = await host.exec(`sleep 1; grep -h 'agent="${mark}"' /var/log/haproxy.log`);
      for (const line of stdout.split("\n").filter((text) => text !== "")) expect(line).toContain(`client=${OUTSIDE}:`);
    }
    const lines = await Promise.all([...lab.site.lab.balancers, lab.bd01, lab.bd02].map((host) => host.exec(`grep -c 'agent="${mark}"' /var/log/haproxy.log`)));
    expect(lines.map(({ stdout }) => Number(stdout)).reduce((sum, one) => sum + one)).toBe(2);
  }, 60_000);

  test("the balancers' allow lists apply to the client outside", async () => {
    // The lab's list for the admin center has the inside's client alone, and the border publishes no admin center at all.
    expect((await lab.curl("/ecp/")).status).toBe(404);
    await lab.mustDeploy(lab.with({}, { owa: ["198.18.0.0/24", MICROSOFT] }));
    expect((await lab.curl("/owa/", OUTSIDE)).status).toBe(403);
    expect((await lab.curl("/owa/", MICROSOFT)).status).toBe(200);
    await lab.mustDeploy(lab.with());
    expect((await lab.curl("/owa/", OUTSIDE)).status).toBe(200);
  }, 180_000);

  test("a client outside gets 404 for the root path, for unpublished paths and for unpublished host names", async () => {
    for (const target of ["/", "/ecp/", "/PowerShell/", "/aspnet_client/", "/EWS/mrsproxy.svc", "/api/v2.0/me"]) {
      const { status, body } = await lab.curl(target, STRANGER);
      expect([target, status, body]).toEqual([target, 404, ""]);
    }
    expect((await lab.curl("/owa/", OUTSIDE, "-H", "Host: exch01.lab.test"))).toEqual({ status: 404, body: "" });
    expect((await lab.curl("/owa/", OUTSIDE, "-H", `Host: ${BORDER_ADDRESS}`)).status).toBe(404);
  }, 60_000);

  test("SMTP through a border proxy uses Exchange's own STARTTLS, and the allow list is checked against the client's address, not against the border proxy's", async () => {
    const starttls = await lab.out01.must(`openssl s_client -connect ${BORDER_ADDRESS}:25 -bind ${OUTSIDE} -starttls smtp -servername mail.lab.test </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`);
    const own = await must(["openssl", "x509", "-in", CERTIFICATES.certificate, "-noout", "-fingerprint", "-sha256"]);
    expect(starttls.trim()).toBe(own.trim());
    const greeting = async (source: string): Promise<string> => (await lab.out01.exec(["python3", "-c", `
import socket
try:
    s = socket.create_connection(("${BORDER_ADDRESS}", 25), 5, ("${source}", 0)); s.settimeout(5); print(s.recv(100).decode().strip())
except OSError: print("refused")`])).stdout.trim();
    expect(await greeting(OUTSIDE)).toMatch(/^220 exch0[12]/);
    expect(await greeting(STRANGER)).toMatch(/^(refused|)$/);
  }, 60_000);
});

describe("attacks through both proxies", () => {
  const judge = async (forms: readonly string[]): Promise<void> => {
    const requests = ["ecp", "powershell", "aspnet_client"].flatMap((directory) =>
      spellingsOf(directory).flatMap((target, index) => forms.map((form) => ({ id: `${directory}-${index}`, method: target === "*" ? "OPTIONS" : "GET", target, form }))),
    );
    let answers: Record<string, number | string | null> = {};
    const reached = await lab.reachedBy(async () => { answers = await lab.client(OUTSIDE, { kind: "requests", requests }); });
    const wrong = requests.filter(({ id, form, target }) => {
      const answer = answers[`${form} ${id}`];
      // What follows a question mark is OWA's own query; OPTIONS * is HAProxy's to answer.
      return !(answer === 400 || answer === 404 || (answer === 200 && (target.startsWith("/owa/?/") || target === "*")) || (form === "h2" && answer === "reset"));
    });
    expect(wrong.map(({ id, form, target }) => `${form} ${target}: ${answers[`${form} ${id}`]}`)).toEqual([]);
    expect(Object.values(answers).filter((answer) => answer === 404 || answer === 400).length).toBeGreaterThan(requests.length / 2);
    expect(reached.filter(({ vdir }) => ["ecp", "powershell", "aspnet_client"].includes((vdir ?? "").toLowerCase())).map(({ target }) => target)).toEqual([]);
  };

  test("no spelling of a path reaches an unpublished directory over HTTP/1.1, HTTP/1.0 or pipelining", () => judge(["1.1", "1.0", "pipelined"]), 300_000);

  test("malformed requests of the corpus reach Exchange only if their path is published", async () => {
    const rows = corpus("requests.txt").map((line) => {
      const [, code = "", target = "", bytes = ""] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
      return { code, target, bytes: bytes.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))).replace(/\\r/g, "\r").replace(/\\n/g, "\n").replace(/\\t/g, "\t") };
    });
    let answers: string[] = [];
    const reached = await lab.reachedBy(async () => { answers = await lab.client(OUTSIDE, { kind: "bytes", payloads: rows.map(({ bytes }, index) => `${bytes}\r\nUser-Agent: bytes-${index}\r\nConnection: close\r\n\r\n`) }); });
    const wrong = rows.flatMap((row, index) => {
      const arrived = reached.filter(({ userAgent }) => userAgent === `bytes-${index}`).map(({ target }) => target);
      const fine = arrived.length === 0 || (arrived.join() === row.target && /^[/](owa|mapi|ews|oab|rpc|autodiscover|microsoft|api)/i.test(row.target));
      return fine ? [] : [{ row, arrived, answer: answers[index] }];
    });
    expect(wrong).toEqual([]);
    expect(answers.filter((answer) => / 200/.test(answer)).length).toBeGreaterThan(5);
  }, 300_000);

  test("requests of Exchange's clients reach Exchange, and so do requests of Microsoft 365 from its own networks", async () => {
    const ask = async (source: string, lines: readonly string[]): Promise<string[]> => {
      const requests = lines.map((line, index) => ({ id: `legitimate-${index}`, method: line.split(" ")[0], target: line.split(" ")[1], form: "1.1" }));
      const reached = await lab.reachedBy(() => lab.client(source, { kind: "requests", requests }));
      return requests.filter(({ id, target }) => !reached.some((one) => one.userAgent === id && one.target === target)).map(({ method, target }) => `${method} ${target}`);
    };
    const usual = corpus("legitimate.txt").filter((line) => !/ [/](ecp|powershell|api)\b/i.test(line) && !/mrsproxy/i.test(line) && !/ \/$/.test(line) && !/healthcheck[.]htm/.test(line));
    expect(usual.length).toBeGreaterThan(60);
    expect(await ask(OUTSIDE, usual)).toEqual([]);
    // The stand-in counts these among HAProxy's own questions.
    for (const page of corpus("legitimate.txt").filter((line) => /healthcheck[.]htm/.test(line))) expect((await lab.curl(page.replace(/^GET /, ""))).status).toBe(200);
    expect(await ask(MICROSOFT, corpus("hybrid.txt"))).toEqual([]);
    // What only Microsoft 365 may have.
    expect((await ask(OUTSIDE, corpus("hybrid.txt").filter((line) => /mrsproxy|[/]api/i.test(line)))).length).toBe(corpus("hybrid.txt").filter((line) => /mrsproxy|[/]api/i.test(line)).length);
  }, 240_000);

  test("no spelling of a path reaches an unpublished directory over HTTP/2", async () => {
    await lab.mustDeploy(lab.with({ http2: true }));
    await judge(["h2"]);
    const mark = `h2-${Date.now()}`;
    const reached = await lab.reachedBy(() => lab.client(OUTSIDE, { kind: "requests", requests: [{ id: mark, method: "GET", target: "/owa/", form: "h2" }] }));
    expect(reached.filter(({ userAgent }) => userAgent === mark).map(({ forwardedFor }) => forwardedFor)).toEqual([[OUTSIDE]]);
    await lab.mustDeploy(lab.with());
  }, 400_000);
});

test("the deploy stops and changes nothing if a border proxy's certificate differs from the balancers' certificate", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "border-cert-"));
  try {
    const at = (name: string): string => path.join(folder, name);
    writeFileSync(at("ext"), "subjectAltName=DNS:mail.lab.test,DNS:autodiscover.lab.test\nextendedKeyUsage=serverAuth\n");
    await must(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=mail.lab.test", "-keyout", at("key"), "-out", at("csr")]);
    await must(["openssl", "x509", "-req", "-in", at("csr"), "-CA", CERTIFICATES.root, "-CAkey", CERTIFICATES.rootKey, "-CAcreateserial", "-days", "30", "-extfile", at("ext"), "-out", at("crt")]);
    writeFileSync(at("pem"), ["crt", "key"].map((name) => readFileSync(at(name), "utf8")).join("") + readFileSync(CERTIFICATES.root, "utf8"), { mode: 0o600 });
    const before = await lab.bd02.must("find /etc/haproxy -maxdepth 1 -type f | sort | xargs sha256sum; systemctl show --property=MainPID haproxy");
    const { status, stdout, stderr } = await lab.deploy(lab.with({ pemPath: at("pem") }));
    expect(status).not.toBe(0);
    expect((stdout + stderr).replace(/null_resource\.\w+ \(remote-exec\): /g, "").replace(/\s+/g, " ")).toContain("inner1 presents another certificate than this balancer for mail.lab.test");
    expect(await lab.bd02.must("find /etc/haproxy -maxdepth 1 -type f | sort | xargs sha256sum; systemctl show --property=MainPID haproxy")).toBe(before);
    expect((await lab.curl("/owa/")).status).toBe(200);
    await lab.mustDeploy(lab.with());
    // Whoever watches asks the same way, as nobody in particular.
    expect(await lab.bd01.must("runuser -u nobody -- /usr/libexec/cdktf-exchange-balancer/certificate-check")).toContain("OK: 1 of 1 members present this certificate");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

describe("load through border proxies and balancers", () => {
  const everywhere = (): { host: typeof lab.out01; address: string }[] => [
    { host: lab.out01, address: BORDER_ADDRESS }, { host: lab.site.lab.client, address: VIRTUAL_ADDRESS },
  ];

  test("no client outside or inside loses a request during roll-outs to border proxies and balancers", async () => {
    const [outside, inside] = await lab.underLoad(everywhere(), async () => {
      // The inner tier, the outer one, both at once.
      await lab.mustDeploy(lab.with({}, { weights: [50, 50] }));
      await lab.mustDeploy(lab.with({ maxconn: 310 }, { weights: [50, 50] }));
      await lab.mustDeploy(lab.with({ networks: [MICROSOFT, "203.0.113.0/24"] }, { maxconn: 320 }));
      await lab.mustDeploy(lab.with({ webmailRoot: true }));
      // And one of each that fails: nothing of it goes live, and nobody notices.
      expect((await lab.deploy(lab.with({ pemPath: CERTIFICATES.root }))).status).not.toBe(0);
      await lab.mustDeploy(lab.with());
    });
    expect(outside?.["new connections"]).toBeGreaterThan(100);
    expect(outside?.["long polls"]).toBeGreaterThan(3);
    expect(inside?.["new connections"]).toBeGreaterThan(100);
  }, 600_000);

  test("after a fault of a border proxy, a balancer or a member, clients that repeat a failed request are served within 12 s", async () => {
    const seen: Record<string, unknown> = {};
    const measured = async (what: string, fault: () => Promise<void>, mend: () => Promise<void>, longest: number): Promise<void> => {
      const result = await lab.outage(async () => {
        await fault();
        await new Promise((resolve) => setTimeout(resolve, 8000));
        await mend();
        await new Promise((resolve) => setTimeout(resolve, 6000));
      });
      seen[what] = result;
      process.stdout.write(`    ${what}: ${JSON.stringify(result)}\n`);
      expect(result.asked).toBeGreaterThan(50);
      expect(result.longest).toBeLessThan(longest);
    };
    const [lb01, lb02] = lab.site.lab.balancers;
    const nothing = (): Promise<void> => Promise.resolve();
    await measured("Exchange: a server's web site stops", () => lab.exchange.ill("exch02", { https: { stopped: true } }), () => lab.exchange.heal().then(() => undefined), 5);
    await measured("border: the backup is lost", () => lab.bd02.powerOff(), () => lab.bd02.start(), 1);
    await measured("inside: the backup is lost", async () => lb02?.powerOff(), async () => lb02?.start(), 1);
    await measured("border: haproxy of the master is killed", () => lab.bd01.must("pkill -9 -x haproxy || true").then(() => undefined), nothing, 5);
    await measured("inside: haproxy of the master is killed", async () => void (await lb01?.must("pkill -9 -x haproxy || true")), nothing, 8);
    await measured("border: the master is lost", () => lab.bd01.powerOff(), () => lab.bd01.start(), 8);
    await measured("inside: the master is lost", async () => lb01?.powerOff(), async () => lb01?.start(), 12);
    await lab.site.until("lb01 holds the address again", 40, async () => (await lab.site.holders()).join() === "lb01");
    await lab.served();
    const lossless = ["Exchange: a server's web site stops", "border: the backup is lost", "inside: the backup is lost"] as const;
    expect(lossless.map((what) => [what, (seen[what] as { failed: number }).failed])).toEqual(lossless.map((what) => [what, 0]));
  }, 600_000);
});

describe("border proxies in TCP mode", () => {
  beforeAll(() => lab.mustDeploy(lab.with({ mode: "tcp" })), 240_000);
  afterAll(() => lab.mustDeploy(lab.with()), 240_000);

  test("in TCP mode, border proxies forward connections for published names and tell the balancers the client's address; they close connections for other names. The balancers' allow lists apply to the client's address", async () => {
    await lab.served();
    const mark = `tcp-${Date.now()}`;
    const reached = await lab.reachedBy(() => lab.curl("/owa/", OUTSIDE, "-A", mark));
    expect(reached.filter(({ userAgent }) => userAgent === mark).map(({ forwardedFor }) => forwardedFor)).toEqual([[OUTSIDE]]);
    expect((await lab.curl("/ecp/")).status).toBe(403);
    const other = await lab.out01.exec(["curl", "-sk", "--max-time", "5", "--resolve", `exch01.lab.test:443:${BORDER_ADDRESS}`, "https://exch01.lab.test/owa/"]);
    expect(other.status).not.toBe(0);
    expect((await lab.bd01.must("ls /etc/haproxy")).split("\n")).not.toContain("certificate-check.conf");
  }, 120_000);
});

test("border proxies can be monitored and removed like balancers, and users inside do not notice the removal", async () => {
  await lab.mustDeploy(lab.with({ monitored: true, removalPolicy: "destroy" }));
  const metrics = await lab.site.lab.mustInNamespace(["curl", "-s", "--max-time", "10", "http://198.18.2.11:9101/metrics/exchange"]);
  expect(metrics).toMatch(/exchange_balancer_member_\w+\{[^}]*member="inner1"/);
  await lab.underLoad([{ host: lab.site.lab.client, address: VIRTUAL_ADDRESS }], async () => {
    await lab.mustDeploy({ ...lab.with(), border: undefined });
    await lab.mustDeploy({ ...lab.with(), border: undefined, borderAccess: undefined });
  });
  for (const host of [lab.bd01, lab.bd02]) {
    expect((await host.exec("systemctl is-active haproxy keepalived")).stdout).not.toMatch(/^active/m);
    expect((await host.exec("test -e /etc/haproxy/haproxy_smtp_whitelist.lst")).status).not.toBe(0);
  }
  const cfg = await lab.site.lb01.read("/etc/haproxy/haproxy.cfg");
  expect(cfg).not.toContain("accept-proxy");
  expect((await lab.site.lb01.must("firewall-cmd --list-all")).includes("8443")).toBe(false);
}, 400_000);
