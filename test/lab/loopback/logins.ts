import type { Arrived, Answer } from "./member";

/**
 * Returns the Authorization header of a Basic login. The functions below make what clients send for other logins: NTLM
 * and Negotiate headers, and the body of OWA's form.
 */
export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

const FIRST = Buffer.concat([Buffer.from("NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2", "latin1"), Buffer.alloc(16)]);
const SECOND = Buffer.concat([Buffer.from("NTLMSSP\0\x02\0\0\0", "latin1"), Buffer.alloc(8), Buffer.from("\x05\x82\x89\xa2", "latin1"), Buffer.from("challeng"), Buffer.alloc(16)]);

/** NTLM's third message. It contains the password instead of a response to the challenge, because Judge checks the password. */
export function third(user: string, password: string, { unicode = true } = {}): Buffer {
  const text = (value: string): Buffer => (unicode ? utf16(value) : Buffer.from(value, "latin1"));
  const parts = [Buffer.alloc(24), Buffer.concat([Buffer.from(password, "utf8"), Buffer.alloc(Math.max(0, 16 - password.length))]), text("LAB"), text(user), text("PC"), Buffer.alloc(0)];
  const head = Buffer.alloc(64 + 24);
  head.write("NTLMSSP\0\x03\0\0\0", "latin1");
  let at = head.length;
  parts.forEach((part, index) => {
    head.writeUInt16LE(part.length, 12 + index * 8);
    head.writeUInt16LE(part.length, 14 + index * 8);
    head.writeUInt32LE(at, 16 + index * 8);
    at += part.length;
  });
  head.writeUInt32LE(unicode ? 0xa2888205 : 0xa2888204, 60);
  return Buffer.concat([head, ...parts]);
}

const der = (tag: number, ...inside: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(inside);
  const length = body.length < 128 ? Buffer.from([body.length]) : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};

/** Wraps an NTLM message in SPNEGO's NegTokenResp, for an Authorization header with Negotiate. */
export const wrapped = (message: Buffer): Buffer => der(0xa1, der(0x30, der(0xa0, Buffer.from([0x0a, 1, 1])), der(0xa2, der(0x04, message))));

export const ntlm = (message: Buffer): string => `NTLM ${message.toString("base64")}`;
export const negotiate = (message: Buffer): string => `Negotiate ${message.toString("base64")}`;
export const HELLO = ntlm(FIRST);
export const HELLO_WRAPPED = negotiate(wrapped(FIRST));

export const form = (user: string, password: string): string => `destination=https%3A%2F%2Fmail.lab.test%2Fowa%2F&flags=4&forcedownlevel=0&username=${encodeURIComponent(user)}&password=${encodeURIComponent(password)}&passwordText=&isUtf8=1`;

/** A login whose password reached Exchange and was checked there. */
export interface Judged {
  readonly how: string;
  readonly user: string;
  readonly right: boolean;
  /** The client's User-Agent, by which a test tells clients apart. */
  readonly agent: string;
  readonly at: number;
}

/**
 * Imitates the part of Exchange that handles logins. A password is correct if `accounts` has this password for the
 * user.
 */
export class Judge {
  readonly judged: Judged[] = [];
  private readonly bound = new Map<number, string>();

  constructor(readonly accounts: Map<string, string>) {}

  answer({ method, target, headers, body, connection }: Arrived): Answer {
    const value = (name: string): string => headers.find(([known]) => known.toLowerCase() === name)?.[1] ?? "";
    const path = decodeURIComponent(target.split("?")[0] ?? "").toLowerCase();
    const judge = (how: string, user: string, password: string): boolean => {
      const name = user.replace(/^.*\\/, "").replace(/@.*/, "").toLowerCase();
      const right = this.accounts.get(name) === password;
      this.judged.push({ how, user: name, right, agent: value("user-agent"), at: Date.now() });
      return right;
    };
    if (path.endsWith("/auth.owa") && method === "POST") {
      const fields = new URLSearchParams(body);
      const right = judge("form", fields.get("username") ?? "", fields.get("password") ?? "");
      return right
        ? { status: 302, headers: ["Location: https://mail.lab.test/owa/", "Set-Cookie: cadata=abc; path=/; secure; HttpOnly", "Set-Cookie: cadataTTL=x; path=/"] }
        : { status: 302, headers: ["Location: https://mail.lab.test/owa/auth/logon.aspx?replaceCurrent=1&reason=2&url=https%3a%2f%2fmail.lab.test%2fowa%2f"] };
    }
    if (/^\/(owa|ecp)(\/|$)/.test(path) || path.endsWith("healthcheck.htm")) return {};
    const asks = { status: 401, headers: ["WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM", 'WWW-Authenticate: Basic realm="mail"'] };
    const authorization = value("authorization");
    if (authorization === "") return this.bound.has(connection) ? {} : asks;
    const [scheme = "", token = ""] = authorization.split(" ");
    const blob = Buffer.from(token, "base64");
    if (scheme.toLowerCase() === "basic") {
      const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(blob.toString()) ?? [];
      return judge("basic", user, password) ? {} : asks;
    }
    const from = blob.indexOf("NTLMSSP\0", 0, "latin1");
    if (from < 0) return asks;
    const message = blob.subarray(from);
    if (message[8] === 1) return { status: 401, headers: [`WWW-Authenticate: ${scheme} ${(from > 0 ? wrapped(SECOND) : SECOND).toString("base64")}`] };
    const field = (index: number): Buffer => message.subarray(message.readUInt32LE(16 + index * 8), message.readUInt32LE(16 + index * 8) + message.readUInt16LE(12 + index * 8));
    const user = (message.readUInt32LE(60) & 1) === 1 ? field(3).toString("utf16le") : field(3).toString("latin1");
    const right = judge(from > 0 ? "negotiate" : "ntlm", user, field(1).toString("utf8").replace(/\0+$/, ""));
    if (!right) return asks;
    this.bound.set(connection, user);
    return {};
  }
}
