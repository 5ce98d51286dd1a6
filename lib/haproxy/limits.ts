import { borderOnly } from "./border";
import { BorderPortModel, LimitsModel } from "./model";
import { Block, when } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * The limits for each client address at a frontend that accepts `places` connections. By default, one address can have
 * half of these connections, because an office behind NAT has only one address. Such an office can use as many
 * connections as all other clients together, but no address can shut out all others.
 *
 * The table has `type ipv6`. A table of `type ip` cannot hold IPv6 addresses, so HAProxy would not track IPv6 clients,
 * and would not limit them. The table stores IPv4 addresses as ::ffff:a.b.c.d.
 */
export function limitBlocks(places: number, { connections, connectionsPer10s }: LimitsModel, { ipv6Masks }: HaproxyFeatures, border?: BorderPortModel): readonly Block[] {
  const most = connections ?? Math.max(1, Math.floor(places / 2));
  const client = `src${ipv6Masks ? ",ipmask(32,64)" : ""}`;
  const limits = [`sc0_conn_cur gt ${most}`, ...(connectionsPer10s === undefined ? [] : [`sc0_conn_rate gt ${connectionsPer10s}`])];
  return [
    ...(border === undefined ? [] : [borderOnly(border)]),
    {
      comment: "limit each client address; for IPv6, limit each /64 network, because a /64 belongs to one customer",
      lines: [
        "stick-table type ipv6 size 100k expire 30s store conn_cur,conn_rate(10s)",
        `tcp-request connection track-sc0 ${client}${border === undefined ? "" : ` unless { dst_port ${border.port} }`}`,
        ...limits.map((limit) => `tcp-request connection reject if { ${limit} }`),
      ],
    },
    {
      comment: "limit clients that come through border proxies: their addresses are known only after the PROXY header is read",
      lines: when(
        border !== undefined,
        `tcp-request session track-sc0 ${client} if { fc_rcvd_proxy }`,
        ...limits.map((limit) => `tcp-request session reject if { fc_rcvd_proxy } { ${limit} }`),
      ),
    },
  ];
}
