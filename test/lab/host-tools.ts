import { existsSync } from "node:fs";
import { must, which } from "./run";
import { step } from "./say";

/** Programs that this machine needs for the lab, each with its Debian package. */
export type HostTools = Readonly<Record<string, string>>;

const NEEDED: HostTools = {
  "mmdebstrap": "mmdebstrap",
  "systemd-nspawn": "systemd-container",
  "ip": "iproute2",
  "nsenter": "util-linux",
  "apt-ftparchive": "apt-utils",
  "openssl": "openssl",
  "ssh": "openssh-client",
  "ssh-keygen": "openssh-client",
  "shellcheck": "shellcheck",
};

/** The keys of Debian's archives. An Ubuntu machine lacks this file until debian-archive-keyring is installed. */
const DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** @param more the packages that the caller needs in addition to those of every lab */
export async function installHostTools(more: HostTools = {}): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("The lab needs root: it boots systems and makes a network. Run it with sudo.");
  const missing = new Set(Object.entries({ ...NEEDED, ...more }).filter(([program]) => which(program) === undefined).map(([, pkg]) => pkg));
  if (!existsSync(DEBIAN_KEYS)) missing.add("debian-archive-keyring");
  if (missing.size === 0) return;
  if (which("apt-get") === undefined) {
    throw new Error(`The lab needs ${[...missing].join(", ")} and would install them with apt-get, but this machine has no apt-get. Use Debian or Ubuntu.`);
  }
  await step(`Installing ${[...missing].join(", ")} on this machine`, async () => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await must(["apt-get", "update", "-qq"], { env });
    await must(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
  });
}
