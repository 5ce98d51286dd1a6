/**
 * The same fronts on IPv6, too: each bind line gets a twin. Two sockets rather
 * than one for both families, so that IPv4 clients keep an IPv4 address in logs
 * and allow lists.
 */
export function alsoOnIpv6(cfg: string): string {
  return cfg.replace(/^( *)bind \*:(.*)$/gm, "$&\n$1bind :::$2 v6only");
}
