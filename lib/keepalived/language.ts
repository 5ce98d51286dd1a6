import { KeepalivedModel } from "./model";

/** What both nodes must agree on to hear each other. A text that differs is another language. */
export function vrrpLanguage({ vrrp, advertInt, instances }: KeepalivedModel, nodes: readonly string[]): readonly string[] {
  const transport = vrrp.version === 3 && vrrp.unicastPeer !== undefined ? `unicast ${nodes.join(" ")}` : "multicast";
  return [
    `VRRPv${vrrp.version} every ${advertInt} s, ${transport}`,
    ...instances.map(({ virtualRouterId, addresses }) => `router ${virtualRouterId}: ${addresses.join(" ")}`),
  ];
}
