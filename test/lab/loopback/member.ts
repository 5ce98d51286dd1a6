import { createServer as createTcp, Server, Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { readFileSync } from "node:fs";

/** A request with the exact target and headers that arrived. */
export interface Arrived {
  readonly member: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The number of the member's connection on which the request arrived. */
  readonly connection: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: readonly string[];
  /**
   * If true, the connection becomes a tunnel after this answer: the member sends nothing more, and records what
   * arrives.
   */
  readonly tunnel?: boolean;
  readonly delayMs?: number;
}

/** A member for tests: its HTTPS server accepts any request bytes, and its mail ports send the text that a test gives. */
export class Member {
  readonly arrived: Arrived[] = [];
  /** The bytes that arrived through a tunnel. */
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

  /**
   * Opens a mail port that sends the greeting from `greet`. It answers QUIT and LOGOUT with `goodbye`, and other
   * commands with 250 ok.
   */
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

  /** Stops the member: closes its ports and all connections, as if it were switched off. */
  async stop(): Promise<void> {
    const closed = this.servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
  }
}
