import { OtherHostModel } from "../haproxy/model";
import type { SslBridgeCert } from "../ssl-bridge-cert";
import { BY_RULE, FLAG, Shape, choice, having } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";

/**
 * Another web site behind the same addresses and port 443, such as a portal, ADFS or Office Online Server. With SSL
 * bridging and offloading, HAProxy selects the web site by the Host header; in TCP mode, by the name in the TLS
 * handshake (SNI). The rules for Exchange's paths do not apply to the web site, and its requests never reach Exchange.
 */
export interface OtherHost {
  /**
   * The web site's name in haproxy.cfg, logs and statistics, such as `portal`: lower-case letters, digits and dashes.
   */
  readonly name: string;

  /**
   * The DNS names that clients use for the web site, 1 to 20. No name may be one of the DAG's `clientNames`. May be
   * tokens.
   */
  readonly hostNames: string[];

  /** The web site's servers, 1 to 16: DNS names or IP addresses. May be tokens. */
  readonly servers: string[];

  /**
   * The servers' TCP port.
   *
   * @default - 443; 80 if `tls` is false
   */
  readonly port?: number;

  /**
   * Whether HAProxy speaks HTTPS with the servers. The servers must then present a certificate from a CA that the
   * balancers trust. Do not set this prop in TCP mode, because TLS is then between client and server.
   *
   * @default true
   */
  readonly tls?: boolean;

  /**
   * The name that the servers' certificate must carry. Do not set this prop in TCP mode. May be a token.
   *
   * @default - the first of `hostNames`
   */
  readonly verifyName?: string;

  /**
   * The certificate that clients see. Do not set this prop in TCP mode.
   *
   * @default - the balancers' first certificate, which must carry `hostNames`
   */
  readonly cert?: SslBridgeCert;

  /**
   * The health page of a server. The server is healthy if the page answers 200. Do not set this prop in TCP mode.
   *
   * @default - no health page: a server is healthy if it accepts a connection and, with `tls`, presents the right
   * certificate
   */
  readonly healthPath?: string;

  /**
   * How requests are distributed over the servers. With `Balance.SOURCE`, a client always uses the same server, as
   * Office Online Server requires.
   *
   * @default Balance.ROUNDROBIN
   */
  readonly balance?: Balance;

  /**
   * How long a server may take to answer; in TCP mode, how long a connection may be idle.
   *
   * @default - `HaproxyTimeouts.server`; in TCP mode, `idleTimeout` of `BalancingMode.tcp()`
   */
  readonly serverTimeout?: Duration;

  /**
   * The clients that may use the web site: IP addresses and CIDR networks. May be tokens.
   *
   * @default - everyone
   */
  readonly allow?: string[];
}

export const OTHER_HOST_SHAPE: Shape<OtherHost> = {
  name: BY_RULE,
  hostNames: BY_RULE,
  servers: BY_RULE,
  port: BY_RULE,
  tls: FLAG,
  verifyName: BY_RULE,
  cert: having('an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Portal", { path: "portal.pem" })', "_expiryWarningDays"),
  healthPath: BY_RULE,
  balance: choice(Balance),
  serverTimeout: DURATION,
  allow: BY_RULE,
};

/** Translates the web site to HAProxy's model. */
export function otherHostModel(host: OtherHost, at: { readonly bridge: boolean; readonly idleTimeout?: Duration; readonly caBundle: string; readonly allowFile?: string }): OtherHostModel {
  const { name, hostNames, servers, tls = true, serverTimeout, balance = Balance.ROUNDROBIN } = host;
  const timeout = serverTimeout ?? at.idleTimeout;
  return {
    name,
    hostNames,
    servers,
    port: otherPort(host),
    caFile: at.bridge && tls ? at.caBundle : undefined,
    verifyName: host.verifyName ?? hostNames[0] ?? "",
    healthPath: host.healthPath,
    balance: BALANCE_MODEL[balance],
    serverTimeout: timeout?._toHaproxy(),
    allow: at.allowFile === undefined ? undefined : { acl: `allow:other_${name}`, file: at.allowFile },
  };
}

export function otherPort({ port, tls = true }: OtherHost): number {
  return port ?? (tls ? 443 : 80);
}
