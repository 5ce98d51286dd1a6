/**
 * What one client address may take of a balancer, on each served port alone. To
 * the balancer a whole branch office behind NAT is one address, and an Outlook
 * opens several connections: be generous.
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
