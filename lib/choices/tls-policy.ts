import { TlsPolicyName } from "../haproxy/model";

/**
 * The TLS versions and ciphers that the balancers offer to clients. Members must speak TLS 1.2 or newer, except with
 * `OLD`. Exchange 2019 speaks TLS 1.2 by default.
 *
 * `MODERN`, `INTERMEDIATE` and `OLD` are the policies of Mozilla's guideline 5.7. The newest guideline, 6.0 (April
 * 2026), has no DHE among the intermediate ciphers, and has no old policy.
 *
 * @see https://ssl-config.mozilla.org/guidelines/5.7.json
 */
export enum TlsPolicy {
  /**
   * The system's policy: on the RHEL family, the system's crypto policy (`PROFILE=SYSTEM`); on other systems, TLS 1.2
   * and newer with OpenSSL's default ciphers.
   */
  SYSTEM = "system",
  /**
   * Mozilla's modern policy: only TLS 1.3. Programs that use Windows' own TLS, such as Outlook, need Windows 11 or
   * Server 2022, or newer.
   */
  MODERN = "modern",
  /** Mozilla's intermediate policy: TLS 1.2 with forward secrecy and AEAD ciphers, and TLS 1.3. */
  INTERMEDIATE = "intermediate",
  /**
   * Mozilla's old policy, for clients that cannot be replaced: TLS 1.0 and newer, also towards the members. Its ciphers
   * include 3DES if OpenSSL still has it. The policy lowers OpenSSL's security level to 0. Synthesis warns about this
   * policy.
   */
  OLD = "old",
}

/** The name of each policy in HAProxy's model. */
export const TLS_POLICY_MODEL: Readonly<Record<TlsPolicy, TlsPolicyName>> = {
  [TlsPolicy.SYSTEM]: "system",
  [TlsPolicy.MODERN]: "modern",
  [TlsPolicy.INTERMEDIATE]: "intermediate",
  [TlsPolicy.OLD]: "old",
};
