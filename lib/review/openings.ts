import { ReviewModel } from "./model";

/** A firewall opening that another team must make: a row of the table in REVIEW.md. */
export interface Opening {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly why: string;
}

/** The connections that firewalls between networks must allow, so that the nodes can serve and deploys can run. */
export function openings(model: ReviewModel): readonly Opening[] {
  const { services, groups, nodes, members, nameServers, logServer, published } = model;
  const nodeAddresses = nodes.map(({ host }) => host).join(", ");
  const served = groups.length === 0 ? nodeAddresses : groups.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6].map(withoutPrefix)).join(", ");
  /** For each node of a pair: its own address (`from`), the other node's address (`to`), and two ports. Empty without a pair. */
  const sides = nodes.flatMap(({ vrrpAddress, pairPort, peerPort }, index) => {
    const to = nodes[1 - index]?.vrrpAddress;
    return vrrpAddress === undefined || to === undefined ? [] : [{ from: vrrpAddress, to, pairPort, peerPort }];
  });
  return [
    ...services.map(({ name, port, address, allow, behindBorder = false }) => ({
      from: allow?.join(", ") ?? (published === undefined ? "all clients" : "the outside"),
      to: address ?? served,
      port: `TCP ${port}`,
      why: behindBorder ? `${name}, only for clients that do not come through a border proxy` : name,
    })),
    ...members.flatMap(({ host }) =>
      unique(services.flatMap(({ memberPort }) => memberPort ?? [])).map((port) => ({ from: nodeAddresses, to: host, port: `TCP ${port}`, why: "sessions and health checks" })),
    ),
    ...services.flatMap(({ name, servers = [], serverPort }) => servers.map((to) => ({ from: nodeAddresses, to, port: `TCP ${serverPort}`, why: `${name}: requests and health checks` }))),
    ...sides.map(({ from, to }) => ({ from, to, port: "IP protocol 112", why: "VRRP" })),
    ...sides.flatMap(({ from, to, pairPort }) => {
      if (pairPort === undefined) return [];
      // keepalived's check connects to the virtual address. A deploy connects to the other node's own address.
      const asked = [to, ...groups.flatMap(({ ipv4 }) => ipv4.map(withoutPrefix))].join(", ");
      return [{ from, to: asked, port: `TCP ${pairPort}`, why: "a deploy or keepalived's check asks which configuration the other node serves" }];
    }),
    ...sides.flatMap(({ from, to, peerPort }) => (peerPort === undefined ? [] : [{ from, to, port: `TCP ${peerPort}`, why: "HAProxy tells the other node which clients are banned" }])),
    ...sides.map(({ from, to }) => ({ from, to, port: "TCP 443", why: "`exchange-balancer handover` checks that the other node serves" })),
    ...nodes.flatMap(({ metrics }) => (metrics === undefined ? [] : [{ from: metrics.allow.join(", "), to: metrics.address, port: `TCP ${metrics.port}`, why: "metrics" }])),
    ...nodes.map(({ host, sshPort }) => ({ from: "where Terraform runs", to: host, port: `TCP ${sshPort}`, why: "deploys" })),
    ...nameServers.map((server) => ({ from: nodeAddresses, to: server, port: "UDP and TCP 53", why: "members' names" })),
    ...(logServer === undefined ? [] : [{ from: nodeAddresses, to: logServer.address, port: `${logServer.tcp ? "TCP" : "UDP"} ${logServer.port}`, why: "HAProxy's log" }]),
    { from: nodeAddresses, to: "the distribution's package source", port: "TCP 80 or 443", why: "packages, at the first deploy" },
  ];
}

function withoutPrefix(address: string): string {
  return address.replace(/[/]\d+$/, "");
}

function unique(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)];
}
