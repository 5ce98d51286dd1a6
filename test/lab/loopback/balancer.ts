import { ChildProcess, spawn } from "node:child_process";
import { createSocket, Socket as Udp } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { borderAnswers } from "../../../lib/haproxy/border";
import { HaproxyModel } from "../../../lib/haproxy/model";
import { renderHaproxyCfg } from "../../../lib/haproxy/render";
import { toolFile } from "../../../lib/host/tool-file";
import { HAPROXY_FEATURES } from "../../../lib/haproxy/versions";
import { Pki } from "../pki";
import { Binary } from "./binary";
import { tcpSocket } from "./clients";

/** A real HAProxy on loopback with a host's haproxy.cfg. Only the ports, file paths and user differ from those on a host. */
export class Balancer {
  readonly log: string[] = [];
  output = "";

  private constructor(
    readonly ports: ReadonlyMap<number, number>,
    private readonly folder: string,
    private readonly udp: Udp,
    private readonly ring: Server,
    private process: ChildProcess,
    private readonly argv: readonly string[],
  ) {}

  private readonly old: ChildProcess[] = [];

  /**
 * Starts HAProxy with the model's configuration.
 * @param members each member with its ports: the port in the model -> the port on loopback
 * @param lists the file name of an allow list -> its text
 */
  static async start(binary: Binary, wanted: HaproxyModel, members: readonly (readonly [{ readonly name: string }, Readonly<Record<number, number>>])[], { pem, ca }: { readonly pem: string; readonly ca: string }, lists: Readonly<Record<string, string>> = {}, also: (text: string) => string = (text) => text): Promise<Balancer> {
    const folder = mkdtempSync(path.join(tmpdir(), "requests-"));
    const udp = createSocket("udp4");
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    // From 2.6 on the lines come by TCP, each after its length.
    const ring = createServer();
    await new Promise<void>((resolve) => ring.listen(0, "127.0.0.1", resolve));
    let text = also(renderHaproxyCfg(wanted))
      .replace("server rsyslog 127.0.0.1:514", `server rsyslog 127.0.0.1:${(ring.address() as { port: number }).port}`)
      .replace(/^ +(chroot|user|group|daemon)\b.*\n/gm, "")
      .replace("127.0.0.1:514 local0", `127.0.0.1:${udp.address().port} local0`)
      .replace("/var/lib/haproxy/stats", path.join(folder, "stats"))
      .replaceAll("/etc/haproxy/exch.pem", pem)
      .replaceAll("/etc/ssl/ca", ca)
      .replace(/[/]etc[/]haproxy[/]([a-z0-9_-]+[.](lst|http))/g, (_, name: string) => path.join(folder, name))
      // Here the clients' addresses are loopback's; on a host those are only the host itself.
      .replace("option forwardfor except 127.0.0.0/8", "option forwardfor");
    const ports = new Map<number, number>();
    for (const [, port] of text.matchAll(/bind \S+:(\d+)/g)) ports.set(Number(port), await freePort());
    ports.set(wanted.healthPort, await freePort());
    // All addresses stay all addresses where a service has one of its own.
    const everywhere = /bind \d/.test(text) ? "*" : "127.0.0.1";
    text = text.replace(/bind (\S+):(\d+)/g, (_, address: string, port: string) => `bind ${address === "*" ? everywhere : address}:${ports.get(Number(port))}`)
      .replace(/dst_port (\d+)/g, (_, port: string) => `dst_port ${ports.get(Number(port))}`)
      .replace(`ipv4@127.0.0.1:${wanted.healthPort} level user`, `ipv4@127.0.0.1:${ports.get(wanted.healthPort)} level user`);
    for (const [member, at] of members) {
      text = text.replace(new RegExp(`(server ${member.name} 127\\.0\\.0\\.1):(\\d+)`, "g"), (_, head: string, port: string) => `${head}:${at[Number(port)] ?? port}`);
    }
    // Later releases of 2.4 have it; 2.4.0, which can be built, does not.
    if (binary.version === "2.4") text = text.replace(/^ +option idle-close-on-response\n/m, "");
    if (text.includes("exchange-balancer-guard.lua")) {
      text = text.replace("/etc/haproxy/exchange-balancer-guard.lua", path.join(folder, "guard.lua"));
      writeFileSync(path.join(folder, "guard.lua"), toolFile("guard.lua").replace("/etc/haproxy/exch.pem", pem));
    }
    writeFileSync(path.join(folder, "nobody.lst"), "192.0.2.1\n");
    writeFileSync(path.join(folder, "somebody.lst"), "127.0.0.8\n127.1.0.0/16\n");
    // Nodes of a pair have one port, and on loopback an address each.
    const own = wanted.peers?.nodes.find(({ name }) => name === wanted.peers?.own);
    if (own !== undefined) text = text.replace(/(peers exchange_balancer\n(?: .*\n)*? +bind ).*/, `$1${own.address}:${wanted.peers?.port}`);
    for (const [name, list] of Object.entries(lists)) writeFileSync(path.join(folder, path.basename(name)), list);
    for (const answer of borderAnswers(HAPROXY_FEATURES[wanted.version])) writeFileSync(path.join(folder, path.basename(answer.path)), answer.content);
    writeFileSync(path.join(folder, "haproxy.cfg"), text);
    const [command = "", ...args] = [...binary.argv, "-db", "-f", path.join(folder, "haproxy.cfg")];
    const process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const balancer = new Balancer(ports, folder, udp, ring, process, binary.argv);
    udp.on("message", (line) => balancer.log.push(line.toString()));
    ring.on("connection", (socket) => {
      let data = "";
      socket.on("error", () => undefined);
      socket.on("data", (piece) => {
        data += piece.toString("latin1");
        for (let [head] = /^\d+ /.exec(data) ?? []; head !== undefined && data.length >= head.length + Number(head); [head] = /^\d+ /.exec(data) ?? []) {
          balancer.log.push(data.slice(head.length, head.length + Number(head)));
          data = data.slice(head.length + Number(head));
        }
      });
    });
    for (const stream of [process.stdout, process.stderr]) stream.on("data", (piece: Buffer) => { balancer.output += piece.toString(); });
    try {
      await balancer.until("it listens", 10, async () => {
        if (process.exitCode !== null) throw new Error(`HAProxy ended with exit status ${process.exitCode}: ${balancer.output}`);
        return (await balancer.stats().catch(() => undefined)) !== undefined;
      });
    } catch (error) {
      await balancer.stop();
      throw error;
    }
    return balancer;
  }

