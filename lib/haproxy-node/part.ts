import { Construct } from "constructs";
import { allowListText, checkAllowList } from "../choices/allow-lists";
import { Duration } from "../choices/duration";
import { OtherHost } from "../choices/other-host";
import { EXCEPTIONS_FILE } from "../choices/password-guessing";
import { certificateCheckOf, toolOf } from "../delivery/shell-locals";
import { borderAnswers } from "../haproxy/border";
import { GUARD_LUA, PeersModel } from "../haproxy/guesses";
import { PairModel } from "../haproxy/model";
import { PAIR_ANSWER, SYSLOG_PORT, renderHaproxyCfg, renderPairAnswer } from "../haproxy/render";
import { TransparentModel } from "../haproxy/transparent";
import { HAPROXY_FEATURES } from "../haproxy/versions";
import { CERTIFICATE_CHECK } from "../host/certificate-check";
import { HostFile, madeLate } from "../host/host-file";
import { loggingFiles } from "../host/logging";
import { guardLua, onCallFiles } from "../host/monitoring-files";
import { HostPart } from "../host/part";
import { Checks } from "../validation/checks";
import { invalid, refused } from "../validation/errors";
import { allowListFiles } from "./allow-list-files";
import { checkGuards } from "./guards";
import { caFiles, certFiles, checkCertificates } from "./certificates";
import { NodeFacts, haproxyModel } from "./model";
import { nodeMonitoring } from "./monitoring";
import { checkOtherHosts, otherListFile } from "./other-hosts";
import { ownLines } from "./own-lines";
import { HaproxyNodeProps } from "./props";

/** Facts that the node has computed from its props. */
export interface PartFacts extends NodeFacts {
  readonly sshPort: number;
}

/** The facts that a pair adds to a node's haproxy. */
export interface PairFacts extends PairModel {
  /** This node's host. */
  readonly host: string;
  /** The other node's VRRP address. */
  readonly peer: string;
  /** Set if HAProxy connects to the members from the clients' addresses. */
  readonly transparent?: TransparentModel;
}

const HAPROXY_CFG = { path: "/etc/haproxy/haproxy.cfg", mode: "0644", usedBy: "haproxy" } as const;

/**
 * Returns a function that makes the parts of a node: haproxy and, if the user sets it, monitoring. The node calls the
 * returned function once without a pair, and again when the node joins a pair.
 */
