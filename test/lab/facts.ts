import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CERTIFICATES } from "./certificates";
import { hostKeys, loginKey } from "./keys";
import { NAMESPACE_FILE } from "./network";
import type { NullProvider } from "./null-provider";
import { FACTS, inState } from "./paths";
import { balancerSuite, type Suite } from "./suites";
import { CLIENT_NAMES, fqdn, GATEWAY, HOSTS, INTERFACE, managementAddress, PREFIX_LENGTH, VIRTUAL_ADDRESS, type HostKind } from "./topology";

/** The facts about the running lab that tests and examples need. The environment variable EXLAB names the file with them. */
export interface LabFacts {
  /** The file of the network namespace in which the lab runs, for "nsenter --net=…". */
  readonly namespaceFile: string;
  readonly gateway: string;
  readonly prefixLength: number;
  /** The hosts' network interface. */
  readonly interface: string;
  readonly virtualAddress: string;
  /** The host names that mail clients use. They resolve to the virtual address. */
  readonly clientNames: readonly string[];
  /** The operating system of the balancers. */
  readonly suite: Suite;
  readonly hosts: readonly HostFacts[];
  readonly ssh: {
    readonly root: "root";
    /** The user who can become root with sudo, without a password. */
    readonly sudoer: "deploy";
    /** The user who cannot become root. */
    readonly nobody: "nosudo";
    readonly privateKeyPath: string;
    readonly publicKey: string;
  };
  /** The PEM file of the certificate that balancers and Exchange share: certificate, chain, private key. */
  readonly pemPath: string;
  readonly certificatePath: string;
  readonly caPath: string;
  readonly terraform: {
    readonly binary: string;
    readonly cliConfigFile: string;
    readonly nullProvider: NullProvider["kind"];
  };
}

export interface HostFacts {
  readonly name: string;
  readonly fqdn: string;
  readonly kind: HostKind;
  readonly address: string;
  readonly extraAddresses: readonly string[];
  /** The address in the management network. Only balancers have an interface in it. */
  readonly managementAddress: string;
  /** The host's ssh host keys, as `ssh-keyscan` prints them. */
  readonly hostKey: string;
}

/** The known_hosts file with the ssh host keys of all hosts. */
export const KNOWN_HOSTS = inState("known_hosts");

export async function writeFacts(terraform: string, provider: NullProvider): Promise<LabFacts> {
  const cliConfigFile = inState("terraform.tfrc");
  writeFileSync(cliConfigFile, [
    "disable_checkpoint = true",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path = ${JSON.stringify(provider.mirror)}`,
    "  }",
    "}",
    "",
  ].join("\n"));
  const login = await loginKey();
  const hosts = await Promise.all(HOSTS.map(async (plan): Promise<HostFacts> => ({
    ...plan, fqdn: fqdn(plan), managementAddress: managementAddress(plan),
    hostKey: Object.values(await hostKeys(plan.name)).map(({ publicText }) => `${plan.address} ${publicText}\n`).join(""),
  })));
  writeFileSync(KNOWN_HOSTS, hosts.map(({ hostKey }) => hostKey).join(""));
  const facts: LabFacts = {
    namespaceFile: NAMESPACE_FILE,
    gateway: GATEWAY,
    prefixLength: PREFIX_LENGTH,
    interface: INTERFACE,
    virtualAddress: VIRTUAL_ADDRESS,
    clientNames: CLIENT_NAMES,
    suite: balancerSuite(),
    hosts,
    ssh: { root: "root", sudoer: "deploy", nobody: "nosudo", privateKeyPath: login.privatePath, publicKey: login.publicText },
    pemPath: CERTIFICATES.pem,
    certificatePath: CERTIFICATES.certificate,
    caPath: CERTIFICATES.root,
    terraform: { binary: terraform, cliConfigFile, nullProvider: provider.kind },
  };
  writeFileSync(FACTS, `${JSON.stringify(facts, null, 2)}\n`);
  return facts;
}

/** Reads the facts of the running lab from the file that EXLAB names, or by default from the file that `up` wrote. */
export function readFacts(): LabFacts {
  const file = process.env["EXLAB"] ?? FACTS;
  if (!existsSync(file)) throw new Error(`The lab is not up: there is no ${file}. Run "npm run lab -- up".`);
  return JSON.parse(readFileSync(file, "utf8")) as LabFacts;
}

export const VRRP_PASSWORD = "lab-vrrp";

/** The environment variables for programs that use the lab: the path of the facts file, and Terraform's settings. */
export const labEnvironment = (facts: LabFacts): Record<string, string> => ({
  EXLAB: FACTS,
  TERRAFORM_BINARY_NAME: facts.terraform.binary,
  TF_CLI_CONFIG_FILE: facts.terraform.cliConfigFile,
  TF_IN_AUTOMATION: "1",
  CHECKPOINT_DISABLE: "1",
  CI: "1",
  // The pair's password, the way a secret reaches Terraform: by no file.
  TF_VAR_vrrp_password: VRRP_PASSWORD,
});
