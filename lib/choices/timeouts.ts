import { Duration } from "./duration";

/**
 * The defaults of every timeout, in one place, with the reason for each. Where a
 * prop says `@default`, it is one of these.
 */
export const TIMEOUTS = {
  /** Request headers: long enough for a slow client, short enough against slowloris. */
  httpRequest: Duration.seconds(15),
  /** A wait for a free place at a member. */
  queue: Duration.minutes(1),
  /** A member's TCP and TLS handshake. */
  connect: Duration.seconds(10),
  /**
   * A client that does not take in its answer. With SSL bridging before HAProxy 2.9, where silent TLS handshakes count by it, too,
   * one second more than httpKeepAlive in its place. From HAProxy 3.0 on (run; 2.8 was not) also a
   * request's body that pauses, which up to 2.6 is cut by `timeout server` and not by this.
   */
  client: Duration.minutes(15),
  /**
   * A member's silence before and within an answer: Outlook Anywhere's, and what OWA does
   * with an upload (35 MB by default). And a client's within a body: Outlook Anywhere's
   * (MS-RPCH) stay open and are silent up to their keep-alive, half of the connection timeout
   * that the server's registry sets (3.2.3.3; its default was not found). Uploads pause.
   */
  server: Duration.minutes(15),
  /**
   * A pause between two requests. A connection that NTLM logged in is worth keeping:
   * the next request else costs three steps and a TLS handshake. IIS ends idle
   * connections after 120 s (connectionTimeout of its limits element, by default); ending them earlier than it does keeps a request from
   * meeting a connection that IIS closes at that moment.
   */
  httpKeepAlive: Duration.seconds(110),
  /** A member's answer to a health check. */
  check: Duration.seconds(10),
  /** In TCP mode an HTTPS connection is not read and may be an ActiveSync heartbeat of 59 minutes. */
  tcp: Duration.minutes(60),
  autodiscover: Duration.seconds(30),
  /**
   * While a MAPI request lasts (a NotificationWait: 5 min), the server sends PENDING
   * every X-PendingPeriod, 30 s by default (MS-OXCMAPIHTTP 2.2.3.3.5, 3.2.2), and each
   * resets this timeout: four of them.
   */
  mapi: Duration.minutes(2),
  /**
   * ActiveSync's Ping and Sync wait for up to 3540 s. MS-ASCMD leaves the range to the
   * server; this is MaxHeartbeatInterval in web.config of Exchange 2019.
   */
  activeSync: Duration.minutes(60),
  /** EWS GetStreamingEvents stays open for up to 30 min (ConnectionTimeout, from 1 to 30, in EWS's reference). */
  ews: Duration.minutes(35),
  /** A connection to a member for Autodiscover and MAPI, whose clients try again themselves. */
  quickConnect: Duration.seconds(4),
  /** RFC 5321 4.5.3.2.6 grants the end of DATA 10 min. */
  smtp: Duration.minutes(15),
  /**
   * RFC 9051 5.4 lets a server end an idle session after 30 min at the earliest, which is
   * Exchange's default for IMAP and POP3; IDLE is renewed every 29 (RFC 2177).
   */
  imap: Duration.minutes(35),
} as const;
