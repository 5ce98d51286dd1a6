import { BY_RULE, LIST, Shape, checkStruct, required, struct } from "../validation/shape";

/** The IPv6 addresses for `TransparentProxy`. */
export interface TransparentIpv6 {
  /**
   * The members' IPv6 addresses, one for each of the DAG's `members`, in the same order. HAProxy sends the connections
   * of IPv6 clients to these addresses. May be tokens.
   */
  readonly memberAddresses: string[];

  /**
   * The master node's own IPv6 address in the members' network. If the members' answers to the master node's probes
   * arrive at the backup node, the backup node forwards the answers to this address. May be a token.
   */
  readonly masterAddress: string;

  /**
   * The backup node's own IPv6 address in the members' network. If the members' answers to the backup node's probes
   * arrive at the master node, the master node forwards the answers to this address. May be a token.
   */
  readonly backupAddress: string;
}

/** Options for `TransparentProxy`. */
export interface TransparentProxyOptions {
  /**
   * The addresses for IPv6 clients. Required if the balancers serve IPv6. Also required with `border`, because a
   * border proxy may pass on connections of IPv6 clients.
   *
   * @default - only IPv4 clients
   */
  readonly ipv6?: TransparentIpv6;
}

const IPV6: Shape<TransparentIpv6> = { memberAddresses: required(LIST), masterAddress: BY_RULE, backupAddress: BY_RULE };
const OPTIONS: Shape<TransparentProxyOptions> = { ipv6: struct(IPV6) };

/**
 * Whether Exchange sees the clients' own addresses. To turn this on, deploy twice. First deploy with `routing()`, which
 * makes the nodes routers for the members. Then set each member's default gateway to a virtual address of the pair.
 * Then deploy with `clients()`.
 *
 * @example
 * const transparentProxy = TransparentProxy.routing();
 */
export class TransparentProxy {
  /**
   * Makes the nodes routers for the members: forwarding, policy routing, and a separate nftables table. Exchange still
   * sees the balancers' addresses.
   *
   * @throws if an option is invalid
   */
  public static routing(options: TransparentProxyOptions = {}): TransparentProxy {
    return TransparentProxy.of("routing", options);
  }

  /**
   * Makes HAProxy connect to the members from the clients' addresses (`source 0.0.0.0 usesrc clientip`), for HTTPS and
   * all mail protocols. A deploy first probes each member, and stops if a member's answers do not come back to the
   * pair.
   *
   * @throws if an option is invalid
   */
  public static clients(options: TransparentProxyOptions = {}): TransparentProxy {
    return TransparentProxy.of("clients", options);
  }

  private static of(factory: "routing" | "clients", options: TransparentProxyOptions): TransparentProxy {
    checkStruct(`TransparentProxy.${factory}`, "options", options, OPTIONS);
    return new TransparentProxy(factory === "clients", options.ipv6);
  }

  private constructor(
    /** Whether HAProxy connects to the members from the clients' addresses. @internal */
    public readonly _clients: boolean,
    /** @internal */
    public readonly _ipv6: TransparentIpv6 | undefined,
  ) {}
}
