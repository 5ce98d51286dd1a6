import { LimitsModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * Limits for each client address, on each frontend. (With SSL bridging and offloading, ports 80 and 443 are one
 * frontend.) All addresses of an IPv6 /64 network count as one client, except on HAProxy 1.8. A branch office behind
 * NAT also counts as one client, and each Outlook opens several connections, so set the limits high.
 */
export interface ClientLimits {
  /**
   * How many connections an address may have open at the same time, 1 to 1000000. HAProxy resets further connections.
   * If all clients come from one address, such as a proxy's address, set this to `maxconn`.
   *
   * @default - half of the connections that the frontend accepts, so that one address cannot shut out the others. For
   * HTTPS, this is 1500 of 3000 by default
   */
  readonly connections?: number;

  /**
   * How many connections an address may open in 10 seconds, 1 to 1000000. HAProxy resets further connections until the
   * rate falls below the limit.
   *
   * @default - no limit
   */
  readonly connectionsPer10s?: number;
}

export const CLIENT_LIMITS: Shape<ClientLimits> = { connections: BY_RULE, connectionsPer10s: BY_RULE };

/** Translates the limits to HAProxy's model. */
export function limitsModel(checks: Checks, { connections, connectionsPer10s }: ClientLimits): LimitsModel {
  const limit = (name: string, value: number | undefined): number | undefined =>
    value === undefined ? undefined : checks.integer(`limits.${name}`, value, 1, 1_000_000);
  return { connections: limit("connections", connections), connectionsPer10s: limit("connectionsPer10s", connectionsPer10s) };
}
