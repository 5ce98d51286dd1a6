import { ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { InnerAccess } from "./choices/border-access";
import { Duration } from "./choices/duration";
import { checkPublications } from "./border/publications";
import { BORDER_PROXY, BorderProxyProps } from "./border/props";
import { Inside, borderSide, directoriesOf } from "./border/side";
import { insideWarnings } from "./border/warnings";
import { ExchangeDag } from "./exchange-dag";
import { HAPROXY_COMMON, HaproxyCommonProps } from "./haproxy-node/props";
import { HaproxyNode } from "./haproxy-node/haproxy-node";
import { MemberModel } from "./haproxy/model";
import { KeepalivedPair } from "./keepalived-pair";
import { BalancerHost } from "./managed-host";
import { Checks } from "./validation/checks";
import { refused, wrong } from "./validation/errors";
import { OTHER_HOST } from "./validation/rules";
import { SAME_HOST } from "./validation/sameness";
import { checkStruct } from "./validation/shape";

/** The props that the border proxy passes to each node unchanged. */
function ofNode(props: BorderProxyProps): HaproxyCommonProps {
  const keys = Object.keys(HAPROXY_COMMON) as (keyof HaproxyCommonProps)[];
  return Object.fromEntries(keys.map((key) => [key, props[key]])) as unknown as HaproxyCommonProps;
}

/**
 * How long a connection from a client to the border proxy may be idle. When the border proxy closes this connection, it
 * also closes the connection that it opened to the balancer for the same client. The balancer would close an idle
 * connection only after 110 s. So the border proxy always closes first, and sends no request over a connection that the
 * balancer is closing.
 */
const KEEP_ALIVE = Duration.seconds(100);

/**
 * A proxy in the DMZ, for clients on the Internet, in front of a pair of balancers. A border proxy is one VM, or two
 * VMs that share a virtual address. The border proxy publishes only the services in `publish`, and sends each client's
 * address to the balancers (PROXY protocol). You deploy, check, monitor and remove a border proxy in the same way as a
 * balancer.
 *
 * @throws if a prop is invalid, if the nodes of `inner` have no `border`, or if no publication is for HTTPS
 *
 * @example
 * new BorderProxy(this, "Border", {
 *   innerAddresses: ["10.12.8.15"],
 *   clientNames: ["mail.mydomain.com"],
 *   mode: BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) }),
 *   publish: [Publication.outlook(), Publication.mobile()],
 *   os: OsProfile.DEBIAN_12,
 *   ssh: SshAccess.agent(),
 *   master: { host: "192.0.2.11" },
 * });
 */
export class BorderProxy extends Construct implements ITerraformDependable {
  /**
   * The node that holds the virtual addresses while both nodes are healthy. Without `backup`, this is the only node.
   */
  public readonly master: HaproxyNode;
  /** The node that takes over if the master node fails. */
  public readonly backup?: HaproxyNode;
  /** The virtual addresses that the two nodes share. */
  public readonly vip?: KeepalivedPair;
  /**
   * The Terraform resources of all nodes. Use them, or the construct itself, in `dependsOn` to wait until the border
   * proxy serves clients.
   */
  public readonly deployed: ITerraformDependable[];

  private readonly checks: Checks;

  public constructor(scope: Construct, id: string, props: BorderProxyProps) {
    super(scope, id);
    checkStruct(this.node.path, "props", props, BORDER_PROXY);
    this.checks = Checks.of(this);
    const { inner, publish, mode, master, backup, vip, clientNames } = props;
    const addresses = this.innerAddresses(props);
    const inside = this.inside(props);
    checkPublications(this.node.path, this.checks, publish, mode, inside, inner !== undefined);
    if ((backup === undefined) !== (vip === undefined)) {
      throw refused(this.node.path, `backup and vip must be set together, because the two VMs share the virtual address, got ${backup === undefined ? "vip" : "backup"} alone`);
    }
    // Check this before the spread below, which would turn a string into a list of letters.
    if (clientNames !== undefined && clientNames.length !== 0) this.checks.list("clientNames", clientNames, 1, 100, "1 to 100 DNS names");
    const names = clientNames ?? inner?._nodes[0]._props.dag.clientNames ?? [];
    if (names.length === 0) throw wrong(this.node.path, "clientNames", "at least one DNS name that clients use", "none");
    const directories = directoriesOf(publish);
    const dag = new ExchangeDag(this, "Inner", {
      clientNames: [...names],
      members: addresses.map((host, index) => ({ name: `inner${index + 1}`, host })),
      mailProtocols: publish.flatMap(({ _mail }) => _mail ?? []),
      // In TCP mode, publications have no directories, because HAProxy cannot see paths.
      ...(directories.length === 0 ? {} : { virtualDirectories: directories }),
      healthCheckInterval: Duration.seconds(5),
    });
    dag._border = borderSide(publish, names, inside, this.edgeServers(props, dag.clientNames[0] ?? ""), insideWarnings(props));
    // Terraform runs the checks of a node's DAG for each node, so add the border proxy's checks to the DAG.
    for (const check of this.checks.tokenChecks) dag._checks.terraform(check);
    const ipv6 = props.ipv6 ?? [vip, vip?.activeActive].some((group) => (group?.virtualIpv6Addresses ?? []).length > 0);
    const node = (name: string, host: BalancerHost): HaproxyNode =>
      new HaproxyNode(this, name, {
        ...ofNode(props),
        timeouts: { httpKeepAlive: KEEP_ALIVE, ...props.timeouts },
        dag,
        mode: mode._balancing,
        ipv6,
        ...host,
      });
    this.master = node("Master", master);
    if (backup !== undefined && vip !== undefined) {
      this.backup = node("Backup", backup);
      this.vip = new KeepalivedPair(this, "Vip", { ...vip, master: this.master, backup: this.backup });
    }
    // A deploy of the border proxy compares its certificate with the certificate of the inner pair. So if both
    // certificates change, the inner pair must be deployed first.
    for (const one of [this.master, this.backup]) {
      if (one !== undefined && inner !== undefined && TerraformStack.of(inner) === TerraformStack.of(this)) one._resource.waitFor(inner._nodes[0]._resource);
    }
    this.deployed = this.vip?.deployed ?? [this.master.deployed];
  }

  /** The Terraform address of the master node's resource, for `dependsOn`. Terraform deploys the master node last. */
  public get fqn(): string {
    return this.master.fqn;
  }

  private innerAddresses({ inner, innerAddresses, innerAccess }: BorderProxyProps): readonly string[] {
    if (inner !== undefined && innerAddresses === undefined) {
      if (innerAccess !== undefined) throw refused(this.node.path, "innerAccess must be left out if inner is set, because the prop border of inner's nodes already sets the ports");
      return inner._entries;
    }
    if (inner !== undefined || innerAddresses === undefined) {
      throw refused(this.node.path, `exactly one of inner and innerAddresses must be set, got ${inner === undefined ? "none" : "both"}`);
    }
    this.checks.list("innerAddresses", innerAddresses, 1, 16, "1 to 16 addresses or DNS names");
    innerAddresses.forEach((address, index) => this.checks.text(`innerAddresses[${index}]`, address, OTHER_HOST));
    this.checks.different("innerAddresses", innerAddresses, SAME_HOST);
    return innerAddresses;
  }

  private inside({ inner, innerAccess = InnerAccess.proxyProtocol() }: BorderProxyProps): Inside {
    if (inner === undefined) return { httpsPort: innerAccess._httpsPort, proxyProtocol: innerAccess._proxyProtocol, mailPorts: innerAccess._mailPorts };
    const [first, second] = inner._nodes.map(({ _border }) => _border);
    if (first === undefined || second === undefined) {
      throw refused(this.node.path, `inner must be a pair whose nodes accept border proxies, got ${inner.node.path}, whose nodes do not both set border. Set border: BorderAccess.from({ addresses: [...] }) on both nodes`);
    }
    const ports = ({ httpsPort, mailPorts }: typeof first): string => JSON.stringify([httpsPort, mailPorts]);
    if (ports(first) !== ports(second)) throw refused(this.node.path, "inner must be a pair whose two nodes have the same ports in their prop border, got different ports");
    return { httpsPort: first.httpsPort, proxyProtocol: true, mailPorts: first.mailPorts };
  }

  private edgeServers({ publish }: BorderProxyProps, verifyName: string): readonly MemberModel[] {
    return publish.flatMap(({ _more: { edgeServers } }, index) => {
      if (edgeServers === undefined) return [];
      const prop = `publish[${index}].edgeServers`;
      this.checks.list(prop, edgeServers, 1, 16, "1 to 16 addresses or DNS names");
      this.checks.different(prop, edgeServers, SAME_HOST);
      return edgeServers.map((host, at) => ({
        name: `edge${at + 1}`,
        host: this.checks.text(`${prop}[${at}]`, host, OTHER_HOST),
        weight: 100,
        state: "ready" as const,
        verifyName,
      }));
    });
  }
}

