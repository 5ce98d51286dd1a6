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
   * @default - any number
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
