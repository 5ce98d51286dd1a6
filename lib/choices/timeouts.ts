import { Duration } from "./duration";

/**
 * The defaults of all timeouts, with the reason for each. The `@default` of each timeout prop repeats a value from here.
 */
export const TIMEOUTS = {
  /**
   * How long a client may take to send a request's headers: enough for a slow client, but a limit for slowloris
   * attacks.
   */
  httpRequest: Duration.seconds(15),
  /** How long a request waits for a free connection to a member. */
  queue: Duration.minutes(1),
  /** How long the TCP and TLS handshake with a member may take. */
  connect: Duration.seconds(10),
  /**
   * How long to wait for a client that has stopped reading its response. Before HAProxy 2.9, `timeout client` also
   * limits the TLS handshake. For these versions, with SSL bridging and offloading, the library uses one second more
   * than httpKeepAlive instead. HAProxy's version also decides which timeout limits a pause within a request's body: up
   * to HAProxy 2.6 `timeout server`, and from HAProxy 3.0 on `timeout client` (tested on 3.0, not on 2.8).
   */
  client: Duration.minutes(15),
  /**
   * How long a member may be silent, before an answer or within an answer. Outlook Anywhere has such pauses, and so has
   * OWA while it processes an upload (35 MB by default). Up to HAProxy 2.6, this timeout also runs while a client pauses
   * within a request's body. Uploads pause. Outlook Anywhere keeps a body open, and may send nothing for up to half of
   * the connection timeout that the server's registry sets (MS-RPCH 3.2.3.3). We did not find the default of that
   * connection timeout.
   */
  server: Duration.minutes(15),
  /**
   * How long a connection may be idle between two requests. A connection that NTLM has logged in should stay open,
   * because another login costs three steps and a TLS handshake. IIS closes idle connections after 120 s (the default
   * of connectionTimeout in its limits element). HAProxy closes idle connections a little earlier, so that it sends no
   * request over a connection that IIS is closing.
   */
  httpKeepAlive: Duration.seconds(110),
  /** How long a member may take to answer a health check. */
  check: Duration.seconds(10),
  /**
   * How long an HTTPS connection may be idle in TCP mode. HAProxy cannot see what the connection is for, and an
   * ActiveSync heartbeat is idle for up to 59 minutes.
   */
  tcp: Duration.minutes(60),
  autodiscover: Duration.seconds(30),
  /**
   * How long a member may be silent during a MAPI request. While the request lasts (a NotificationWait lasts 5 min),
   * the server sends PENDING every X-PendingPeriod, 30 s by default (MS-OXCMAPIHTTP 2.2.3.3.5, 3.2.2). Each PENDING
   * resets this timeout. The value is four times 30 s.
   */
  mapi: Duration.minutes(2),
  /**
   * How long a member may take to answer an ActiveSync request. Ping and Sync wait for up to 3540 s. MS-ASCMD lets the
   * server choose the shortest and the longest wait; 3540 s is MaxHeartbeatInterval in web.config of Exchange 2019.
   */
  activeSync: Duration.minutes(60),
  /**
   * How long a member may take to answer an EWS request. GetStreamingEvents stays open for up to 30 min
   * (ConnectionTimeout, from 1 to 30, in the EWS reference).
   */
  ews: Duration.minutes(35),
  /** How long to wait for a connection to a member for Autodiscover and MAPI. Clients of these protocols try again. */
  quickConnect: Duration.seconds(4),
  /**
   * How long an SMTP session may be idle. The value is longer than 10 min, because RFC 5321 4.5.3.2.6 gives the server
   * 10 min to answer the end of DATA.
   */
  smtp: Duration.minutes(15),
  /**
   * How long an IMAP or POP3 session may be idle. RFC 9051 5.4 lets a server end an idle session after at least 30 min,
   * and Exchange does this by default for both protocols. Clients renew IDLE every 29 min (RFC 2177).
   */
  imap: Duration.minutes(35),
} as const;
