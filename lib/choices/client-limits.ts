import { LimitsModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * Limits for each client address, on each frontend (with SSL bridging and offloading, ports 80 and
 * 443 are one frontend). An IPv6 client counts by its /64 network, except on HAProxy 1.8. A branch
 * office behind NAT is one address, and each Outlook opens several connections, so set them high.
 */
export interface ClientLimits {
  /**
   * How many connections an address may have open at once; further ones are reset.
   * 1 to 1000000. If all clients come from one address, such as a proxy's, set it to `maxconn`.
   *
   * @default - half of the frontend's limit, so that one address cannot shut out the others: 1500 of
   * the 3000 that HTTPS accepts by default
   */
  readonly connections?: number;

  /**
   * How many connections an address may open in 10 seconds; further ones are reset
   * until it slows down. 1 to 1000000.
   *
   * @default - no limit
   */
  readonly connectionsPer10s?: number;
}

export const CLIENT_LIMITS: Shape<ClientLimits> = { connections: BY_RULE, connectionsPer10s: BY_RULE };

/** The limits as HAProxy counts them. */
export function limitsModel(checks: Checks, { connections, connectionsPer10s }: ClientLimits): LimitsModel {
  const limit = (name: string, value: number | undefined): number | undefined =>
    value === undefined ? undefined : checks.integer(`limits.${name}`, value, 1, 1_000_000);
  return { connections: limit("connections", connections), connectionsPer10s: limit("connectionsPer10s", connectionsPer10s) };
}
