import { HostFile } from "./host-file";
import { ToolText } from "./monitoring-files";
import { HostPart } from "./part";

/** The settings with which a node routes for the members. Addresses may contain Terraform tokens. */
export interface RoutingModel {
  /** The network interface with the virtual addresses. Its network is also the members' network. */
  readonly interface: string;
  /** The number of this node in the pair: 1 for the master node, 2 for the backup node. */
  readonly node: 1 | 2;
  /** The other node's IPv4 address. */
  readonly peer: string;
  /** The other node's IPv6 address. */
  readonly ipv6Peer?: string;
  /** The virtual IPv4 addresses. One of them is the members' default gateway. */
  readonly gateways: readonly string[];
  readonly ipv6Gateways: readonly string[];
  /** A TCP port on which the members answer. */
  readonly port: number;
  readonly members: readonly { readonly name: string; readonly address: string }[];
  readonly ipv6Members: readonly { readonly name: string; readonly address: string }[];
  /**
   * Whether HAProxy connects to the members from the clients' addresses. If true, a deploy first checks that each
   * member's answers to clients come back to this pair.
   */
  readonly clients: boolean;
}

const SERVICE = "exchange-balancer-routing";
const CONF = "/etc/haproxy/routing.conf";
const TOOLS = "/usr/libexec/cdktf-exchange-balancer";

/**
 * Two services remove what this unit has set up: networkd removes other programs' routing rules when it restarts, and
 * nftables.service removes all tables when it starts. Because of PartOf and ReloadPropagatedFrom, systemd then sets up
 * the routing again.
 */
const UNIT = `# Written by cdktf-exchange-balancer.
[Unit]
Description=Route for the Exchange servers behind this balancer
Wants=network-online.target
After=network-online.target systemd-networkd.service systemd-sysctl.service nftables.service
Before=haproxy.service keepalived.service
PartOf=systemd-networkd.service nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${TOOLS}/routing start
ExecReload=/bin/sh ${TOOLS}/routing start
ExecStop=-/bin/sh /run/exchange-balancer-routing/undo

[Install]
WantedBy=multi-user.target
`;

/** The part that makes a node route for the members. */
export function routingPart(model: RoutingModel, packages: readonly string[], text: ToolText): HostPart {
  const { node, peer, ipv6Peer, gateways, ipv6Gateways, port, members, ipv6Members, clients } = model;
  const lines = [
    "# Written by cdktf-exchange-balancer: the servers for which this node routes.",
    `node ${node}`,
    `peer ${peer}`,
    ...(ipv6Peer === undefined ? [] : [`peer6 ${ipv6Peer}`]),
    ...gateways.map((address) => `gateway ${address}`),
    ...ipv6Gateways.map((address) => `gateway6 ${address}`),
    `port ${port}`,
    ...members.map(({ name, address }) => `member ${name} ${address}`),
    ...ipv6Members.map(({ name, address }) => `member6 ${name} ${address}`),
  ];
  const tool = (name: string, file: string, mode: string): HostFile => ({ path: `${TOOLS}/${name}`, mode, usedBy: SERVICE, content: text(file) });
  return {
    name: "routing",
    packages: [...packages, "python3"],
    files: [
      { path: `/etc/systemd/system/${SERVICE}.service`, mode: "0644", usedBy: "systemd", content: UNIT },
      { path: CONF, mode: "0644", usedBy: SERVICE, content: lines.map((line) => `${line}\n`).join("") },
      tool("routing", "routing.sh", "0755"),
      tool("routing-table.awk", "routing-table.awk", "0644"),
      tool("way-back", "way-back.py", "0755"),
    ],
    beforeLive: clients ? [`${TOOLS}/routing`] : [],
    seBooleans: [],
    // The part is never retained, because a router that nobody maintains is worse than no router.
    ends: "destroy",
    openings: [],
    forwards: model.interface,
    services: [SERVICE],
    listens: [],
  };
}
