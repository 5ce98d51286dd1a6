import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync } from "node:fs";
import * as path from "node:path";
import { alone } from "./lock";
import { inCache, STATE } from "./paths";
import { must } from "./run";
import { step } from "./say";

/**
 * Returns the folder in the cache for this `name` and `key`. If the folder does not exist yet, builds the folder first.
 * `key` contains all inputs of the build, so a change of an input leads to a new build. The build uses a temporary name,
 * so a folder in the cache is always complete.
 */
export function cached(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  // Several hosts ask for one root file system at the same time.
  const asked = inThisRun.get(name) ?? find(name, key, build);
  inThisRun.set(name, asked);
  return asked;
}

const inThisRun = new Map<string, Promise<string>>();

async function find(name: string, key: unknown, build: (folder: string) => Promise<void>): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 12);
  const folder = inCache(`${name}-${hash}`);
  if (existsSync(folder)) return folder;
  return alone(async () => {
    if (existsSync(folder)) return folder; // Another command has built it meanwhile.
    const parts = `${folder}.part`;
    await removeTree(parts);
    mkdirSync(parts, { recursive: true });
    await step(`Building ${name} (once; it stays in the cache)`, () => build(parts));
    for (const entry of readdirSync(inCache())) {
      if (new RegExp(`^${name}-[0-9a-f]{12}(\\.part)?$`).test(entry) && inCache(entry) !== parts && !inUse(inCache(entry))) await removeTree(inCache(entry));
    }
    renameSync(parts, folder);
    return folder;
  });
}

/** Whether a host of any lab on this machine uses this folder as its root file system. Such a folder must not be removed. */
function inUse(folder: string): boolean {
  return readdirSync(path.dirname(STATE))
    .filter((name) => name.startsWith("cdktf-exchange-balancer-lab"))
    .map((name) => path.join(path.dirname(STATE), name, "hosts"))
    .filter((hosts) => existsSync(hosts))
    .flatMap((hosts) => readdirSync(hosts).map((host) => path.join(hosts, host, "origin")))
    .filter((origin) => existsSync(origin))
    // A kept disk also uses it, and an EL host uses a folder below it.
    .some((origin) => readFileSync(origin, "utf8").split(":").some((layer) => layer === folder || layer.startsWith(`${folder}/`)));
}

/** The content of every file below a folder, as part of a cache key. */
export function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => !file.includes("__pycache__") && statSync(path.join(folder, file)).isFile())
    .sort();
  return Object.fromEntries(files.map((file) => [
    file,
    createHash("sha256").update(readFileSync(path.join(folder, file))).digest("hex"),
  ]));
}

/** Removes a folder with rm(1), which is several times faster than Node, and which never enters a mounted file system. */
export async function removeTree(folder: string): Promise<void> {
  await must(["rm", "-rf", "--one-file-system", folder]);
}
