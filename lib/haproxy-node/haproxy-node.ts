import { Construct } from "constructs";
import { HaproxyLogs } from "../choices/haproxy-logs";
import { KEEPALIVED_PAIR } from "../keepalived-pair-shape";
import { BorderAccessModel, LogModel } from "../haproxy/model";
import { HostPart } from "../host/part";
import { ManagedHost } from "../managed-host";
import { noteForReview } from "../review/notes";
import { TokenCheck } from "../validation/checks";
import { checkStruct } from "../validation/shape";
import { served } from "./certificates";
import { PairFacts, haproxyParts } from "./part";
import { HAPROXY_NODE, HaproxyNodeProps } from "./props";
import { NodeReview, alone, nodeReview } from "./review";
import { warn } from "./warnings";

/**
 * One balancer VM: haproxy with its allow lists and certificate, the trusted CAs, and the log files. A single node
 * serves on the VM's own address. Two nodes can form a `KeepalivedPair`.
 *
 * @throws if a prop is invalid
 * @example
 * new HaproxyNode(this, "Node", { dag, mode, ssh, os: OsProfile.DEBIAN_12, host: "10.12.8.11", hostKey: readFileSync("lb01.keys", "utf8") });
 */
export class HaproxyNode extends ManagedHost {
  /** The TCP port on loopback on which keepalived checks haproxy. */
  public readonly healthPort: number;

  /** @internal */
  public readonly _ipv6: boolean;
  /** The hosts of the DAG's members. @internal */
  public readonly _members: readonly string[];
  /**
   * The hosts to which the node sends clients. The key is the prop that contains the host, and the value is the host.
   * None of these hosts may be the node itself. @internal
   */
  public readonly _targets: ReadonlyMap<string, string>;
  /**
   * The addresses to which services are bound. The key is the prop that contains the address, and the value is the
   * address. @internal
   */
  public readonly _addresses: ReadonlyMap<string, string>;
  /** The TCP ports that are already in use on the node. @internal */
  public readonly _ports: readonly number[];
  /** Returns the facts about this node for the stack's REVIEW.md. @internal */
  public readonly _review: () => NodeReview;
  /** The ports on which border proxies connect. @internal */
  public readonly _border: BorderAccessModel | undefined;
  /** Where the node's log lines go. @internal */
  public readonly _log: LogModel;
  /** @internal */
  public readonly _props: HaproxyNodeProps;
  /** The construct path of the node's pair. A node can be in only one pair. @internal */
  public _pair: string | undefined;

  private readonly ownParts: (pair?: PairFacts) => readonly HostPart[];

  public constructor(scope: Construct, id: string, props: HaproxyNodeProps) {
    // ExchangeBalancer passes all of its props to each node, so a node also accepts the props of KeepalivedPair.
    checkStruct(`${scope.node.path}/${id}`, "props", props, HAPROXY_NODE, Object.keys(KEEPALIVED_PAIR));
    super(scope, id, props);
    this.healthPort = this._checks.integer("healthPort", props.healthPort ?? 8404, 1, 65535);
    this._ipv6 = props.ipv6 ?? false;
    this._members = props.dag.members.map(({ host }) => host);
    this._addresses = new Map(props.dag.mailProtocols.flatMap(({ _address: address }, index) => (address === undefined ? [] : [[`mailProtocols[${index}].address of the dag`, address]])));
    this._targets = new Map([
      ...this._members.map((member, index) => [`the host of the DAG's members[${index}]`, member] as const),
      ...(props.otherHosts ?? []).flatMap(({ servers = [] }, index) => [...servers].map((server, at) => [`otherHosts[${index}].servers[${at}]`, server] as const)),
    ]);
    this._members.forEach((member, index) => this._checks.apart("host", this.host, `the host of the DAG's members[${index}]`, member));
    this._props = props;
    this._border = props.border?._toModel(this.node.path, this._checks, props.dag.mailProtocols.map(({ name }) => name));
    this._log = (props.logs ?? HaproxyLogs.files())._toModel(this.node.path, this._checks, props.os._haproxy);
    this.ownParts = haproxyParts(this, this._checks, props, {
      border: this._border,
      layout: this._layout,
      healthPort: this.healthPort,
      ipv6: this._ipv6,
      log: this._log,
      sshPort: this._sshPort,
    });
    warn(this, props);
    this._review = () => nodeReview(this, props);
    noteForReview(this, () => (this._pair === undefined ? [alone(this)] : []));
    const { _sslBridge: bridge } = props.mode;
    const parts = this.ownParts();
    this._ports = [...parts.flatMap(({ listens }) => listens), this._sshPort];
    const checks = (): TokenCheck[] => [
      ...props.dag._checks.tokenChecks,
      ...(bridge === undefined ? [] : served(bridge, props.otherHosts).flatMap(({ cert }) => cert._checks.tokenChecks)),
    ];
    parts.forEach((part, index) => this._addPart(part, index === 0 ? checks : () => []));
  }

  /**
   * Makes the node a part of a pair. On the pair port, the node then answers questions from the other node.
   *
   * @internal
   */
  public _joinPair(pair: PairFacts): void {
    for (const part of this.ownParts(pair)) this._replacePart(part);
  }
}
