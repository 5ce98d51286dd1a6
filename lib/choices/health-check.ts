import { invalid } from "../validation/errors";
import { HEALTH_PATH } from "../validation/rules";

/**
 * How HAProxy checks a member's HTTPS service in TCP mode. (With SSL bridging and offloading, HAProxy checks each
 * virtual directory by the directory's own health page.)
 *
 * @example
 * const mode = BalancingMode.tcp({ healthCheck: HealthCheck.httpGet("/mapi/healthcheck.htm") });
 */
export class HealthCheck {
  /**
   * Checks with an HTTPS request from the balancer. The member is healthy if it answers 200. Exchange's Managed
   * Availability answers 200 on `/<directory>/healthcheck.htm` while the protocol is healthy
   * (https://learn.microsoft.com/en-us/exchange/architecture/client-access/load-balancing).
   *
   * @throws if `path` is not a plain path
   */
  public static httpGet(path: string): HealthCheck {
    if (typeof path !== "string" || !HEALTH_PATH.test(path)) throw invalid("HealthCheck.httpGet", "path", HEALTH_PATH.expected, path);
    return new HealthCheck(path);
  }

  /** Checks with a TCP connection. A member that accepts connections but never answers passes this check. */
  public static tcpConnect(): HealthCheck {
    return new HealthCheck(undefined);
  }

  private constructor(private readonly path: string | undefined) {}

  /** The page that must answer 200; undefined for a check with a TCP connection. @internal */
  public _toModel(): string | undefined {
    return this.path;
  }
}
