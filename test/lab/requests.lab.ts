import { ExchangeSite } from "./exchange-site";
import type { Site } from "./site";

// Requests, sizes and silence on the real hosts, with the stand-ins' own log. The versions that no host here has are asked in
// requests-loopback.lab.ts; `npm run lab -- test requests` runs both.

let exchange: ExchangeSite;
let site: Site;
const LB = "198.18.0.11";

beforeAll(async () => {
  exchange = await ExchangeSite.attach();
  site = exchange.site;
  await exchange.deployed({ maxconn: 200, checkTimeout: 2, httpRequestTimeout: 3 });
}, 300_000);

afterAll(async () => {
  await exchange.heal();
}, 60_000);

/** Sends bytes over TLS. Returns the status line, and the requests that reached Exchange. */
async function send(bytes: string): Promise<{ status: string; reached: string[] }> {
  await exchange.forget();
  const script = `
import socket, ssl, sys
context = ssl._create_unverified_context()
with context.wrap_socket(socket.create_connection(("${LB}", 443), 10), server_hostname="mail.lab.test") as sock:
    sock.settimeout(5)
    # A request that is too large is answered before it has been sent whole.
    try: sock.sendall(sys.stdin.buffer.read())
    except OSError: pass
    try: print(sock.recv(4096).split(b"\\r\\n")[0].decode())
    except OSError: print("silence")
`;
  const status = (await site.lab.client.must(["python3", "-c", script], { input: bytes })).trim();
  return { status, reached: (await exchange.reached()).map(({ target }) => target) };
}

test.each([
  ["GET https://\\ecp/owa/ HTTP/1.0\r\n", "400", []],
  ["GET https://mail.lab.test\\ecp/owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["GET https://mail.lab.test/owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n", "200", ["/owa/"]],
  ["GET /owa/ HTTP/1.0\r\n", "200", ["/owa/"]],
  ["OPTIONS * HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["CONNECT /owa/ HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["GET /owa/%e0%81%9c HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["GET /owa/%f8%80%80%80%ae HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["GET /owa/%EF%BC%8E%EF%BC%8E/ecp HTTP/1.1\r\nHost: mail.lab.test\r\n", "400", []],
  ["GET /robots.txt HTTP/1.1\r\nHost: mail.lab.test\r\n", "200", []],
  ["GET /favicon.ico HTTP/1.1\r\nHost: mail.lab.test\r\n", "404", []],
] as const)("the request %j is answered with %s, and Exchange sees %j", async (head, status, arrives) => {
  const { status: line, reached } = await send(`${head}\r\n`);
  expect([line.split(" ")[1], reached]).toEqual([status, arrives]);
});

test("an Authorization header of 64 kB reaches Exchange, and the log shows a larger header as unreadable", async () => {
  const request = (length: number): string => `GET /owa/?ticket HTTP/1.1\r\nHost: mail.lab.test\r\nAuthorization: Negotiate ${"N".repeat(length)}\r\n\r\n`;
  // The stand-in takes a line of 64 kB; requests-loopback.lab.ts has one of 65534 bytes in the value alone.
  expect(await send(request(65_534 - "Authorization: Negotiate ".length))).toEqual({ status: "HTTP/1.1 200 OK", reached: ["/owa/?ticket"] });
  await site.lb01.must(": > /var/log/haproxy.log");
  expect((await send(request(100_000))).reached).toEqual([]);
  await site.until("the log tells", 5, async () => (await site.lb01.exec("grep -q 'member=<NOSRV> status=400 .* end=PR .*method=<BADREQ>' /var/log/haproxy.log")).status === 0);
});

test("the log says why a request was refused", async () => {
  await site.curl(`https://${LB}/owa/..%2fecp`, "-A", "a-reader", "-H", "Host: mail.lab.test");
  await site.until("the reason is there", 5, async () => (await site.lb01.exec(`grep -q ' rule=path .* host="mail.lab.test" agent="a-reader" ' /var/log/haproxy.log`)).status === 0);
});

test("if one address opens 250 silent HTTPS connections, HAProxy closes all but 75 of them, and other clients are still served over HTTPS and SMTP", async () => {
  const { stdout } = await site.lab.client.exec(["python3", "-c", `
import socket, time
held = []
for _ in range(250):
    s = socket.socket(); s.settimeout(0.2); s.bind(("${exchange.outside}", 0))
    try: s.connect(("${LB}", 443)); held.append(s)
    except OSError: pass
time.sleep(1)
def served(source, port, say):
    try:
        s = socket.create_connection(("${LB}", port), 5, (source, 0)); s.settimeout(5); s.sendall(say); return s.recv(3)[:3].decode(errors="replace")
    except OSError as why: return str(why)
open_now = 0
for s in held:
    s.setblocking(False)
    try: s.recv(1)
    except BlockingIOError: open_now += 1
    except OSError: pass
print(open_now, served("${exchange.inside}", 25, b""))
import ssl
raw = ssl._create_unverified_context().wrap_socket(socket.create_connection(("${LB}", 443), 5, ("${exchange.inside}", 0)), server_hostname="mail.lab.test")
raw.sendall(b"GET /owa/ HTTP/1.1\\r\\nHost: mail.lab.test\\r\\n\\r\\n"); print(raw.recv(12).decode())
`], { timeout: 60 });
  // 150 places for HTTPS, half of them for an address.
  expect(stdout.trim().split("\n")).toEqual(["75 220", "HTTP/1.1 200"]);
}, 90_000);

test("if one source opens more SMTP sessions than Exchange's limit, the further sessions wait, and both members stay up", async () => {
  // Postfix's own limit in place of MaxInboundConnectionPerSource: by its 421, which is not Exchange's, a member would go down.
  const limit = (sessions: number): Promise<string[]> =>
    Promise.all(site.lab.exchangeServers.map((host) => host.must(`postconf -e smtpd_client_connection_count_limit=${sessions} && systemctl reload postfix@-`)));
  await limit(20);
  const { stdout } = await site.lab.client.exec(["python3", "-c", `
import socket, threading, time
greeted = []
def session(source):
    s = socket.create_connection(("${LB}", 25), 10, (source, 0)); s.settimeout(60); greeted.append(s.recv(3)); time.sleep(2); s.sendall(b"QUIT\\r\\n"); s.recv(100); s.close()
threads = [threading.Thread(target=session, args=(source,)) for source in ("198.18.0.31", "198.18.0.32") for _ in range(22)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(greeted), set(greeted))
`], { timeout: 90 });
  await limit(50);
  expect(stdout.trim()).toBe("44 {b'220'}");
  expect(await exchange.stand("exch01", /^UP/, /be_exch2019_smtp\//)).toBe(true);
  expect(await exchange.stand("exch02", /^UP/, /be_exch2019_smtp\//)).toBe(true);
}, 120_000);
