import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { cached, contentOf } from "./cache";
import { inOneOffContainer } from "./one-off-container";
import { must } from "./run";
import type { Debian } from "./suites";

/** The packages that every host needs to boot and to be reached, as on a freshly installed virtual machine. */
export const BARE = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "iproute2", "netbase", "iputils-ping", "curl"];

const CLIENT = ["openssl", "ca-certificates", "python3", "swaks", "libnet-ssleay-perl", "libio-socket-ssl-perl", "ncat", "dnsmasq-base"];

/**
 * The packages with the programs that check the golden files. systemd is included because validate.sh runs
 * systemd-tmpfiles before a check.
 */
const TOOLS = ["haproxy", "keepalived", "rsyslog", "logrotate", "openssl", "iproute2", "systemd"];

const PROMETHEUS = ["prometheus"];

const BENCH = ["haproxy", "rsyslog", "wrk", "openssl", "ca-certificates"];

/** The shell commands that end a build. They make each copy boot as a separate host with its own identity. */
export const FIRST_BOOT = [
  // Who may log in: root, one who may become root, and one who may not.
  "useradd --create-home --shell /bin/bash --uid 2001 deploy",
  "useradd --create-home --shell /bin/bash --uid 2002 nosudo",
  "echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy && chmod 0440 /etc/sudoers.d/deploy",
  "systemctl enable systemd-networkd.service",
  // A copy has its own keys and machine id, and no name server to wait for.
  "rm -f /etc/ssh/ssh_host_*",
  ": > /etc/machine-id",
].join(" && ");

interface Bootstrap {
  /** Shell commands that run in the new root file system at the end. */
  readonly afterwards?: string;
  readonly options?: readonly string[];
  /** Lines of a sources.list, if the suite's own archive is not enough. */
  readonly sources?: readonly string[];
}

export async function bootstrap(suite: string, packages: readonly string[], folder: string, more: Bootstrap = {}): Promise<void> {
  const { afterwards, options = [], sources = [] } = more;
  const hooks = afterwards === undefined ? [] : [`--customize-hook=chroot "$1" sh -ec ${quoted(afterwards)}`];
  await must([
    "mmdebstrap", "--quiet", "--variant=minbase", `--include=${packages.join(",")}`, ...options, ...hooks, suite, folder,
    ...sources,
  ]);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Makes /bin a link to /usr/bin in Debian 11, as Debian's installer does and later releases require. mmdebstrap needs
 * an option for this.
 */
const BARE_OPTIONS: Readonly<Partial<Record<Debian, Bootstrap>>> = {
  bullseye: { options: ["--setup-hook=/usr/share/mmdebstrap/hooks/merged-usr/setup00.sh"] },
};

/** The root file system of a balancer before its first deploy, without any package that the library installs. */
export const bareRoot = (suite: Debian): Promise<string> =>
  cached(`root-bare-${suite}`, { suite, BARE, FIRST_BOOT, ...BARE_OPTIONS[suite] }, (folder) =>
    bootstrap(suite, BARE, folder, { afterwards: FIRST_BOOT, ...BARE_OPTIONS[suite] }));

/** Installs the given packages in a copy of a bare root file system, which is quicker than a new bootstrap. */
export const ADD = `
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d # nothing starts in here
  chmod 755 /usr/sbin/policy-rc.d
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
  rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
  : > /etc/machine-id
`;

async function withPackages(name: string, packages: readonly string[]): Promise<string> {
  const bare = await bareRoot("bookworm");
  return cached(name, { bare, packages, ADD }, async (folder) => {
    await must(["cp", "-a", "--reflink=auto", `${bare}/.`, folder]);
    await inOneOffContainer(folder, ["sh", "-ec", ADD, "sh", ...packages], { network: "host" });
  });
}

/** The root file system of a cloud VM before its first boot, with cloud-init. */
export const cloudRoot = (): Promise<string> => withPackages("root-cloud", ["cloud-init"]);

export const clientRoot = (): Promise<string> => withPackages("root-client", CLIENT);

/** A root file system, not bootable, with the real programs that check the golden files. */
export const toolsRoot = (suite: Debian): Promise<string> =>
  cached(`root-tools-${suite}`, { suite, TOOLS }, (folder) => bootstrap(suite, TOOLS, folder));

/** A root file system, not bootable, with HAProxy and the load generator for `npm run bench -- proxy`. */
export const benchRoot = (): Promise<string> =>
  cached("root-bench", { BENCH }, (folder) => bootstrap("bookworm", BENCH, folder));

/** A root file system, not bootable, with Debian's Prometheus and promtool. */
export const prometheusRoot = (): Promise<string> =>
  cached("root-prometheus", { PROMETHEUS }, (folder) => bootstrap("bookworm", PROMETHEUS, folder));

/** The folder of the Exchange stand-in. Its packages.txt and install.sh define what its hosts need. */
const STAND_IN = path.join(__dirname, "exchange");

export const haveExchange = (): boolean => existsSync(path.join(STAND_IN, "install.sh"));

export async function exchangeRoot(): Promise<string> {
  const packages = readFileSync(path.join(STAND_IN, "packages.txt"), "utf8")
    .split("\n").map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
  // Two layers, because a change of the stand-in's own files should not fetch its packages again.
  const base = await withPackages("root-exchange-base", packages);
  return cached("root-exchange", { base, files: contentOf(STAND_IN) }, async (folder) => {
    await must(["cp", "-a", "--reflink=auto", `${base}/.`, folder]);
    mkdirSync(path.join(folder, "opt/exchange"), { recursive: true });
    cpSync(STAND_IN, path.join(folder, "opt/exchange"), { recursive: true });
    await inOneOffContainer(folder, ["sh", "-ec", "cd /opt/exchange && sh ./install.sh && rm -rf /root/.cache"], { network: "host" });
  });
}

/**
 * A root file system for one-off containers. It contains a kernel with SELinux, qemu to run this kernel, and tools that
 * read an SELinux policy.
 */
export const selinuxRoot = (): Promise<string> =>
  withPackages("root-selinux", ["linux-image-cloud-amd64", "qemu-system-x86", "busybox-static", "cpio", "selinux-utils", "setools"]);
