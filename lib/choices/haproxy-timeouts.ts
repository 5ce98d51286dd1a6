import { TimeoutsModel } from "../haproxy/model";
import { Shape } from "../validation/shape";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/**
 * The timeouts in HAProxy's `defaults`. The timeouts of a virtual directory (`VirtualDirectoryOptions`) or of a mail
 * protocol (`MailProtocolOptions`) override these timeouts. docs/exchange.md has the reason for each default.
 */
export interface HaproxyTimeouts {
  /**
   * With SSL bridging and offloading: how long a client may take to send the headers of a request (`timeout
   * http-request`). In TCP mode: how long HAProxy waits for the client's first TLS message. From HAProxy 2.9 on, the
   * same time also limits the TLS handshake (`timeout client-hs`).
   *
   * @default Duration.seconds(15)
   */
  readonly httpRequest?: Duration;
  /**
   * How long a request or session waits in the queue while the member has no free connection (`timeout queue`).
   *
   * @default Duration.minutes(1)
   */
  readonly queue?: Duration;
  /**
   * How long to wait for a connection to a member (`timeout connect`).
   *
   * @default Duration.seconds(10)
   */
  readonly connect?: Duration;
  /**
   * How long to wait for a client that has stopped reading its response (`timeout client`). From HAProxy 3.0 on, this
   * timeout also limits a pause in a request's body; up to HAProxy 2.6, the prop `server` or the directory's
   * `serverTimeout` limits that pause. Before HAProxy 2.9, this timeout also limits the TLS handshake, so the default
   * is shorter for these versions.
   *
   * @default - 15 minutes; before HAProxy 2.9, with SSL bridging and offloading, one second more than `httpKeepAlive`
   */
  readonly client?: Duration;
  /**
   * How long a member may be silent (`timeout server`). Up to HAProxy 2.6, this timeout also limits a pause in a
   * request's body.
   *
   * @default Duration.minutes(15)
   */
  readonly server?: Duration;
  /**
   * With SSL bridging and offloading: how long a client's connection may be idle between two requests (`timeout
   * http-keep-alive`).
   *
   * @default Duration.seconds(110) - a little less than the 120 s after which IIS closes an idle connection, so that an
   * NTLM login lasts almost as long as without a balancer
   */
  readonly httpKeepAlive?: Duration;
  /**
   * How long to wait for a member's answer to a health check (`timeout check`).
   *
   * @default Duration.seconds(10)
   */
  readonly check?: Duration;
}

export const HAPROXY_TIMEOUTS: Shape<HaproxyTimeouts> = {
  httpRequest: DURATION,
  queue: DURATION,
  connect: DURATION,
  client: DURATION,
  server: DURATION,
  httpKeepAlive: DURATION,
  check: DURATION,
};

/** The timeouts in HAProxy's notation. */
export interface TimeoutsModels {
  /** The timeouts for `defaults`: the given values, or this library's defaults. */
  readonly defaults: TimeoutsModel;
  /** `timeout client`, if the user has set it. */
  readonly clientTimeout?: string;
  /** `timeout client` for HAProxy before 2.9: one second more than `httpKeepAlive`. */
  readonly clientIdleTimeout: string;
}

export function timeoutsModels(timeouts: HaproxyTimeouts = {}): TimeoutsModels {
  const time = (name: keyof HaproxyTimeouts): Duration => timeouts[name] ?? TIMEOUTS[name];
  return {
    defaults: {
      httpRequest: time("httpRequest")._toHaproxy(),
      queue: time("queue")._toHaproxy(),
      connect: time("connect")._toHaproxy(),
      client: time("client")._toHaproxy(),
      server: time("server")._toHaproxy(),
      httpKeepAlive: time("httpKeepAlive")._toHaproxy(),
      check: time("check")._toHaproxy(),
    },
    clientTimeout: timeouts.client?._toHaproxy(),
    clientIdleTimeout: Duration.millis(time("httpKeepAlive").toMilliseconds() + 1000)._toHaproxy(),
  };
}
