import { createServer as createTcp, Server, Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { readFileSync } from "node:fs";

/** A request as it came over the wire. */
export interface Arrived {
  readonly member: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Which of the member's connections it came on. */
  readonly connection: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: readonly string[];
  /** Says nothing more on the connection, and keeps what comes on it: what a tunnel would carry. */
  readonly tunnel?: boolean;
  readonly delayMs?: number;
}

/** An HTTPS member that believes every byte, and a mail member that says what it is told to. */
export class Member {
  readonly arrived: Arrived[] = [];
  /** What came through a tunnel. */
  tunnelled = "";
  answer: (request: Arrived) => Answer = () => ({});
  healthStatus = 200;
  connections = 0;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(readonly name: string) {}

  static async start(name: string, pem: string): Promise<Member> {
    const member = new Member(name);
    const text = readFileSync(pem);
    const tls = createTls({ key: text, cert: text, ALPNProtocols: ["http/1.1"] }, (socket) => member.serve(socket));
    member.httpsPort = await member.listen(tls);
    return member;
  }

  httpsPort = 0;

  /** Opens a port for plain HTTP. */
  async plain(): Promise<number> {
    return this.listen(createTcp((socket) => this.serve(socket)));
  }

  /** Opens a mail port that greets as it is told, and says goodbye to anything. */
  async mail(greet: (sessions: number) => string, goodbye = "221 2.0.0 bye\r\n"): Promise<number> {
    let sessions = 0;
    return this.listen(createTcp((socket) => {
      sessions++;
      const greeting = greet(sessions);
      socket.on("close", () => sessions--);
      socket.on("error", () => undefined);
      socket.write(greeting);
      if (!/^(220|\* OK|\+OK)/.test(greeting)) return void socket.end();
      socket.on("data", (data) => {
        if (/QUIT|LOGOUT/.test(data.toString())) socket.end(goodbye);
        else socket.write("250 ok\r\n");
      });
    }));
  }

  private async listen(server: Server): Promise<number> {
    this.servers.push(server);
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A test that fails before it stops its member must not keep the suite from ending.
    server.unref();
    return (server.address() as { port: number }).port;
  }

  private serve(socket: Socket): void {
    const connection = ++this.connections;
    let data = "";
    let tunnel = false;
    socket.on("error", () => undefined);
    socket.on("data", (piece) => {
      if (tunnel) {
        this.tunnelled += piece.toString("latin1");
        return;
      }
      data += piece.toString("latin1");
      for (let end = data.indexOf("\r\n\r\n"); end >= 0 && !tunnel; end = data.indexOf("\r\n\r\n")) {
        const [line = "", ...fields] = data.slice(0, end).split("\r\n");
        const headers = fields.map((field) => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1).trim()] as const);
        const length = Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
        if (data.length < end + 4 + length) return;
        const body = data.slice(end + 4, end + 4 + length);
        data = data.slice(end + 4 + length);
        // As it is written: a target with blanks would be a request line of its own.
        const request = { member: this.name, method: line.split(" ")[0] ?? "", target: line.split(" ").slice(1, -1).join(" "), headers, body, connection };
        const health = /healthcheck\.htm$/i.test(request.target) && !headers.some(([name]) => ["x-forwarded-for", "x-case"].includes(name.toLowerCase()));
        if (!health) this.arrived.push(request);
        const { status = 200, headers: more = [], tunnel: tunnels = false, delayMs = 0 } = health ? { status: this.healthStatus } : this.answer(request);
        tunnel = tunnels;
        const page = tunnels ? "" : `${this.name}\n`;
        const text = [`HTTP/1.1 ${status} X`, `X-Member: ${this.name}`, ...(tunnels ? [] : [`Content-Length: ${page.length}`]), ...more, "", page].join("\r\n");
        if (delayMs === 0) socket.write(text);
        else setTimeout(() => socket.write(text), delayMs);
      }
    });
  }

  /** Refuses and forgets, as a member that was switched off. */
  async stop(): Promise<void> {
    const closed = this.servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }
}
