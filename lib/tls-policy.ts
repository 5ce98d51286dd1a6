/**
 * Which TLS versions and ciphers clients are offered, by name. Towards the members
 * TLS 1.2 is the least (but for `OLD`), as Exchange 2019 speaks it by default.
 *
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS
 */
export enum TlsPolicy {
  /**
   * The system's: on the RHEL family its crypto policy (`PROFILE=SYSTEM`), elsewhere
   * TLS 1.2 and later with OpenSSL's own ciphers.
   */
  SYSTEM = "system",
  /**
   * Mozilla's modern: TLS 1.3 alone. Outlook on Windows before 11 and Server 2022
   * cannot connect.
   */
  MODERN = "modern",
  /** Mozilla's intermediate: TLS 1.2 with forward secrecy and AEAD ciphers, and TLS 1.3. */
  INTERMEDIATE = "intermediate",
  /**
   * Mozilla's old: from TLS 1.0 on, also towards the members, for clients that
   * cannot be replaced. It lowers OpenSSL's security level to 0. With a warning.
   */
  OLD = "old",
}
