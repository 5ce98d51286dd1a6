import { BY_RULE, LIST, Shape, checkStruct, required, struct } from "../validation/shape";

/** The IPv6 side of `TransparentProxy`. */
export interface TransparentIpv6 {
  /**
   * The members' IPv6 addresses, one for each of the DAG's `members`, in their order. IPv6 clients' connections go there.
   * May be tokens.
   */
  readonly memberAddresses: string[];

  /** The master's own IPv6 address in the members' network, by which the backup reaches it. May be a token. */
  readonly masterAddress: string;

  /** The backup's own IPv6 address in the members' network, by which the master reaches it. May be a token. */
  readonly backupAddress: string;
}

/** Options for `TransparentProxy`. */
export interface TransparentProxyOptions {
  /**
   * What IPv6 clients need. Required where IPv6 is served, and with `border`, which may hand over IPv6 clients.
   *
   * @default - IPv4 only
   */
  readonly ipv6?: TransparentIpv6;
}

const IPV6: Shape<TransparentIpv6> = { memberAddresses: required(LIST), masterAddress: BY_RULE, backupAddress: BY_RULE };
const OPTIONS: Shape<TransparentProxyOptions> = { ipv6: struct(IPV6) };

/**
 * Whether Exchange sees the clients' own addresses. It takes two deploys: `routing()` makes the nodes routers for the
 * members, then you set each member's default gateway to a virtual address of the pair, then `clients()` turns it on.
 *
 * @example
 * const transparentProxy = TransparentProxy.routing();
 */
export class TransparentProxy {
  /**
   * The nodes route for the members: forwarding, policy routing, and an nftables table of their own. Exchange still sees the
   * balancers.
   *
   * @throws if an option is not as it says
   */
  public static routing(options: TransparentProxyOptions = {}): TransparentProxy {
    return TransparentProxy.of("routing", options);
  }

  /**
   * HAProxy connects to the members from the clients' addresses (`source 0.0.0.0 usesrc clientip`), for HTTPS and all mail
   * protocols. A deploy probes each member first, and stops where one's answers do not come back to the pair.
   *
   * @throws if an option is not as it says
   */
  public static clients(options: TransparentProxyOptions = {}): TransparentProxy {
    return TransparentProxy.of("clients", options);
  }

  private static of(factory: "routing" | "clients", options: TransparentProxyOptions): TransparentProxy {
    checkStruct(`TransparentProxy.${factory}`, "options", options, OPTIONS);
    return new TransparentProxy(factory === "clients", options.ipv6);
  }

  private constructor(
    /** Whether HAProxy uses the clients' addresses. @internal */
    public readonly _clients: boolean,
    /** @internal */
    public readonly _ipv6: TransparentIpv6 | undefined,
  ) {}
}
