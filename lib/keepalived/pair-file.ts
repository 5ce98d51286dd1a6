/** The model of /etc/keepalived/pair, which haproxy-check and apply.sh read. Values may be Terraform tokens. */
export interface PairFileModel {
  readonly port: number;
  readonly interface: string;
  /** The other node's VRRP address. */
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly language: readonly string[];
  /** False if the two nodes get different haproxy files on purpose. */
  readonly alike: boolean;
}

/** The text of /etc/keepalived/pair. Each line is a keyword and a value. */
export function renderPairFile({ port, interface: on, peer, addresses, language, alike }: PairFileModel): string {
  return [
    "# Written by cdktf-exchange-balancer. The next deploy that changes this host overwrites this file.",
    "# On this port, the holder of a virtual address tells the other node the hashes of its own configuration.",
    `port ${port}`,
    `interface ${on}`,
    `peer ${peer}`,
    ...addresses.map((address) => `address ${address}`),
    ...language.map((line) => `language ${line}`),
    ...(alike ? [] : ["# The two nodes get different haproxy files, so their configurations are not compared.", "config differs"]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}
