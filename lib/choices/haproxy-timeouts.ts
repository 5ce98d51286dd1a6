import { TimeoutsModel } from "../haproxy/model";
import { Shape } from "../validation/shape";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/**
 * The timeouts of HAProxy's `defaults`. Those of a single virtual directory or
 * mail protocol are set where it is listed, and win. Why each has the value that it
 * has: docs/exchange.md.
 */
export interface HaproxyTimeouts {
  /**
   * A client's time to send a request's headers (`timeout http-request`), with SSL bridging. Also for its TLS
   * handshake: from HAProxy 2.9 on (`timeout client-hs`), and in TCP mode for the beginning of one.
   *
   * @default Duration.seconds(15)
   */
  readonly httpRequest?: Duration;
  /**
   * The wait for a free place at a member (`timeout queue`).
   *
   * @default Duration.minutes(1)
   */
  readonly queue?: Duration;
  /**
   * The connection to a member (`timeout connect`).
   *
   * @default Duration.seconds(10)
   */
  readonly connect?: Duration;
  /**
   * How long to wait for a client that has stopped reading its response (`timeout client`), and from HAProxy 3.0 on
   * for a request's body that pauses. Up to 2.6 that is cut by `server`, or by its
   * directory's `serverTimeout`. Before 2.9 also for a TLS handshake, so that less is better there.
   *
   * @default - 15 minutes; before HAProxy 2.9, with SSL bridging and offloading, one second more than `httpKeepAlive`
   */
  readonly client?: Duration;
  /**
   * A member's silence (`timeout server`), and up to HAProxy 2.6 a pause in a request's body.
   *
   * @default Duration.minutes(15)
   */
  readonly server?: Duration;
  /**
   * A client's pause between two requests (`timeout http-keep-alive`), with SSL bridging.
   *
   * @default Duration.seconds(110) - just less than IIS's 120 s, so that a connection
   * that NTLM logged in is kept as long as Exchange would keep it
   */
  readonly httpKeepAlive?: Duration;
  /**
   * A member's answer to a health check (`timeout check`).
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

/** The timeouts as HAProxy writes them, with the default where none is given. */
export function timeoutsModel(timeouts: HaproxyTimeouts): TimeoutsModel {
  const time = (name: keyof HaproxyTimeouts): string => (timeouts[name] ?? TIMEOUTS[name])._toHaproxy();
  return {
    httpRequest: time("httpRequest"),
    queue: time("queue"),
    connect: time("connect"),
    client: time("client"),
    server: time("server"),
    httpKeepAlive: time("httpKeepAlive"),
    check: time("check"),
  };
}
