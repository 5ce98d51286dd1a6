import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { inState } from "./paths";
import { must } from "./run";
import { HOSTS } from "./topology";

export interface KeyPair {
  readonly privatePath: string;
  /** One line, "ssh-ed25519 AAAA…", without a comment. */
  readonly publicText: string;
}

/** The kinds of key that `ssh-keygen -A` makes, as every Debian and every RHEL has them. */
export const KEY_TYPES = ["rsa", "ecdsa", "ed25519"] as const;

async function keyPair(name: string, type: (typeof KEY_TYPES)[number] = "ed25519"): Promise<KeyPair> {
  const privatePath = inState("keys", name);
  mkdirSync(inState("keys"), { recursive: true, mode: 0o700 });
  if (!existsSync(privatePath)) await must(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", privatePath]);
  return { privatePath, publicText: readFileSync(`${privatePath}.pub`, "utf8").trim() };
}

/** The key every login takes. */
export const loginKey = (): Promise<KeyPair> => keyPair("login");

/** A host's own keys, made here and not by the host, so that a test can pin them before the first connection. */
export const hostKeys = (host: string): Promise<Record<(typeof KEY_TYPES)[number], KeyPair>> =>
  Promise.all(KEY_TYPES.map(async (type) => [type, await keyPair(`host-${host}-${type}`, type)] as const)).then(
    (pairs) => Object.fromEntries(pairs) as Record<(typeof KEY_TYPES)[number], KeyPair>,
  );

export async function makeKeys(): Promise<void> {
  await loginKey();
  for (const plan of HOSTS) await hostKeys(plan.name);
}
