import { Token } from "cdktf";
import { LogModel } from "../haproxy/model";
import { HAPROXY_FEATURES, HaproxyVersion } from "../haproxy/versions";
import { Checks } from "../validation/checks";
import { invalid, wrong } from "../validation/errors";
import { ADDRESS } from "../validation/rules";
import { BY_RULE, FLAG, Shape, checkStruct, required } from "../validation/shape";

/** Options for `HaproxyLogs.remote()`. */
export interface RemoteLogsOptions {
  /**
   * The IP address of the syslog server, or `127.0.0.1` for a log agent on the balancers themselves. DNS names are
   * refused, because HAProxy does not start if it cannot resolve the name. May be a token.
   */
  readonly address: string;

  /**
   * The port of the syslog server, 1 to 65535.
   *
   * @default 514
   */
  readonly port?: number;

  /**
   * Whether log lines are sent by TCP (octet-counted, RFC 6587) instead of UDP. While the server does not answer,
   * HAProxy keeps the last 4 MB of lines, about 15,000 lines. Not available before HAProxy 2.6.
   *
   * @default false - UDP; lines are lost while the server does not answer
   */
  readonly tcp?: boolean;
}

/**
 * Where HAProxy's log lines go. The lines have the same form in each place; docs/log.md explains their fields.
 *
 * @example
 * const files = HaproxyLogs.files();
 * const central = HaproxyLogs.remote({ address: "10.8.5.20", port: 6514, tcp: true });
 */
export class HaproxyLogs {
  /**
   * Writes to `/var/log/haproxy.log` and `/var/log/haproxy-notice.log` on the balancer, through rsyslog. The files are
   * rotated daily and kept for 14 days.
   */
  public static files(): HaproxyLogs {
    return new HaproxyLogs(() => ({ target: "rsyslog" }));
  }

  /**
   * Writes to the journal of the balancer (`journalctl -u haproxy`), without rsyslog. journald drops lines beyond
   * 10,000 in 30 seconds; its setting `RateLimitBurst` changes this limit. Not available with HAProxy 1.8 (RHEL family
   * 8).
   */
  public static journal(): HaproxyLogs {
    return new HaproxyLogs((where, _, version) => {
      if (!HAPROXY_FEATURES[version].logStdout) throw wrong(where, "logs", `files(), remote() or none() with HAProxy ${version}, which cannot write to the journal`, "HaproxyLogs.journal()");
      return { target: "journal" };
    });
  }

  /**
   * Sends to a syslog server, without rsyslog. The lines have the format of RFC 5424, with facility local0 and the
   * balancer's host name.
   *
   * @throws if an option is invalid
   */
  public static remote(options: RemoteLogsOptions): HaproxyLogs {
    const from = "HaproxyLogs.remote";
    checkStruct(from, "options", options, REMOTE);
    const { address, port = 514, tcp = false } = options;
    if (!Token.isUnresolved(address) && (typeof address !== "string" || !ADDRESS.test(address))) throw invalid(from, "address", ADDRESS.expected, address);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw invalid(from, "port", "an integer from 1 to 65535", port);
    return new HaproxyLogs((where, checks, version) => {
      if (tcp && !HAPROXY_FEATURES[version].logRing) throw wrong(where, "logs.tcp", `false with HAProxy ${version}, because only HAProxy 2.6 and newer send log lines by TCP`, "true");
      return { target: "server", address: checks.text("logs.address", address, ADDRESS), port, tcp };
    });
  }

  /** Writes no log lines. You then cannot find out which requests HAProxy refused, and why. */
  public static none(): HaproxyLogs {
    return new HaproxyLogs(() => ({ target: "none" }));
  }

  private constructor(
    /** Makes the log part of a node's HAProxy model. Reports problems of the props to the node's checks. @internal */
    public readonly _toModel: (where: string, checks: Checks, version: HaproxyVersion) => LogModel,
  ) {}
}

const REMOTE: Shape<RemoteLogsOptions> = { address: required(BY_RULE), port: BY_RULE, tcp: FLAG };
