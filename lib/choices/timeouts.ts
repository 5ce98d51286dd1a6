import { Duration } from "./duration";

/**
 * The defaults of all timeouts, with the reason for each. The `@default` of each timeout prop repeats a value from here.
 */
export const TIMEOUTS = {
  /** Request headers: enough time for a slow client, and a limit for slowloris attacks. */
  httpRequest: Duration.seconds(15),
  /** The wait for a free connection to a member. */
  queue: Duration.minutes(1),
  /** The TCP and TLS handshake with a member. */
  connect: Duration.seconds(10),
  /**
   * A client that has stopped reading its response. With SSL bridging before HAProxy 2.9, `timeout client` also limits
   * the TLS handshake, so the value there is one second more than httpKeepAlive. From HAProxy 3.0 on, `timeout client`
   * also limits a pause in a request's body (tested on 3.0, not on 2.8). Up to HAProxy 2.6, `timeout server` limits
   * that pause instead.
   */
  client: Duration.minutes(15),
  /**
   * A member's silence before and within an answer, as with Outlook Anywhere, or while OWA processes an upload (35 MB
   * by default). The value also covers a client's silence within a request's body: uploads pause, and the bodies of
   * Outlook Anywhere (MS-RPCH) stay open and are silent for up to half of the connection timeout in the server's
   * registry (3.2.3.3; the default of this timeout was not found).
   */
  server: Duration.minutes(15),
  /**
   * A pause between two requests. It is worth keeping a connection that NTLM has logged in, because another login costs
   * three steps and a TLS handshake. IIS closes idle connections after 120 s (connectionTimeout of its limits element,
   * by default). HAProxy closes them a little earlier, so that no request meets a connection that IIS is closing.
   */
  httpKeepAlive: Duration.seconds(110),
  /** A member's answer to a health check. */
  check: Duration.seconds(10),
  /**
   * In TCP mode, HAProxy does not read an HTTPS connection. The connection may be an ActiveSync heartbeat of 59
   * minutes.
   */
  tcp: Duration.minutes(60),
  autodiscover: Duration.seconds(30),
  /**
   * While a MAPI request lasts (a NotificationWait lasts 5 min), the server sends PENDING every X-PendingPeriod, 30 s
   * by default (MS-OXCMAPIHTTP 2.2.3.3.5, 3.2.2). Each PENDING resets this timeout. The value is four of these periods.
   */
  mapi: Duration.minutes(2),
  /**
   * ActiveSync's Ping and Sync wait for up to 3540 s. MS-ASCMD lets the server choose the range; 3540 s is
   * MaxHeartbeatInterval in web.config of Exchange 2019.
   */
  activeSync: Duration.minutes(60),
  /** EWS GetStreamingEvents stays open for up to 30 min (ConnectionTimeout, from 1 to 30, in the EWS reference). */
  ews: Duration.minutes(35),
  /** The connection to a member for Autodiscover and MAPI. Their clients try again by themselves. */
  quickConnect: Duration.seconds(4),
  /** RFC 5321 4.5.3.2.6 allows 10 min for the end of DATA. */
  smtp: Duration.minutes(15),
  /**
   * RFC 9051 5.4 lets a server end an idle session after at least 30 min, and Exchange does this by default for IMAP
   * and POP3. Clients renew IDLE every 29 min (RFC 2177).
   */
  imap: Duration.minutes(35),
} as const;
