/**
 * Adds IPv6 to the frontends: each bind line gets a second line for IPv6. One socket for both families would not do,
 * because IPv4 clients would then have IPv6 addresses (`::ffff:…`) in logs and allow lists.
 */
export function alsoOnIpv6(cfg: string): string {
  return cfg.replace(/^( *)bind \*:(.*)$/gm, "$&\n$1bind :::$2 v6only");
}
