import { TimeoutsModel } from "../haproxy/model";
import { Shape } from "../validation/shape";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/**
 * The timeouts in HAProxy's `defaults`. The timeouts of a virtual directory
 * (`VirtualDirectoryOptions`) or a mail protocol (`MailProtocolOptions`) override them.
 * docs/exchange.md has the reason for each default.
 */
export interface HaproxyTimeouts {
  /**
   * How long a client may take to send a request's headers (`timeout http-request`), with SSL bridging and offloading.
   * It also limits the TLS handshake: from HAProxy 2.9 on with `timeout client-hs`, and in TCP mode until its first message.
   *
   * @default Duration.seconds(15)
   */
  readonly httpRequest?: Duration;
  /**
   * How long a request or session waits for a free place at a member (`timeout queue`).
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
   * How long to wait for a client that has stopped reading its response (`timeout client`). From HAProxy 3.0 on it also
   * limits a pause in a request's body; up to 2.6 `server` or the directory's `serverTimeout` does that. Before 2.9 it
   * also limits the TLS handshake, so the default is shorter there.
   *
   * @default - 15 minutes; before HAProxy 2.9, with SSL bridging and offloading, one second more than `httpKeepAlive`
   */
  readonly client?: Duration;
  /**
   * How long a member may be silent (`timeout server`). Up to HAProxy 2.6 it also limits a pause in a request's body.
   *
   * @default Duration.minutes(15)
   */
  readonly server?: Duration;
  /**
   * How long a client's connection may be idle between two requests (`timeout http-keep-alive`), with SSL bridging and
   * offloading.
   *
   * @default Duration.seconds(110) - just less than IIS's 120 s, so a connection
   * that NTLM has logged in lasts almost as long as Exchange would keep it
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

/** The timeouts as HAProxy writes them. */
export interface TimeoutsModels {
  /** Of `defaults`, with this library's default where none is given. */
  readonly defaults: TimeoutsModel;
  /** `timeout client` as given. */
  readonly clientTimeout?: string;
  /** Just longer than a client may pause between two requests. */
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
