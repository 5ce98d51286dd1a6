import type { Socket } from "node:net";
import { tlsSocket } from "./clients";

/** A client that keeps its connection, as Outlook, phones and password guessers do. Sends one request at a time. */
export class KeepAlive {
  private socket: Socket | undefined;
  private data = "";
  private wake: () => void = () => undefined;

  constructor(private readonly port: number, private readonly source: string, private readonly agent: string) {}

  /** Sends a request. Returns the status of the answer, or 0 if the connection ended before an answer arrived. */
  async ask(method: string, target: string, { authorization, body = "", more = [] }: { readonly authorization?: string; readonly body?: string; readonly more?: readonly string[] } = {}): Promise<number> {
    const socket = await this.connected();
    const head = [`${method} ${target} HTTP/1.1`, "Host: mail.lab.test", `User-Agent: ${this.agent}`, `Content-Length: ${Buffer.byteLength(body)}`, ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]), ...more];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    for (;;) {
      const end = this.data.indexOf("\r\n\r\n");
      if (end >= 0) {
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.data.slice(0, end))?.[1] ?? 0);
        if (this.data.length >= end + 4 + length) {
          const answer = this.data.slice(0, end);
          this.data = this.data.slice(end + 4 + length);
          if (/\r\nconnection: *close/i.test(answer)) this.close();
          return Number(/^HTTP\/1\.[01] (\d\d\d)/.exec(answer)?.[1] ?? 0);
        }
      }
      if (socket.destroyed || this.socket !== socket) return 0;
      await new Promise<void>((resolve) => { this.wake = resolve; });
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.data = "";
  }

  private async connected(): Promise<Socket> {
    if (this.socket !== undefined && !this.socket.destroyed) return this.socket;
    this.data = "";
    const socket = await tlsSocket(this.port, { source: this.source });
    socket.on("data", (piece: Buffer) => { this.data += piece.toString("latin1"); this.wake(); });
    for (const event of ["error", "close", "end"]) socket.on(event, () => { socket.destroy(); this.wake(); });
    this.socket = socket;
    return socket;
  }
}
