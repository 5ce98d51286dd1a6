import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer as createTcp, Server, Socket } from "node:net";
import { connect as connectTls, createServer as createTls } from "node:tls";

// One end of held connections, in a process of its own: so that its memory does not count as the balancer's. The arguments choose its role:
// "member PEM" listens and prints its ports; "clients" opens the requested connections and keeps them open.

export interface MemberPorts {
  readonly https: number;
  readonly http: number;
  readonly imap: number;
}

/** A command to the clients: open this number of connections. */
export interface Hold {
  readonly count: number;
  readonly port: number;
  readonly kind: "idle" | "waiting" | "imap";
  /** The source address. */
  readonly source: string;
}

const GREETING = "* OK The Microsoft Exchange IMAP4 service is ready.\r\n";

/**
 * Answers each request, except requests to /EWS/. Those stay open without an answer, like requests that wait for a
 * notification.
 */
function serveHttp(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => {
    const waits = data.includes(" /EWS/exchange");
    if (!waits && data.includes("\r\n\r\n")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
}

function serveImap(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.write(GREETING);
  socket.on("data", (data: Buffer) => { if (data.includes("LOGOUT")) socket.end("* BYE\r\n"); });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 1000 }, resolve));
  return (server.address() as { port: number }).port;
}

async function beMember(pem: string): Promise<void> {
  const text = readFileSync(pem);
  const ports: MemberPorts = {
    https: await listening(createTls({ key: text, cert: text, ALPNProtocols: ["http/1.1"] }, serveHttp)),
    http: await listening(createTcp(serveHttp)),
    imap: await listening(createTcp(serveImap)),
  };
  process.send?.(ports);
}

const held: Socket[] = [];

async function open({ port, kind, source }: Hold): Promise<void> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const raw = connectTcp({ host: "127.0.0.1", port, localAddress: source });
    raw.once("error", reject);
    if (kind === "imap") raw.once("data", () => resolve(raw));
    else {
      const tls = connectTls({ socket: raw, servername: "mail.lab.test", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] }, () => {
        tls.write(`POST ${kind === "waiting" ? "/EWS/exchange.asmx" : "/mapi/emsmdb/"} HTTP/1.1\r\nHost: mail.lab.test\r\nUser-Agent: Microsoft Office/16.0\r\nContent-Length: 0\r\n\r\n`);
        if (kind === "waiting") resolve(tls);
      });
      tls.once("data", () => resolve(tls));
      tls.once("error", reject);
    }
    raw.once("close", () => reject(new Error("the balancer closed a connection that should stay open")));
  });
  socket.on("error", () => undefined);
  socket.on("close", () => process.send?.({ lost: 1 }));
  held.push(socket);
}

function beClients(): void {
  process.on("message", (hold: Hold) => {
    const lanes = Array.from({ length: 24 }, async () => { while (held.length + opening < hold.count) { opening++; try { await open(hold); } finally { opening--; } } });
    Promise.all(lanes).then(() => process.send?.({ held: held.length }), (error: Error) => process.send?.({ failed: error.message }));
  });
}

let opening = 0;
const [role, pem = ""] = process.argv.slice(2);
if (role === "member") void beMember(pem);
else beClients();
process.on("disconnect", () => process.exit());
