import { TransparentProxy } from "../choices/transparent-proxy";
import { TransparentModel } from "../haproxy/transparent";
import { RoutingModel } from "../host/routing";
import { HaproxyNodeProps } from "./props";

/**
 * The settings with which HAProxy connects to the members from the clients' addresses. Undefined if HAProxy connects
 * from its own address.
 */
export function transparentModel(proxy: TransparentProxy | undefined): TransparentModel | undefined {
  return proxy?._clients === true ? { ipv6Hosts: proxy._ipv6?.memberAddresses ?? [] } : undefined;
}

/** The members whose traffic a node routes, and a port on which these members answer. */
export function routesFor({ dag, mode }: HaproxyNodeProps, { _ipv6: ipv6 }: TransparentProxy): Pick<RoutingModel, "members" | "ipv6Members" | "port"> {
  return {
    port: mode._offload ? 80 : 443,
    members: dag.members.map(({ name, host }) => ({ name, address: host })),
    ipv6Members: (ipv6?.memberAddresses ?? []).map((address, index) => ({ name: dag.members[index]?.name ?? "", address })),
  };
}
