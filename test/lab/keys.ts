import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { inState } from "./paths";
import { must } from "./run";
import { HOSTS } from "./topology";

export interface KeyPair {
  readonly privatePath: string;
  /** One line, "ssh-ed25519 AAAA…", without a comment. */
  readonly publicText: string;
}

async function keyPair(name: string): Promise<KeyPair> {
  const privatePath = inState("keys", name);
  mkdirSync(inState("keys"), { recursive: true, mode: 0o700 });
  if (!existsSync(privatePath)) await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", privatePath]);
  return { privatePath, publicText: readFileSync(`${privatePath}.pub`, "utf8").trim() };
}

/** The key every login takes. */
export const loginKey = (): Promise<KeyPair> => keyPair("login");

/** A host's own key, made here and not by the host, so that a test can pin it before the first connection. */
export const hostKey = (host: string): Promise<KeyPair> => keyPair(`host-${host}`);

export async function makeKeys(): Promise<void> {
  await loginKey();
  for (const plan of HOSTS) await hostKey(plan.name);
}