  port(original: number): number {
    return this.ports.get(original) ?? 0;
  }

  async until(what: string, seconds: number, holds: () => Promise<boolean> | boolean): Promise<void> {
    const began = Date.now();
    while (!(await holds())) {
      if (Date.now() - began > seconds * 1000) throw new Error(`Still not true after ${seconds} s: ${what}\n${this.output}\n${this.log.slice(-20).join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /**
   * Returns the output of `show stat` as a map. The key is "proxy/server". The value is an object with the values of
   * this row, by column name.
   */
  async stats(): Promise<Map<string, Readonly<Record<string, string>>>> {
    const socket = await tcpSocket(this.port(8404));
    const csv = await new Promise<string>((resolve, reject) => {
      let text = "";
      socket.on("data", (piece) => { text += piece.toString(); });
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
      socket.setTimeout(5000, () => socket.destroy(new Error("show stat was not answered within 5 s")));
      socket.write("show stat\n");
    });
    const [head = "", ...rows] = csv.replace(/^# /, "").trim().split("\n");
    const columns = head.split(",");
    return new Map(rows.map((row) => row.split(",")).map((row) => [`${row[0]}/${row[1]}`, Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ""]))]));
  }

  async up(name: string, seconds = 10): Promise<void> {
    await this.until(`${name} is UP`, seconds, async () => (await this.stats()).get(name)?.["status"] === "UP");
  }

  /** Sends a command to root's stats socket, as the tools on a host do, and returns the answer. */
  async command(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(path.join(this.folder, "stats"));
      let answer = "";
      socket.on("data", (piece) => { answer += piece.toString(); });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
      socket.write(`${text}\n`);
    });
  }

  /** Reloads HAProxy: starts a new process, while the old one finishes its connections. */
  async reload(): Promise<void> {
    const old = this.process;
    const ended = new Promise((resolve) => old.once("exit", resolve));
    const [command = "", ...args] = [...this.argv, "-db", "-f", this.file, "-sf", String(old.pid)];
    this.process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream?.on("data", (piece: Buffer) => { this.output += piece.toString(); });
    this.old.push(old);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000))]);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** The path of this HAProxy's haproxy.cfg. */
  get file(): string {
    return path.join(this.folder, "haproxy.cfg");
  }

  async stop(): Promise<void> {
    for (const old of this.old) if (old.exitCode === null) old.kill("SIGKILL");
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    this.udp.close();
    this.ring.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Makes a CA and a certificate for mail.lab.test in the folder. */
export async function certificates(folder: string): Promise<{ pem: string; ca: string }> {
  const root = await Pki.root(folder, "requests-root");
  return { pem: (await root.server("mail", ["mail.lab.test"])).pem, ca: root.certificate };
}

export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    // The kernel may offer a port a second time before anybody listens there.
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

const given = new Set<number>();
