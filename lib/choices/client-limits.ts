import { LimitsModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * What one client address, IPv4 or IPv6, may take of a balancer, on each frontend alone
 * (with SSL bridging and offloading ports 80 and 443 are one). To the balancer a whole
 * branch office behind NAT is one address, and an Outlook opens several connections: be generous.
 */
export interface ClientLimits {
  /**
   * How many connections an address may have open at once; further ones are reset.
   * From 1 to 1000000.
   *
   * @default - half of what the port takes at all, so that no address shuts out everybody else: 1500 of
   * the 3000 that HTTPS takes by default. Where all clients come from one address, such as a
   * proxy's, set it to `maxconn`
   */
  readonly connections?: number;

  /**
   * How many connections an address may open in 10 seconds; further ones are reset
   * until it has slowed down. From 1 to 1000000.
   *
   * @default - any number
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
