import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { AddressInfo, createServer, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";

// haproxy-check against a stats port of the test's own. The lab runs it against HAProxy (failover.lab.ts).

const OPEN = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,\nfe_https,FRONTEND,,,0,0,100,0,0,0,0,0,0,,,,,OPEN,\n\n";

/** How the stats port treats each connection; connections are numbered from 0. */
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

/**
 * Runs haproxy-check. `holds` is the pair's virtual address; by default, it is an address that this machine holds.
 * Returns the exit status and how many seconds haproxy-check ran.
 */
async function check(args: string[], holds = "127.0.0.1/8"): Promise<{ status: number | null; seconds: number }> {
  const pair = path.join(folder, "pair");
  writeFileSync(pair, `port 8405\naddress ${holds}\n`);
  const script = checkScript().replace("/etc/keepalived/pair", pair);
  const began = process.hrtime.bigint();
  const child = spawn("bash", ["-c", script, "haproxy-check", ...args]);
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

const checkScript = (): string => readFileSync(path.join(__dirname, "../../lib/host/haproxy-check.sh"), "utf8");

function note(text = "0\n"): string {
  const file = path.join(folder, "haproxy-ended");
  writeFileSync(file, text);
  return file;
}

test("haproxy-check succeeds if HAProxy answers", async () => {
  expect((await check([await port(() => "answers")])).status).toBe(0);
});

test("haproxy-check fails if HAProxy accepts connections but sends no answer", async () => {
  const { status, seconds } = await check([await port(() => "hangs")]);
  expect(status).toBe(1);
  // It waits 0.45 s for an answer. It does not ask a second time.
  expect(asked).toBe(1);
  expect(seconds).toBeGreaterThan(0.4);
});

test("haproxy-check asks HAProxy a second time if a reload cuts the first connection", async () => {
  expect((await check([await port((connection) => (connection === 0 ? "cuts" : "answers"))])).status).toBe(0);
});

test("haproxy-check fails if HAProxy cuts all connections", async () => {
  expect((await check([await port(() => "cuts")])).status).toBe(1);
});

test("haproxy-check waits for a slow answer of HAProxy", async () => {
  expect((await check([await port(() => "is slow")])).status).toBe(0);
});

test("on a node that holds an address, haproxy-check keeps asking HAProxy until shortly before the next check, as long as HAProxy answers", async () => {
  const { status, seconds } = await check([await port(() => "answers"), note(), "often"]);
  expect(status).toBe(0);
  expect(seconds).toBeGreaterThan(0.7);
  expect(asked).toBeGreaterThanOrEqual(3);
});

test("on a node that holds an address, haproxy-check fails as soon as HAProxy hangs, not only at the next check", async () => {
  // The first two connections are the question whether HAProxy answers, and the question for its frontends.
  const { status } = await check([await port((connection) => (connection < 3 ? "answers" : "hangs")), note(), "often"]);
  expect(status).toBe(1);
  expect(asked).toBe(4);
});

test("on a node that holds no address, haproxy-check asks HAProxy at the start of the check and does not repeat the question", async () => {
  const { status } = await check([await port(() => "answers"), note(), "often"], "203.0.113.1");
  expect(status).toBe(0);
  expect(asked).toBe(2);
});

test("if a note says that HAProxy has ended, but HAProxy answers, haproxy-check corrects the note before it asks HAProxy again", async () => {
  const file = note("1\n");
  await check([await port((connection) => (connection < 2 ? "answers" : "hangs")), file, "often"]);
  expect(readFileSync(file, "utf8")).toBe("0\n");
});

describe("the question of haproxy-check whether this node may take an address", () => {
  interface Network {
    /** The answer on the holder's pair port, and the exit status of the request; 124 means a timeout. */
    readonly pair?: readonly [string, number];
    /** The answer on the holder's port 443, and the exit status of the request; 124 means a timeout. */
    readonly https?: readonly [string, number];
    /** What `ip neigh` prints for the address. */
    readonly neighbour?: string;
    /** Why the node could not take the address at the last check; empty if the node could take the address then. */
    readonly known?: string;
  }

  /** Runs haproxy-check. Returns the noted reason why the node may not take the address; "" if the node may take it. */
  async function reason({ pair = ["", 124], https = ["", 124], neighbour = "", known = "" }: Network): Promise<string> {
    writeFileSync(path.join(folder, "pair"), "port 8405\naddress 203.0.113.1/24\n");
    writeFileSync(path.join(folder, "pair.http"), "host lb02\nlanguage b\nconfig c\ngeneration 7\n");
    writeFileSync(path.join(folder, "aside"), `${known}\n`);
    const network = [
      "asked() {",
      `    if [ "$2" = 443 ]; then printf '%s' ${sh(https[0])}; return ${https[1]}; else printf '%s' ${sh(pair[0])}; return ${pair[1]}; fi`,
      "}",
      `ip() { if [ "$1" = neigh ]; then echo ${sh(neighbour)}; fi; }`,
      "answers() { :; }",
      "fronts_open() { :; }",
    ].join("\n");
    const script = checkScript()
      .replace("/etc/keepalived/pair", path.join(folder, "pair"))
      .replace("/etc/haproxy/pair.http", path.join(folder, "pair.http"))
      .replace("/run/keepalived-exchange-balancer/aside", path.join(folder, "aside"))
      .replace("port=$1\n", `${network}\nlogger() { :; }\nport=$1\n`);
    const child = spawn("bash", ["-c", script, "haproxy-check", "8404"]);
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    const noted = readFileSync(path.join(folder, "aside"), "utf8").trim();
    expect(status).toBe(noted === "" ? 0 : 1);
    return noted;
  }

  const sh = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;
  const STARTED = "this node has just started";
  const SILENT = "nobody answers at 203.0.113.1; the next check asks once more";
  const holder = (language: string, config: string, generation: number): readonly [string, number] => [`open\nhost lb01\nlanguage ${language}\nconfig ${config}\ngeneration ${generation}\n`, 0];

  beforeEach(() => {
    // For the outer afterEach.
    server = createServer().listen(0, "127.0.0.1");
  });

  test.each<[string, Network, string]>([
    ["yes, if the holder has the same VRRP settings and files", { pair: holder("b", "c", 7) }, ""],
    ["yes, if the holder has older files", { pair: holder("b", "x", 6) }, ""],
    ["no, if the holder has newer files", { pair: holder("b", "x", 8) }, "lb01, which holds 203.0.113.1, serves a newer configuration"],
    ["no, if the holder has other VRRP settings", { pair: holder("a", "c", 7) }, "lb01, which holds 203.0.113.1, uses other VRRP settings"],
    ["no, if the holder is too busy to answer, and the last check said no", { pair: ["open", 124], known: "an earlier reason" }, "an earlier reason"],
    ["yes, if no host answers, and the last check said yes", {}, ""],
    ["no, if no host answers, and the node has just started", { known: STARTED }, SILENT],
    ["yes, if no host answers, and no host answered at the last check", { known: SILENT }, ""],
    ["yes, if no host answers at the address, and at the last check no host answered at another address of the pair", { known: "nobody answers at 203.0.113.9; the next check asks once more" }, ""],
    ["yes, if the node has just started, and no host answers ARP for the address (ip neigh prints INCOMPLETE)", { known: STARTED, neighbour: "203.0.113.1 dev eth0  INCOMPLETE" }, ""],
    ["yes, if the node has just started, and no host answers ARP for the address any more (ip neigh prints FAILED)", { known: STARTED, neighbour: "203.0.113.1 dev eth0  FAILED" }, ""],
    ["no, if the node has just started, and a host has the address, but does not answer in time", { known: STARTED, neighbour: "203.0.113.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE" }, SILENT],
    ["yes, if the node has just started, and a host has the address, but refuses the connections", { pair: ["", 1], https: ["", 1], known: STARTED }, ""],
    ["no, if the holder answers only on port 443", { https: ["open", 0], known: STARTED }, "the node that holds 203.0.113.1 answers on port 443, but not on port 8405"],
  ])("haproxy-check decides whether the node may take the address: %s", async (_, network, expected) => {
    expect(await reason(network)).toBe(expected);
  });
});
