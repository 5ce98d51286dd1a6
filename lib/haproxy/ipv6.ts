/**
 * Makes the frontends also listen on IPv6: each bind line gets a second line. One socket for both families is not used,
 * because IPv4 clients would then have IPv6 addresses (`::ffff:…`) in logs and allow lists.
 */
export function alsoOnIpv6(cfg: string): string {
  return cfg.replace(/^( *)bind \*:(.*)$/gm, "$&\n$1bind :::$2 v6only");
}
