import { Token } from "cdktf";
import { otherPort } from "../choices/other-host";
import { MemberState } from "../choices/member-state";
import type { BorderSide } from "../border/side";
import { BorderAccessModel } from "../haproxy/model";
import { ReviewModel, ReviewNode, ReviewService } from "../review/model";
import { namesOfFirst, served } from "./certificates";
import { guards } from "./guards";
import type { HaproxyNode } from "./haproxy-node";
import { sharedBans } from "./part";
import { HaproxyNodeProps } from "./props";

/** The facts about one node for the stack's REVIEW.md. A pair combines the facts about its two nodes. */
export interface NodeReview extends Omit<ReviewModel, "path" | "groups" | "nodes" | "takeover"> {
  readonly node: ReviewNode;
}

export function nodeReview(node: HaproxyNode, props: HaproxyNodeProps): NodeReview {
  const { dag, mode } = props;
  const bridge = mode._sslBridge;
  return {
    node: { role: node.node.id, host: node.host, system: node.os.name, sshPort: node._sshPort, ...peers(props), ...metrics(props) },
    mode: mode.name,
    clientNames: dag.clientNames,
    members: dag.members.map(({ name, host, weight = 100, state = MemberState.READY }) => ({ name, host, weight, state })),
    services: services(props, node._border),
    nameServers: dag.nameServers,
    // A log agent on the balancer itself needs no opening in a firewall, so the review does not list it.
    ...(node._log.target === "server" && !/^(127[.]|::1$)/.test(node._log.address) ? { logServer: node._log } : {}),
    certificates:
      bridge === undefined
        ? []
        : served(bridge, props.otherHosts).map(({ cert, names }, index) => ({ names: index === 0 ? namesOfFirst(dag, bridge) : names, expires: cert.expires })),
    ...(dag._border === undefined ? {} : { published: dag._border.published }),
    warnings: warnings(node),
  };
}

function metrics({ monitoring, monitoringAddress, host }: HaproxyNodeProps): Pick<ReviewNode, "metrics"> {
  if (monitoring === undefined) return {};
  const { port, allow } = monitoring._prometheus;
  return { metrics: { address: monitoringAddress ?? host, port, allow } };
}

function peers(props: HaproxyNodeProps): Pick<ReviewNode, "peerPort"> {
  const shared = sharedBans(props);
  return shared === undefined ? {} : { peerPort: shared.peerPort };
}

/** The review's model of a node without a pair. */
export function alone(node: HaproxyNode): ReviewModel {
  const { node: own, ...review } = node._review();
  return { ...review, path: node.node.path, groups: [], nodes: [own] };
}

function services(props: HaproxyNodeProps, border: BorderAccessModel | undefined): readonly ReviewService[] {
  const { dag, mode } = props;
  if (dag._border !== undefined) return borderServices(props, dag._border);
  const bridge = mode._sslBridge;
  const lists = new Map(guards(props).map(({ name, entries: list }) => [name, entries(list)]));
  const closed = (bridge === undefined ? [] : dag.virtualDirectories).flatMap(({ name, path }) => {
    const allow = lists.get(name);
    return allow === undefined ? [] : [{ name: path, allow }];
  });
  const redirects = bridge?.redirectToHttps ?? mode._tcp?.redirectToHttps ?? true;
  return [
    { name: "HTTPS", port: 443, memberPort: mode._offload ? 80 : 443, closed, ...(border === undefined ? {} : { behindBorder: true }) },
    ...(redirects ? [{ name: "HTTP, redirected to HTTPS", port: 80, closed: [] }] : []),
    ...(props.otherHosts ?? []).map((host) => ({ name: host.name, port: 443, hosts: host.hostNames, servers: host.servers, serverPort: otherPort(host), closed: [], ...(host.allow === undefined ? {} : { allow: entries(host.allow) }) })),
    ...dag.mailProtocols.map(({ name, port, memberPort, _address: address }) => {
      const allow = lists.get(name);
      return {
        name,
        port,
        memberPort,
        closed: [],
        ...(address === undefined ? {} : { address }),
        ...(allow === undefined ? {} : { allow }),
        ...(border?.mailPorts[name] === undefined ? {} : { behindBorder: true }),
      };
    }),
    ...(border === undefined
      ? []
      : [["HTTPS", border.httpsPort] as const, ...Object.entries(border.mailPorts)].map(([name, port]) => ({
          name: `${name}, from border proxies`,
          port,
          allow: border.addresses,
          closed: [],
        }))),
  ];
}

/** The services of a border proxy, and their ports on the servers behind the border proxy. */
function borderServices({ dag, mode }: HaproxyNodeProps, { inner, mail, published }: BorderSide): readonly ReviewService[] {
  const redirects = mode._sslBridge?.redirectToHttps ?? mode._tcp?.redirectToHttps ?? true;
  return [
    { name: "HTTPS", port: 443, memberPort: inner.httpsPort, closed: published.flatMap(({ name, what, allow }) => (allow === undefined || dag.mailProtocols.some((mail) => mail.name === name) ? [] : [{ name: `${name} (${what.join(", ")})`, allow }])) },
    ...(redirects ? [{ name: "HTTP, redirected to HTTPS", port: 80, closed: [] }] : []),
    ...dag.mailProtocols.map((protocol) => {
      const { name, port } = protocol;
      const { memberPort, servers } = mail(protocol._toModel("bridge", undefined));
      const allow = published.find((one) => one.name === name)?.allow;
      return {
        name,
        port,
        ...(servers === undefined ? { memberPort } : { servers: servers.map(({ host }) => host), serverPort: memberPort ?? port }),
        closed: [],
        ...(allow === undefined ? {} : { allow }),
      };
    }),
  ];
}

/** The entries of an allow list. If the whole list is a token, the token's expression is the only entry. */
function entries(list: string[]): readonly string[] {
  return Token.isUnresolved(list) ? [Token.asString(list)] : list;
}

/** The warnings of synthesis for this node. Each warning ends with the node's path. */
function warnings(node: HaproxyNode): readonly string[] {
  return node.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
}
