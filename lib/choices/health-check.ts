import { invalid } from "../validation/errors";
import { HEALTH_PATH } from "../validation/rules";

/**
 * How a member's HTTPS is judged in TCP mode, where no request is read. (With SSL
 * bridging and offloading each virtual directory has its own health page.)
 */
export class HealthCheck {
  /**
   * An HTTPS request of the balancer's own, beside the clients' connections. Only 200 is
   * healthy: Managed Availability answers it on `/<directory>/healthcheck.htm` as
   * long as that protocol is healthy
   * (https://learn.microsoft.com/en-us/exchange/architecture/client-access/load-balancing).
   *
   * @throws if `path` is no plain path
   */
  public static httpGet(path: string): HealthCheck {
    if (typeof path !== "string" || !HEALTH_PATH.test(path)) throw invalid("HealthCheck.httpGet", "path", HEALTH_PATH.expected, path);
    return new HealthCheck(path);
  }

  /** A TCP connection that is accepted: it says yes also for a member that then stays mute. */
  public static tcpConnect(): HealthCheck {
    return new HealthCheck(undefined);
  }

  private constructor(private readonly path: string | undefined) {}

  /** The page that must answer 200; none: a TCP connection does. @internal */
  public _toModel(): string | undefined {
    return this.path;
  }
}
