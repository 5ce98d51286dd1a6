import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { inState } from "./paths";
import { must } from "./run";
import { HOSTS } from "./topology";

export interface KeyPair {
  readonly privatePath: string;
  /** The public key in one line without a comment, such as "ssh-ed25519 AAAA…". */
  readonly publicText: string;
}

/** The types of host key that `ssh-keygen -A` makes. Every Debian and every RHEL host has all of them. */
export const KEY_TYPES = ["rsa", "ecdsa", "ed25519"] as const;

async function keyPair(name: string, type: (typeof KEY_TYPES)[number] = "ed25519"): Promise<KeyPair> {
  const privatePath = inState("keys", name);
  mkdirSync(inState("keys"), { recursive: true, mode: 0o700 });
  if (!existsSync(privatePath)) await must(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", privatePath]);
  return { privatePath, publicText: readFileSync(`${privatePath}.pub`, "utf8").trim() };
}

/** The lab's key pair for ssh logins. */
export const loginKey = (): Promise<KeyPair> => keyPair("login");

/** The ssh host keys of a host. The lab makes them, so that a test can pin them before the first connection. */
export const hostKeys = (host: string): Promise<Record<(typeof KEY_TYPES)[number], KeyPair>> =>
  Promise.all(KEY_TYPES.map(async (type) => [type, await keyPair(`host-${host}-${type}`, type)] as const)).then(
    (pairs) => Object.fromEntries(pairs) as Record<(typeof KEY_TYPES)[number], KeyPair>,
  );

export async function makeKeys(): Promise<void> {
  await loginKey();
  for (const plan of HOSTS) await hostKeys(plan.name);
}
