import { BorderAccessModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { invalid } from "../validation/errors";
import { UNICAST } from "../validation/rules";
import { BY_RULE, LIST, NUMBERS_BY_NAME, Shape, checkStruct, required } from "../validation/shape";

/** Options for `BorderAccess.from()`. */
export interface BorderAccessOptions {
  /**
   * The addresses from which the border proxies connect to these nodes, 1 to 16. List each border proxy VM's own
   * address (in the network of these nodes), not the virtual address. May be tokens.
   */
  readonly addresses: string[];

  /**
   * The TCP port on these nodes for HTTPS from border proxies.
   *
   * @default 8443
   */
  readonly httpsPort?: number;

  /**
   * The TCP ports on these nodes for mail from border proxies: the protocol's name -> port. The nodes accept no other
   * mail protocol from border proxies.
   *
   * @default - `{ smtp: 8025 }` if the nodes serve SMTP
   */
  readonly mailPorts?: { [protocol: string]: number };
}

const OPTIONS: Shape<BorderAccessOptions> = { addresses: required(LIST), httpsPort: BY_RULE, mailPorts: NUMBERS_BY_NAME };

const HTTPS_PORT = 8443;
const SMTP_PORT = 8025;

/**
 * Lets border proxies connect to the nodes on separate ports. On these ports, border proxies send each client's address
 * (PROXY protocol). Clients that do not come through a border proxy still use the usual ports.
 *
 * @example
 * const border = BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12"] });
 */
export class BorderAccess {
  /**
   * Lets border proxies connect from the addresses in `addresses`. On the ports for border proxies, the host's firewall
   * and HAProxy refuse connections from all other addresses.
   *
   * @throws if an address or a port is invalid
   */
  public static from(options: BorderAccessOptions): BorderAccess {
    checkStruct("BorderAccess.from", "options", options, OPTIONS);
    for (const [name, value] of Object.entries({ httpsPort: options.httpsPort, ...options.mailPorts })) {
      if (value !== undefined) port("BorderAccess.from", name === "httpsPort" ? name : `mailPorts["${name}"]`, value);
    }
    return new BorderAccess(options);
  }

  private constructor(private readonly options: BorderAccessOptions) {}

  /**
   * Makes HAProxy's model of the ports for border proxies. `mail` lists the names of the node's mail protocols.
   * @internal
   */
  public _toModel(where: string, checks: Checks, mail: readonly string[]): BorderAccessModel {
    const { addresses, httpsPort = HTTPS_PORT, mailPorts } = this.options;
    checks.list("border.addresses", addresses, 1, 16, "1 to 16 addresses");
    addresses.forEach((address, index) => checks.text(`border.addresses[${index}]`, address, UNICAST));
    checks.different("border.addresses", addresses);
    const given = mailPorts ?? (mail.includes("smtp") ? { smtp: SMTP_PORT } : {});
    const unknown = Object.keys(given).find((name) => !mail.includes(name));
    if (unknown !== undefined) throw invalid(where, "border.mailPorts' name", `a mail protocol that is served (${mail.join(", ") || "none is served"})`, unknown);
    return { addresses, httpsPort, mailPorts: given };
  }
}

/**
 * How a border proxy connects to the servers behind it, if these servers are not a pair in the same app.
 *
 * @example
 * const access = InnerAccess.plain({ mailPorts: { smtp: 25 } });
 */
export class InnerAccess {
  /**
   * Sends the client's address (PROXY protocol). Balancers with `border: BorderAccess.from()` require the PROXY
   * protocol.
   *
   * @throws if a port is invalid
   */
  public static proxyProtocol(options: InnerPorts = {}): InnerAccess {
    return InnerAccess.of("proxyProtocol", options, HTTPS_PORT, { smtp: SMTP_PORT });
  }

  /**
   * Does not send the client's address. Use this for servers that do not understand the PROXY protocol. These servers
   * see the border proxy's address for every client. With SSL bridging, the X-Forwarded-For header still has the
   * client's address.
   *
   * @throws if a port is invalid
   */
  public static plain(options: InnerPorts = {}): InnerAccess {
    return InnerAccess.of("plain", options, 443, {});
  }

  private static of(factory: "proxyProtocol" | "plain", options: InnerPorts, usual: number, usualMail: { [name: string]: number }): InnerAccess {
    const where = `InnerAccess.${factory}`;
    checkStruct(where, "options", options, INNER_PORTS);
    const { httpsPort = usual, mailPorts = usualMail } = options;
    port(where, "httpsPort", httpsPort);
    for (const [name, value] of Object.entries(mailPorts)) port(where, `mailPorts["${name}"]`, value);
    return new InnerAccess(factory === "proxyProtocol", httpsPort, mailPorts);
  }

  private constructor(
    /** @internal */
    public readonly _proxyProtocol: boolean,
    /** @internal */
    public readonly _httpsPort: number,
    /** @internal */
    public readonly _mailPorts: { [protocol: string]: number },
  ) {}
}

/** Options for `InnerAccess`. */
export interface InnerPorts {
  /**
   * The TCP port for HTTPS.
   *
   * @default - 8443 with the PROXY protocol, 443 without it
   */
  readonly httpsPort?: number;

  /**
   * The TCP ports for mail: the protocol's name -> port.
   *
   * @default - with the PROXY protocol: 8025 for smtp. Without the PROXY protocol: each protocol's `memberPort`, which
   * is the protocol's usual port by default
   */
  readonly mailPorts?: { [protocol: string]: number };
}

const INNER_PORTS: Shape<InnerPorts> = { httpsPort: BY_RULE, mailPorts: NUMBERS_BY_NAME };

function port(where: string, prop: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > 65535) throw invalid(where, prop, "an integer from 1 to 65535, known at synthesis", value);
}
