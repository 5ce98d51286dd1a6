import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { AddressInfo, createServer, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

// haproxy-check against a stats port of the test's own. The lab runs it against HAProxy (failover.lab.ts).

const OPEN = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,\nfe_https,FRONTEND,,,0,0,100,0,0,0,0,0,0,,,,,OPEN,\n\n";

/** How the stats port treats a connection, by the connection's number. */
type Behaviour = (connection: number) => "answers" | "hangs" | "cuts" | "is slow";

let folder: string;
let server: Server;
let open: Socket[];
let asked: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "haproxy-check-"));
  open = [];
  asked = 0;
});

afterEach(async () => {
  open.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function port(behaviour: Behaviour): Promise<string> {
  server = createServer((socket) => {
    open.push(socket);
    socket.on("error", () => undefined);
    const way = behaviour(asked++);
    if (way === "cuts") socket.destroy();
    if (way === "hangs" || way === "cuts") return;
    socket.on("data", (data) => {
      const answer = data.toString() === "show cli level\n" ? "user\n\n" : OPEN;
      setTimeout(() => socket.end(answer), way === "is slow" ? 250 : 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return String((server.address() as AddressInfo).port);
}

/** Runs the check as on a node that holds the given address of its pair, and gives the exit status and the seconds. */
async function check(args: string[], holds = "127.0.0.1/8"): Promise<{ status: number | null; seconds: number }> {
  const pair = path.join(folder, "pair");
  writeFileSync(pair, `port 8405\naddress ${holds}\n`);
  const script = readFileSync(path.join(__dirname, "../../lib/host/haproxy-check.sh"), "utf8").replace("/etc/keepalived/pair", pair);
  const began = process.hrtime.bigint();
  const child = spawn("bash", ["-c", script, "haproxy-check", ...args]);
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

function note(text = "0\n"): string {
  const file = path.join(folder, "haproxy-ended");
  writeFileSync(file, text);
  return file;
}

test("the check succeeds if HAProxy answers", async () => {
  expect((await check([await port(() => "answers")])).status).toBe(0);
});

test("the check fails if HAProxy accepts connections and says nothing", async () => {
  const { status, seconds } = await check([await port(() => "hangs")]);
  expect(status).toBe(1);
  // It waits 0.45 s for an answer. It does not ask a second time.
  expect(asked).toBe(1);
  expect(seconds).toBeGreaterThan(0.4);
});

test("the check asks a second time if a reload cuts the first connection", async () => {
  expect((await check([await port((connection) => (connection === 0 ? "cuts" : "answers"))])).status).toBe(0);
});

test("the check fails if HAProxy cuts all connections", async () => {
  expect((await check([await port(() => "cuts")])).status).toBe(1);
});

test("the check waits for a slow answer", async () => {
  expect((await check([await port(() => "is slow")])).status).toBe(0);
});

test("a node that holds an address asks until shortly before the next check", async () => {
  const { status, seconds } = await check([await port(() => "answers"), note(), "often"]);
  expect(status).toBe(0);
  expect(seconds).toBeGreaterThan(0.7);
  expect(asked).toBeGreaterThanOrEqual(3);
});

test("a node that holds an address notices in the middle of a check that HAProxy hangs", async () => {
  // The first two connections are the question whether HAProxy answers, and the question for its frontends.
  const { status } = await check([await port((connection) => (connection < 3 ? "answers" : "hangs")), note(), "often"]);
  expect(status).toBe(1);
  expect(asked).toBe(4);
});

test("a node that holds no address asks HAProxy only at the start of the check", async () => {
  const { status } = await check([await port(() => "answers"), note(), "often"], "203.0.113.1");
  expect(status).toBe(0);
  expect(asked).toBe(2);
});

test("the check corrects a note that HAProxy has ended, before it goes on asking", async () => {
  const file = note("1\n");
  await check([await port((connection) => (connection < 2 ? "answers" : "hangs")), file, "often"]);
  expect(readFileSync(file, "utf8")).toBe("0\n");
});
