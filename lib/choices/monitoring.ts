import { Token } from "cdktf";
import { LATER_LIST, invalid, wrong } from "../validation/errors";
import { NETWORK } from "../validation/rules";
import { BY_RULE, FLAG, SECRET, Shape, checkStruct, required } from "../validation/shape";

/** Options for `Monitoring.prometheus()`. */
export interface PrometheusOptions {
  /**
   * The clients that may connect to the metrics port: IP addresses and CIDR networks, at least one entry. The host's
   * firewall uses the same list. Entries may be tokens, but the number of entries must be known at synthesis.
   */
  readonly allow: string[];

  /**
   * The TCP port, 1 to 65535, on the host's own address.
   *
   * @default 9101
   */
  readonly port?: number;

  /**
   * Whether the port uses TLS, with the same certificate as HTTPS. Prometheus then needs `scheme: https`, and
   * `tls_config.server_name` set to one of the DAG's client names. Not available in TCP mode, because a balancer then
   * has no certificate.
   *
   * @default false
   */
  readonly tls?: boolean;

  /**
   * The password that a request must carry (HTTP Basic), for user `username`. Must be a token, such as the stringValue
   * of a sensitive TerraformVariable. Without `tls`, the password crosses the network unencrypted, and synthesis warns.
   *
   * @default - no password: every client in `allow` may read the metrics
   */
  readonly password?: string;

  /**
   * The user name for `password`: letters, digits, dots, dashes, underscores.
   *
   * @default "prometheus"
   */
  readonly username?: string;

  /**
   * Whether people can drain members and put members into maintenance on HAProxy's status page. Needs `password` and
   * `tls`.
   *
   * @default false
   */
  readonly statusPageWritable?: boolean;
}

const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Metrics and HAProxy's status page on each balancer. docs/monitoring.md describes the metrics, the alerts and the
 * dashboard.
 *
 * @example
 * const open = Monitoring.prometheus({ allow: ["10.8.5.9"] });
 * const password = new TerraformVariable(this, "metrics_password", { type: "string", sensitive: true });
 * const closed = Monitoring.prometheus({ allow: ["10.8.5.9"], tls: true, password: password.stringValue });
 */
export class Monitoring {
  /**
   * Serves metrics for Prometheus on the host's own address: HAProxy's metrics at `/metrics`; metrics of members, VRRP,
   * certificates and deploys at `/metrics/exchange`; HAProxy's status page at `/`. The virtual address serves none of
   * these pages, because nobody could tell which balancer had sent an answer.
   *
   * @throws if an option is invalid
   */
  public static prometheus(options: PrometheusOptions): Monitoring {
    const where = "Monitoring.prometheus";
    checkStruct(where, "options", options, PROMETHEUS);
    const { allow, port = 9101, tls = false, password, username = "prometheus", statusPageWritable = false } = options;
    const list = "a list whose length is known at synthesis; its entries may be tokens";
    if (Token.isUnresolved(allow)) throw wrong(where, "allow", list, LATER_LIST);
    if (!Array.isArray(allow)) throw invalid(where, "allow", list, allow);
    if (allow.length === 0) throw wrong(where, "allow", "at least one client that may read the metrics", "none");
    allow.forEach((entry, index) => {
      if (!Token.isUnresolved(entry) && (typeof entry !== "string" || !NETWORK.test(entry))) {
        throw invalid(where, `allow[${index}]`, NETWORK.expected, entry);
      }
    });
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw invalid(where, "port", "an integer from 1 to 65535", port);
    if (typeof username !== "string" || !USERNAME.test(username)) {
      throw invalid(where, "username", "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores", username);
    }
    if (statusPageWritable && (password === undefined || !tls)) {
      throw wrong(where, "statusPageWritable", "false unless password and tls are set", "true");
    }
    return new Monitoring({ allow, port, tls, password, username, statusPageWritable });
  }

  private constructor(
    /** @internal */
    public readonly _prometheus: ResolvedPrometheus,
  ) {}
}

const PROMETHEUS: Shape<PrometheusOptions> = {
  allow: required(BY_RULE),
  port: BY_RULE,
  tls: FLAG,
  password: SECRET,
  username: BY_RULE,
  statusPageWritable: FLAG,
};

/** The options with their defaults. @internal */
export interface ResolvedPrometheus {
  readonly allow: string[];
  readonly port: number;
  readonly tls: boolean;
  readonly password?: string;
  readonly username: string;
  readonly statusPageWritable: boolean;
}
