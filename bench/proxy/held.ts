import { ChildProcess, execFileSync, fork } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import * as path from "node:path";
import { HaproxyModel } from "../../lib/haproxy/model";
import { Balancer, certificates } from "../../test/lab/loopback/balancer";
import { Binary, debianBinary } from "../../test/lab/loopback/binary";
import { BRIDGE, SMTP, TCP, model } from "../../test/support/haproxy-model";
import type { Hold, MemberPorts } from "./held-peer";
import { table } from "../table";

interface Mode {
  readonly name: string;
  readonly kind: Hold["kind"];
  readonly port: number;
  readonly change: Partial<HaproxyModel>;
}

const IMAP = { ...SMTP, name: "imap", port: 143, memberPort: 143, idleTimeout: "35m", greeting: "imap" } as const;

/**
 * The kinds of open connections: bridged or offloaded connections between two requests, bridged connections that wait
 * for an answer (notifications, heartbeats), connections in TCP mode, and IMAP connections.
 */
const MODES: readonly Mode[] = [
  { name: "bridging, between requests", kind: "idle", port: 443, change: { https: BRIDGE } },
  { name: "bridging, waiting for an answer", kind: "waiting", port: 443, change: { https: BRIDGE } },
  { name: "offloading, between requests", kind: "idle", port: 443, change: { https: { ...BRIDGE, caFile: undefined } } },
  { name: "TCP mode", kind: "idle", port: 443, change: { https: TCP } },
  { name: "IMAP", kind: "imap", port: 143, change: { https: TCP, mail: [IMAP] } },
];

/**
 * One balancer with its own clients and member. If one process cannot open enough files, several cells run side by side.
 */
interface Cell {
  readonly balancer: Balancer;
  readonly clients: ChildProcess;
  readonly member: ChildProcess;
}

interface Sample {
  readonly mode: string;
  readonly held: number;
  readonly memoryKb: number;
  readonly kernelKb: number;
  readonly files: number;
}

/** `npm run bench -- proxy --held 1000,10000,20000`: the cost of a connection that is open and idle. */
export async function heldConnections(counts: readonly number[], only: RegExp | undefined): Promise<void> {
  const most = Math.max(...counts);
  const cells = Math.ceil(most / connectionsOfOneProcess());
  const binary = await debianBinary("bookworm");
  const folder = mkdtempSync(path.join(tmpdir(), "exbench-"));
  const samples: Sample[] = [];
  try {
    const pki = await certificates(folder);
    for (const mode of MODES.filter(({ name }) => only?.test(name) ?? true)) {
      process.stderr.write(`${mode.name}\n`);
      samples.push(...await measured(mode, counts, cells, binary, pki));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(report(samples, cells));
}

/** How many connections one process can hold. A bridged connection needs two open files, and the process a few more. */
function connectionsOfOneProcess(): number {
  const limit = Number(execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }));
  // Not more than there are source ports towards one address and port, either.
  return Math.min(Math.floor(((Number.isFinite(limit) ? limit : 1_000_000) - 1000) / 2), 28_000);
}

async function measured(mode: Mode, counts: readonly number[], count: number, binary: Binary, pki: { pem: string; ca: string }): Promise<Sample[]> {
  const cells: Cell[] = [];
  try {
    for (let one = 0; one < count; one++) cells.push(await cell(mode, binary, pki));
    const look = (): { memory: number; kernel: number; files: number } => ({
      memory: sum(cells.map(({ balancer }) => residentKb(balancer.pid))),
      kernel: slabKb(),
      files: sum(cells.map(({ balancer }) => readdirSync(`/proc/${balancer.pid}/fd`).length)),
    });
    const before = look();
    const samples: Sample[] = [];
    for (const held of counts) {
      const each = cells.map((_, at) => Math.floor(held / count) + (at < held % count ? 1 : 0));
      await Promise.all(cells.map(({ clients, balancer }, at) => hold(clients, { count: each[at] ?? 0, port: balancer.port(mode.port), kind: mode.kind, source: `127.0.1.${at + 1}` })));
      // By then, the memory for handshakes and answers is free again.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const now = look();
      samples.push({ mode: mode.name, held, memoryKb: now.memory - before.memory, kernelKb: now.kernel - before.kernel, files: now.files - before.files });
    }
    return samples;
  } finally {
    for (const { balancer, clients, member } of cells) {
      clients.kill("SIGKILL");
      await balancer.stop();
      member.kill("SIGKILL");
    }
  }
}

async function cell({ change }: Mode, binary: Binary, pki: { pem: string; ca: string }): Promise<Cell> {
  const script = path.join(__dirname, "held-peer.ts");
  const member = fork(script, ["member", pki.pem]);
  const ports = await new Promise<MemberPorts>((resolve, reject) => { member.once("message", resolve); member.once("error", reject); });
  const clients = fork(script, ["clients"]);
  const own = connectionsOfOneProcess();
  // No connection may be closed while the bench measures.
  const timeouts = { ...model(binary.version).timeouts, httpKeepAlive: "60m" };
  const wanted = model(binary.version, { maxconn: own, limits: { connections: own }, timeouts, checkTiming: { interval: "60s", fastInterval: "1s", fall: 3, rise: 2 }, ...change, ...(change.https?.mode === "bridge" ? { https: { ...change.https, clientIdleTimeout: "61m" } } : {}) });
  const mail = wanted.mail.map((one) => ({ ...one, maxconn: own }));
  const balancer = await Balancer.start(binary, { ...wanted, mail }, [[{ name: "exch01" }, { 443: ports.https, 80: ports.http, 143: ports.imap }]], pki);
  return { balancer, clients, member };
}

async function hold(clients: ChildProcess, wanted: Hold): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const told = (message: { held?: number; failed?: string; lost?: number }): void => {
      clients.off("message", told);
      if (message.held === wanted.count) resolve();
      else reject(new Error(`not all connections stay open: ${JSON.stringify(message)}`));
    };
    clients.on("message", told);
    clients.send(wanted);
  });
}

function residentKb(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** The kernel's memory for sockets and files, in kB. It includes all processes of the machine, also clients and members. */
function slabKb(): number {
  const rows = readFileSync("/proc/slabinfo", "utf8").split("\n").map((line) => line.split(/\s+/));
  return sum(rows.filter(([name = ""]) => /^(TCP|tw_sock_TCP|request_sock_TCP|sock_inode_cache|filp|dentry|eventpoll_epi|eventpoll_pwq|skbuff_.*)$/.test(name)).map(([, active, , size]) => (Number(active) * Number(size)) / 1024));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const HEAD = ["held", "connections", "memory MB", "kB each", "kernel kB each", "files each"];

function report(samples: readonly Sample[], processes: number): string {
  const rows = samples.map(({ mode, held, memoryKb, kernelKb, files }, at) => {
    // Each socket of the balancer has one at the other end. On a real network, that end is on another machine.
    const kernel = kernelKb / held / 2;
    return [samples[at - 1]?.mode === mode ? "" : mode, String(held), (memoryKb / 1024).toFixed(0), (memoryKb / held).toFixed(1), kernel.toFixed(1), (files / held).toFixed(2)];
  });
  return [
    `held connections: HAProxy of Debian 12 on loopback, ${cpus().length} x ${(cpus()[0]?.model ?? "unknown").trim()}, ${processes} balancers side by side`,
    "memory: VmRSS of the balancers, minus their VmRSS before the first connection; kernel: half of the memory of the sockets on both ends",
    "",
    ...table(HEAD, rows),
  ].join("\n") + "\n";
}
