import { OtherHostModel } from "../haproxy/model";
import type { SslBridgeCert } from "../ssl-bridge-cert";
import { BY_RULE, FLAG, Shape, choice, having } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";

/**
 * Another web site behind the same addresses and port 443: a portal, ADFS, Office Online Server. It is chosen by Host with
 * SSL bridging and offloading, by the name in the TLS handshake (SNI) in TCP mode, and is judged by none of the rules
 * for Exchange's paths. In its own name, so that what is meant for it never reaches Exchange.
 */
export interface OtherHost {
  /** Its name in haproxy.cfg, in logs and in statistics, such as `portal`: lower-case letters, digits and dashes. */
  readonly name: string;

  /** The names that clients ask for, 1 to 20, none of them one of the DAG's `clientNames`. May be tokens. */
  readonly hostNames: string[];

  /** Its servers, 1 to 16: DNS names or IP addresses. May be tokens. */
  readonly servers: string[];

  /**
   * The TCP port of its servers.
   *
   * @default - 443; 80 where `tls` is false
   */
  readonly port?: number;

  /**
   * Whether its servers are asked by HTTPS; they must then present a certificate of a CA that the balancers trust.
   * In TCP mode it is left out: TLS is between client and server.
   *
   * @default true
   */
  readonly tls?: boolean;

  /**
   * The name that its servers' certificate must carry, with SSL bridging and offloading. May be a token.
   *
   * @default - the first of `hostNames`
   */
  readonly verifyName?: string;

  /**
   * The certificate that clients see, with SSL bridging and offloading.
   *
   * @default - the balancers' first one, which must carry `hostNames`
   */
  readonly cert?: SslBridgeCert;

  /**
   * A page that answers 200 where a server is well, with SSL bridging and offloading.
   *
   * @default - a server is well that accepts a connection (and, with `tls`, presents the right certificate)
   */
  readonly healthPath?: string;

  /**
   * How requests are spread: `Balance.SOURCE` keeps a client at one server, which Office Online Server needs.
   *
   * @default Balance.ROUNDROBIN
   */
  readonly balance?: Balance;

  /**
   * How long a server may take to answer, in TCP mode how long a connection may be silent.
   *
   * @default - `HaproxyTimeouts.server`; in TCP mode that of `BalancingMode.tcp`
   */
  readonly serverTimeout?: Duration;

  /**
   * The clients that may reach it: IP addresses and CIDR networks. May be tokens.
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

/** The host as HAProxy serves it. */
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
