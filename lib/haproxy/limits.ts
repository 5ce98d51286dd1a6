import { LimitsModel } from "./model";
import { Block, when } from "./section";

/**
 * What one address may take of a frontend; nothing is written where nothing is limited. A table of `type ip` cannot hold
 * an IPv6 address, and HAProxy lets untracked clients pass; one of `type ipv6` holds IPv4, too, as ::ffff:a.b.c.d.
 */
export function limitBlocks({ connections, connectionsPer10s }: LimitsModel): readonly Block[] {
  if (connections === undefined && connectionsPer10s === undefined) return [];
  return [
    {
      comment: "what one client address may take",
      lines: [
        "stick-table type ipv6 size 100k expire 30s store conn_cur,conn_rate(10s)",
        "tcp-request connection track-sc0 src",
        ...when(connections !== undefined, `tcp-request connection reject if { sc0_conn_cur gt ${connections} }`),
        ...when(connectionsPer10s !== undefined, `tcp-request connection reject if { sc0_conn_rate gt ${connectionsPer10s} }`),
      ],
    },
  ];
}
