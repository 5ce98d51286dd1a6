/**
 * Adds IPv6 to the frontends: each bind line gets a second line for IPv6. Two sockets instead of one for both families,
 * so that IPv4 clients keep an IPv4 address in logs and allow lists.
 */
export function alsoOnIpv6(cfg: string): string {
  return cfg.replace(/^( *)bind \*:(.*)$/gm, "$&\n$1bind :::$2 v6only");
}
