import { KeepalivedModel } from "./model";

/** The settings that both nodes must have in common so that each accepts the other's advertisements. */
export function vrrpLanguage({ vrrp, advertInt, instances }: KeepalivedModel, nodes: readonly string[]): readonly string[] {
  const transport = vrrp.version === 3 && vrrp.unicastPeer !== undefined ? `unicast ${nodes.join(" ")}` : "multicast";
  return [
    `VRRPv${vrrp.version} every ${advertInt} s, ${transport}`,
    ...instances.map(({ virtualRouterId, addresses }) => `router ${virtualRouterId}: ${addresses.join(" ")}`),
  ];
}
