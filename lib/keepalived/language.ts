import { KeepalivedModel } from "./model";

/** The settings that must be equal on both nodes. If they differ, each node ignores the other node's advertisements. */
export function vrrpLanguage({ vrrp, advertInt, instances }: KeepalivedModel, nodes: readonly string[]): readonly string[] {
  const transport = vrrp.version === 3 && vrrp.unicastPeer !== undefined ? `unicast ${nodes.join(" ")}` : "multicast";
  return [
    `VRRPv${vrrp.version} every ${advertInt} s, ${transport}`,
    ...instances.map(({ virtualRouterId, addresses }) => `router ${virtualRouterId}: ${addresses.join(" ")}`),
  ];
}
