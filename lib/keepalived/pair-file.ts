/** The facts about the pair for haproxy-check and apply.sh. May contain Terraform tokens. */
export interface PairFileModel {
  readonly port: number;
  readonly interface: string;
  /** The other node's VRRP address. */
  readonly peer: string;
  readonly addresses: readonly string[];
  readonly language: readonly string[];
  /** False if the nodes' haproxy files differ on purpose. */
  readonly alike: boolean;
}

/** The text of /etc/keepalived/pair. Each line has a word and its value. */
export function renderPairFile({ port, interface: on, peer, addresses, language, alike }: PairFileModel): string {
  return [
    "# Written by cdktf-exchange-balancer; the next deploy that changes this host replaces it.",
    "# A node asks the holder of the virtual address on this port which configuration the holder serves.",
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
