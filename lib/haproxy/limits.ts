import { borderOnly } from "./border";
import { BorderPortModel, LimitsModel } from "./model";
import { Block, when } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * What one address may take of a frontend that has `places`. By default half of them: an office behind NAT is one
 * address and keeps as many places as all others together, and no address keeps everybody else out.
 * A table of `type ip` cannot hold an IPv6 address, and HAProxy lets untracked clients pass; one of `type ipv6` holds IPv4, too, as ::ffff:a.b.c.d.
 */
export function limitBlocks(places: number, { connections, connectionsPer10s }: LimitsModel, { ipv6Masks }: HaproxyFeatures, border?: BorderPortModel): readonly Block[] {
  const most = connections ?? Math.max(1, Math.floor(places / 2));
  const client = `src${ipv6Masks ? ",ipmask(32,64)" : ""}`;
  const limits = [`sc0_conn_cur gt ${most}`, ...(connectionsPer10s === undefined ? [] : [`sc0_conn_rate gt ${connectionsPer10s}`])];
  return [
    ...(border === undefined ? [] : [borderOnly(border)]),
    {
      comment: "limit each client address (for IPv6 its /64 network, which belongs to one customer)",
      lines: [
        "stick-table type ipv6 size 100k expire 30s store conn_cur,conn_rate(10s)",
        `tcp-request connection track-sc0 ${client}${border === undefined ? "" : ` unless { dst_port ${border.port} }`}`,
        ...limits.map((limit) => `tcp-request connection reject if { ${limit} }`),
      ],
    },
    {
      comment: "a border proxy's client is known only after its PROXY header is read",
      lines: when(
        border !== undefined,
        `tcp-request session track-sc0 ${client} if { fc_rcvd_proxy }`,
        ...limits.map((limit) => `tcp-request session reject if { fc_rcvd_proxy } { ${limit} }`),
      ),
    },
  ];
}