export function haproxyParts(
  scope: Construct,
  checks: Checks,
  props: HaproxyNodeProps,
  at: PartFacts,
): (pair?: PairFacts) => readonly HostPart[] {
  const bridge = props.mode._sslBridge;
  if (bridge !== undefined) checkCertificates(scope, checks, bridge, props.dag, props.otherHosts);
  checkGuards(scope.node.path, props);
  checkOtherHosts(scope, checks, props);
  const lists = allowListFiles(scope, checks, props);
  const withoutLines = haproxyModel(checks, props, at, lists);
  // Services on different addresses may have the same port.
  const ports = [...new Set([...(withoutLines.https.redirectToHttps ? [80] : []), 443, ...withoutLines.mail.map(({ port }) => port)])];
  const borderPorts = at.border === undefined ? [] : [at.border.httpsPort, ...Object.values(at.border.mailPorts)];
  const twice = borderPorts.find((port, index) => [...ports, at.healthPort, at.sshPort, ...borderPorts.slice(0, index)].includes(port));
  if (twice !== undefined) throw invalid(scope.node.path, "border's ports", "ports that nothing else uses", twice);
  const logged = [...ports, ...borderPorts, at.healthPort].find((port) => port === SYSLOG_PORT);
  if (logged !== undefined) throw refused(scope.node.path, `no service may use port ${SYSLOG_PORT}, because rsyslog receives HAProxy's log on this port`);
  if (ports.includes(at.sshPort)) {
    throw refused(scope.node.path, `mailProtocols must not use the ssh port, got ${at.sshPort} for both`);
  }
  if (ports.includes(at.healthPort) || at.healthPort === at.sshPort) {
    throw invalid(scope.node.path, "healthPort", "a port that nothing else uses", at.healthPort);
  }
  const tool = (name: string): string => toolOf(scope, name);
  const monitoring = nodeMonitoring(scope, checks, props, [...ports, ...borderPorts, at.healthPort, at.sshPort, SYSLOG_PORT], tool);
  const served = [...ports, ...borderPorts, at.healthPort, at.sshPort, SYSLOG_PORT, ...(monitoring === undefined ? [] : [monitoring.model.port])];
  const guessing = bridge?.passwordGuessing?._options;
  if (guessing !== undefined && served.includes(guessing.peerPort)) {
    throw invalid(scope.node.path, "passwordGuessing.peerPort", "a port that nothing else uses", guessing.peerPort);
  }
  const shared = sharedBans(props);
  const cfg = (pair: PairFacts | undefined): string => {
    const taken = [...served, ...(pair === undefined ? [] : [pair.port]), ...(shared === undefined ? [] : [shared.peerPort])];
    const model = { ...withoutLines, pair, transparent: pair?.transparent, monitoring: monitoring?.model, peers: shared && peersModel(shared.peerPort, pair) };
    return renderHaproxyCfg({ ...model, ownLines: ownLines(scope, checks, props.haproxyLines, props.haproxyLines === undefined ? "" : renderHaproxyCfg(model), taken) });
  };
  const rsyslog = at.log.target === "rsyslog";
  const packages = [
    "haproxy",
    ...(rsyslog ? ["rsyslog", "logrotate"] : []),
    "ca-certificates",
    at.layout.socketStatistics,
    ...(bridge === undefined || props.mode._offload ? [] : ["openssl"]),
  ];
  const files: readonly HostFile[] = [
    ...lists.map(({ file, content }): HostFile => ({ path: file, mode: "0644", usedBy: "haproxy", content })),
    ...otherListFiles(props.otherHosts),
    ...(bridge === undefined ? [] : certFiles(bridge, props.dag, at.layout, props.mode._offload ? undefined : certificateCheckOf(scope), props.otherHosts)),
    ...(props.dag._border === undefined ? [] : borderAnswers(HAPROXY_FEATURES[props.os._haproxy])).map((answer): HostFile => ({ ...answer, mode: "0644", usedBy: "haproxy" })),
    ...caFiles(Object.entries(props.mode._tcp?.rootCas ?? {}), at.layout),
    ...(rsyslog ? loggingFiles(SYSLOG_PORT, HAPROXY_FEATURES[props.os._haproxy].logRing) : []),
    ...onCallFiles(tool),
    ...(monitoring?.files ?? []),
    ...(guessing === undefined ? [] : [guardLua(GUARD_LUA), ...exceptionFiles(scope, checks, guessing.exceptions)]),
  ];
  const haproxy = (pair?: PairFacts): HostPart => ({
    name: "haproxy",
    version: props.os.haproxyVersion,
    packages,
    files: [
      // If the user has lines of their own, render haproxy.cfg now, so that a wrong line is found even without a pair.
      props.haproxyLines === undefined ? madeLate(HAPROXY_CFG, () => cfg(pair)) : { ...HAPROXY_CFG, content: cfg(pair) },
      ...(pair === undefined ? [] : [{ path: PAIR_ANSWER, mode: "0644", usedBy: "haproxy", content: renderPairAnswer(pair.host) } as const]),
      ...files,
    ],
    beforeLive: bridge === undefined || props.mode._offload ? [] : [CERTIFICATE_CHECK],
    seBooleans: at.layout.seBooleans,
    openings: [
      ...ports.map((to) => ({ to })),
      ...borderPorts.flatMap((to) => (at.border?.addresses ?? []).map((from) => ({ to, from }))),
      ...(pair === undefined ? [] : [{ to: pair.port, from: pair.peer }]),
      ...(pair === undefined || shared === undefined ? [] : [{ to: shared.peerPort, from: pair.peer }]),
    ],
    // rsyslog starts before haproxy, so that it receives all messages of haproxy.
    services: [...(rsyslog ? ["rsyslog"] : []), "haproxy"],
    listens: [
      ...ports,
      ...borderPorts,
      at.healthPort,
      ...(monitoring === undefined ? [] : [monitoring.model.port]),
      ...(pair === undefined ? [] : [pair.port]),
      ...(shared === undefined ? [] : [shared.peerPort]),
    ],
    members: {
      statsPort: at.healthPort,
      upWithin: Math.ceil((props.membersUpTimeout ?? Duration.minutes(1)).toMilliseconds() / 1000),
    },
  });
  return (pair) => (monitoring === undefined ? [haproxy(pair)] : [haproxy(pair), monitoring.part]);
}

/**
 * The port on which the two nodes of a pair share bans (of addresses and user names after password guessing). Undefined
 * if the nodes do not share bans.
 */
export function sharedBans({ mode, os }: HaproxyNodeProps): { readonly peerPort: number } | undefined {
  const guessing = mode._sslBridge?.passwordGuessing?._options;
  return guessing !== undefined && HAPROXY_FEATURES[os._haproxy].sharedTables ? guessing : undefined;
}

/**
 * The peers with which a node shares bans. The nodes are named by their place in the pair, because their hosts may be
 * tokens, and because a name must not change with an address.
 */
function peersModel(port: number, pair: PairFacts | undefined): PeersModel {
  if (pair === undefined) return { port, own: "node1", nodes: [{ name: "node1", address: "127.0.0.1" }] };
  const nodes = pair.nodes.map((address, index) => ({ name: `node${index + 1}`, address }));
  return { port, nodes, own: nodes.find(({ address }) => address !== pair.peer)?.name ?? "node1" };
}

function exceptionFiles(scope: Construct, checks: Checks, exceptions: string[] | undefined): readonly HostFile[] {
  if (exceptions === undefined) return [];
  checkAllowList(scope, checks, "passwordGuessing.exceptions", exceptions);
  return [{ path: EXCEPTIONS_FILE, mode: "0644", usedBy: "haproxy", content: allowListText(exceptions) }];
}

function otherListFiles(hosts: readonly OtherHost[] = []): readonly HostFile[] {
  return hosts.flatMap((host) => {
    const path = otherListFile(host);
    return path === undefined || host.allow === undefined ? [] : [{ path, mode: "0644", usedBy: "haproxy", content: allowListText(host.allow) }];
  });
}
