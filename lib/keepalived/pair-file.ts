/** What haproxy-check and apply.sh need to know of the pair. May hold Terraform tokens. */
export interface PairFileModel {
  readonly port: number;
  readonly interface: string;
  /** The other node's VRRP address. */
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly language: readonly string[];
  /** False where the nodes' haproxy are to differ. */
  readonly alike: boolean;
}

/** The text of /etc/keepalived/pair: a word and its value a line. */
export function renderPairFile({ port, interface: on, peer, addresses, language, alike }: PairFileModel): string {
  return [
    "# Written by cdktf-exchange-balancer; the next deploy that changes this host replaces it.",
    "# On this port a node asks the holder of the virtual address which configuration it serves.",
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
