import { TlsPolicyName } from "../haproxy/model";

/**
 * Which TLS versions and ciphers clients are offered, by name. Towards the members
 * TLS 1.2 is the least (but for `OLD`), as Exchange 2019 speaks it by default.
 *
 * Mozilla's three are those of its guideline 5.7. The present one, 6.0 (April 2026),
 * leaves DHE out of the intermediate ciphers and has no old policy any more.
 *
 * @see https://ssl-config.mozilla.org/guidelines/5.7.json
 */
export enum TlsPolicy {
  /**
   * The system's: on the RHEL family its crypto policy (`PROFILE=SYSTEM`), elsewhere
   * TLS 1.2 and later with OpenSSL's own ciphers.
   */
  SYSTEM = "system",
  /**
   * Mozilla's modern: TLS 1.3 alone. What uses Windows' own TLS, as Outlook does,
   * cannot connect before Windows 11 and Server 2022.
   */
  MODERN = "modern",
  /** Mozilla's intermediate: TLS 1.2 with forward secrecy and AEAD ciphers, and TLS 1.3. */
  INTERMEDIATE = "intermediate",
  /**
   * Mozilla's old: from TLS 1.0 on, also towards the members, for clients that
   * cannot be replaced; 3DES among its ciphers where OpenSSL still has it. It lowers
   * OpenSSL's security level to 0. With a warning.
   */
  OLD = "old",
}

/** Each choice as the model of haproxy.cfg has it. */
export const TLS_POLICY_MODEL: Readonly<Record<TlsPolicy, TlsPolicyName>> = {
  [TlsPolicy.SYSTEM]: "system",
  [TlsPolicy.MODERN]: "modern",
  [TlsPolicy.INTERMEDIATE]: "intermediate",
  [TlsPolicy.OLD]: "old",
};
