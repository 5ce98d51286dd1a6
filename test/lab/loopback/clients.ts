import { connect as connectTcp, Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** What a client received on a connection until the connection closed, or until no data came for `quietMs`. */
export interface Said {
  readonly text: string;
  readonly closed: boolean;
  readonly seconds: number;
}

export const status = ({ text }: Said): number => Number(/^HTTP\/1\.[01] (\d\d\d)/.exec(text)?.[1] ?? 0);

interface Options {
  readonly alpn?: string;
  /** How long to wait for more data before the client ends the connection, in milliseconds. */
  readonly quietMs?: number;
  readonly source?: string;
  /** The address to connect to; 127.0.0.1 by default. */
  readonly host?: string;
  /** The host name in the TLS handshake (SNI); mail.lab.test by default. */
  readonly servername?: string;
}

export async function tlsSocket(port: number, { alpn = "http/1.1", source, host = "127.0.0.1", servername = "mail.lab.test" }: Options = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const raw = connectTcp({ host, port, localAddress: source });
    raw.once("error", reject);
    const socket = connectTls({ socket: raw, servername, rejectUnauthorized: false, ALPNProtocols: [alpn] });
    const late = setTimeout(() => {
      raw.destroy();
      reject(new Error("no TLS handshake within 8 s"));
    }, 8000);
    socket.once("secureConnect", () => {
      clearTimeout(late);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

export async function tcpSocket(port: number, source?: string, host = "127.0.0.1"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, localAddress: source });
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error("no connection within 8 s"));
    }, 8000);
    socket.once("connect", () => {
      clearTimeout(late);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Collects what arrives on a socket from now on. */
export function heard(socket: Socket, quietMs: number): Promise<Said> {
  return new Promise((resolve) => {
    const began = Date.now();
    let text = "";
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed, seconds: (Date.now() - began) / 1000 });
    };
    let timer = setTimeout(() => done(false), quietMs);
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(() => done(false), quietMs);
    });
    socket.on("error", () => done(true));
    socket.on("close", () => done(true));
    socket.on("end", () => done(true));
  });
}

/** Sends bytes over TLS, one byte for each character, and returns the answer. */
export async function say(port: number, bytes: string, options: Options = {}): Promise<Said> {
  const socket = await tlsSocket(port, options);
  const said = heard(socket, options.quietMs ?? 1500);
  socket.write(Buffer.from(bytes, "latin1"));
  return said;
}

type Field = readonly [string, string];

function integer(value: number, prefix: number): number[] {
  const most = 2 ** prefix - 1;
  if (value < most) return [value];
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function literal([name, value]: Field): Buffer {
  const text = (part: string): Buffer => Buffer.concat([Buffer.from(integer(part.length, 7)), Buffer.from(part, "latin1")]);
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function frame(kind: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/**
 * Sends one HTTP/2 request with these header fields, valid or not. Returns the status, or 0 if the stream or connection
 * was refused.
 */
export async function h2(port: number, fields: readonly Field[]): Promise<number> {
  const socket = await tlsSocket(port, { alpn: "h2" });
  const answer = new Promise<number>((resolve) => {
    let data = Buffer.alloc(0);
    const done = (found: number): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => done(-1), 3000);
    socket.on("error", () => done(0));
    socket.on("close", () => done(0));
    socket.on("data", (piece: Buffer) => {
      data = Buffer.concat([data, piece]);
      while (data.length >= 9 && data.length >= 9 + data.readUIntBE(0, 3)) {
        const [length, kind] = [data.readUIntBE(0, 3), data.readUInt8(3)];
        const payload = data.subarray(9, 9 + length);
        data = data.subarray(9 + length);
        // RST_STREAM and GOAWAY; HEADERS, whose first field is :status.
        if (kind === 3 || kind === 7) return done(0);
        if (kind === 1) return done(statusOf(payload));
      }
    });
  });
  const block = Buffer.concat(fields.map(literal));
  const frames = [];
  for (let at = 0; at < block.length || at === 0; at += 16_384) {
    const last = at + 16_384 >= block.length;
    frames.push(frame(at === 0 ? 1 : 9, (last ? 4 : 0) | (at === 0 ? 1 : 0), 1, block.subarray(at, at + 16_384)));
  }
  socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0, Buffer.alloc(0)), ...frames]));
  return answer;
}

const STATIC: Readonly<Record<number, number>> = { 8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500 };

function statusOf(block: Buffer): number {
  // A size update of the table may come first.
  const at = (block[0] ?? 0) >> 5 === 1 ? 1 : 0;
  const first = block[at] ?? 0;
  if (first >= 0x80) return STATIC[first & 0x7f] ?? -2;
  const length = (block[at + 1] ?? 0) & 0x7f;
  const text = block.subarray(at + 2, at + 2 + length);
  // Three digits, plain or in Huffman's code, where each has five or six bits.
  return (block[at + 1] ?? 0) & 0x80 ? huffmanDigits(text) : Number(text.toString());
}

function huffmanDigits(octets: Buffer): number {
  const codes: Readonly<Record<string, string>> = {
    "00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5", "011100": "6", "011101": "7", "011110": "8", "011111": "9",
  };
  let bits = [...octets].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  let digits = "";
  while (digits.length < 3) {
    const code = [5, 6].map((length) => bits.slice(0, length)).find((start) => codes[start] !== undefined);
    if (code === undefined) return -3;
    digits += codes[code];
    bits = bits.slice(code.length);
  }
  return Number(digits);
}
