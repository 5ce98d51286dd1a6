import { LimitsModel } from "./model";
import { Block, when } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * What one address may take of a frontend that has `places`. By default half of them: an office behind NAT is one
 * address and keeps as many places as all others together, and no address keeps everybody else out.
 * A table of `type ip` cannot hold an IPv6 address, and HAProxy lets untracked clients pass; one of `type ipv6` holds IPv4, too, as ::ffff:a.b.c.d.
 */
export function limitBlocks(places: number, { connections, connectionsPer10s }: LimitsModel, { ipv6Masks }: HaproxyFeatures): readonly Block[] {
  const most = connections ?? Math.max(1, Math.floor(places / 2));
  return [
    {
      comment: "limit each client address (for IPv6 its /64 network, which belongs to one customer)",
      lines: [
        "stick-table type ipv6 size 100k expire 30s store conn_cur,conn_rate(10s)",
        `tcp-request connection track-sc0 src${ipv6Masks ? ",ipmask(32,64)" : ""}`,
        `tcp-request connection reject if { sc0_conn_cur gt ${most} }`,
        ...when(connectionsPer10s !== undefined, `tcp-request connection reject if { sc0_conn_rate gt ${connectionsPer10s} }`),
      ],
    },
  ];
}
