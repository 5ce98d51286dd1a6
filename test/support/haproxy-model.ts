import { BridgeModel, HaproxyModel, MailModel, TcpModel, VirtualDirectoryModel } from "../../lib/haproxy/model";
import { HaproxyVersion } from "../../lib/haproxy/versions";

const directory = (name: string, where: string): VirtualDirectoryModel =>
  ({ name, path: where, healthPath: `${where}/healthcheck.htm`, balance: "roundrobin", root: name === "owa" });

/** SSL bridging with its defaults. The admin center has an allow list, nobody.lst, that admits no client. */
export const BRIDGE: BridgeModel = {
  mode: "bridge", certificate: "crt /etc/haproxy/exch.pem", sniNames: [], caFile: "/etc/ssl/ca", verifyHost: "mail.lab.test", tlsPolicy: "system",
  http2: false, pathStrictness: "strict", systemCryptoPolicy: false, redirectToHttps: true, responseHeaders: [], clientIdleTimeout: "111s",
  virtualDirectories: [
    directory("owa", "/owa"), directory("mapi", "/mapi"), directory("ews", "/EWS"),
    { ...directory("ecp", "/ecp"), allow: { acl: "admins_network", file: "/etc/haproxy/nobody.lst" } },
  ],
};

export const TCP: TcpModel = { mode: "tcp", balance: "roundrobin", idleTimeout: "60m", redirectToHttps: true };

export const SMTP: MailModel = { name: "smtp", port: 25, memberPort: 25, balance: "roundrobin", idleTimeout: "15m", greeting: "smtp", tls: false };

export function model(version: HaproxyVersion, change: Partial<HaproxyModel> = {}): HaproxyModel {
  return {
    version, maxconn: 4000, maxHeaderBytes: 81_920, hardStopAfter: "60m", retries: 3, ipv6: false,
    timeouts: { httpRequest: "15s", queue: "1m", connect: "10s", client: "15m", server: "15m", httpKeepAlive: "110s", check: "10s" },
    healthPort: 8404, checkTiming: { interval: "500ms", fastInterval: "200ms", fall: 3, rise: 2 }, limits: {}, log: { target: "rsyslog" }, resolvers: { nameServers: [] },
    members: [{ name: "exch01", host: "127.0.0.1", weight: 100, state: "ready", verifyName: "mail.lab.test" }],
    https: BRIDGE, mail: [], ...change,
  };
}
