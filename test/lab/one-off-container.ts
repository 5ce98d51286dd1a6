import { existsSync } from "node:fs";
import { removeNspawnTraces } from "./nspawn-traces";
import { type Outcome, run } from "./run";

export interface OneOff {
  /** "host": this machine's network, to reach package registries. "none": an empty network of its own. */
  readonly network: "host" | "none";
  /** Whether to discard all changes afterwards. Several such containers can use one root file system at the same time. */
  readonly throwAway?: boolean;
  /** Folders of this machine, each as SOURCE:TARGET. */
  readonly bind?: readonly string[];
  readonly bindReadOnly?: readonly string[];
}

let count = 0;

/** Runs one command in a root file system without booting it. Throws if the command fails. */
export async function inOneOffContainer(root: string, argv: readonly string[], options: OneOff): Promise<Outcome> {
  const name = `exlab-once-${process.pid}-${++count}`;
  const outcome = await run([
    "systemd-nspawn", "--quiet", "-D", root, "-M", name, "--register=no", "--keep-unit", "--pipe", "--timezone=off",
    ...(options.throwAway === true ? ["--volatile=overlay", "--read-only"] : []),
    ...(options.network === "host" ? ["--resolv-conf=copy-host", ...registryAccess()] : ["--private-network", "--resolv-conf=off"]),
    ...(options.bind ?? []).map((pair) => `--bind=${pair}`),
    ...(options.bindReadOnly ?? []).map((pair) => `--bind-ro=${pair}`),
    ...argv,
  ]);
  removeNspawnTraces(name);
  if (outcome.status !== 0) {
    throw new Error(`In ${root} this failed with status ${outcome.status}: ${argv.join(" ")}\n${outcome.stdout}${outcome.stderr}`);
  }
  return outcome;
}

/**
 * Returns the options for systemd-nspawn that let a container reach the package registries as this machine does:
 * proxies, pip's settings, trusted roots.
 */
function registryAccess(): string[] {
  const flags: string[] = [];
  for (const [key, value] of Object.entries(process.env)) {
    if (value !== undefined && /^(https?_proxy|no_proxy|PIP_(?!CERT).*)$/i.test(key)) flags.push(`--setenv=${key}=${value}`);
  }
  const wheels = process.env["PIP_FIND_LINKS"];
  if (wheels !== undefined && existsSync(wheels)) flags.push(`--bind-ro=${wheels}`);
  if (existsSync("/etc/pip.conf")) flags.push("--bind-ro=/etc/pip.conf:/run/machine-pip.conf", "--setenv=PIP_CONFIG_FILE=/run/machine-pip.conf");
  const roots = "/etc/ssl/certs/ca-certificates.crt";
  if (existsSync(roots)) {
    // Under another path: the file of the same name belongs to the container's own packages.
    flags.push(`--bind-ro=${roots}:/run/machine-roots.pem`);
    for (const key of ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]) flags.push(`--setenv=${key}=/run/machine-roots.pem`);
  }
  return flags;
}
