import { TlsPolicyName } from "./model";
import { Block } from "./section";

/**
 * The ciphers of Mozilla's guideline 5.7 (https://ssl-config.mozilla.org/guidelines/5.7.json). The later guidelines
 * support fewer clients. Guideline 5.8 (April 2026) has no DHE ciphers, so Internet Explorer on Windows 7 is missing in
 * Mozilla's list of the oldest clients that 5.8 supports. Guideline 6.0 has no profile "old". This list contains no
 * ciphers for TLS 1.3: HAProxy uses OpenSSL's defaults, which are the three TLS 1.3 ciphers of guideline 5.7 in another
 * order.
 */
const INTERMEDIATE_CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
  "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305",
];
const OLD_CIPHERS = [
  ...INTERMEDIATE_CIPHERS,
  "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
  "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
  "DHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256",
  // OpenSSL ignores ciphers that it was built without (Debian's OpenSSL has no 3DES).
  "AES256-SHA256", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
  // Without `@SECLEVEL=0`, OpenSSL 3 refuses the signatures of TLS 1.0 and 1.1. Mozilla's generator uses
  // ssl-security-level instead, which needs HAProxy 3.0.
  "@SECLEVEL=0",
];

const BINDS: Readonly<Record<Exclude<TlsPolicyName, "system">, readonly string[]>> = {
  modern: ["ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.3 no-tls-tickets"],
  intermediate: [
    `ssl-default-bind-ciphers ${INTERMEDIATE_CIPHERS.join(":")}`,
    "ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.2 no-tls-tickets",
  ],
  old: [
    `ssl-default-bind-ciphers ${OLD_CIPHERS.join(":")}`,
    "ssl-default-bind-options ssl-min-ver TLSv1.0 no-tls-tickets",
  ],
};

/** The TLS lines of `global`. `systemCryptoPolicy` says whether the system has a crypto policy (`PROFILE=SYSTEM`). */
export function tlsBlocks(policy: TlsPolicyName, systemCryptoPolicy: boolean): readonly Block[] {
  if (policy === "system") {
    return [
      systemCryptoPolicy
        ? {
            comment: "use the system's crypto policy",
            lines: ["ssl-default-bind-ciphers PROFILE=SYSTEM", "ssl-default-server-ciphers PROFILE=SYSTEM"],
          }
        : {
            comment: "this system has no crypto policy, so require the TLS version that Exchange 2019 speaks by default",
            lines: ["ssl-default-bind-options ssl-min-ver TLSv1.2", "ssl-default-server-options ssl-min-ver TLSv1.2"],
          },
    ];
  }
  const towardsMembers =
    policy === "old"
      ? [`ssl-default-server-ciphers ${OLD_CIPHERS.join(":")}`, "ssl-default-server-options ssl-min-ver TLSv1.0"]
      : ["ssl-default-server-options ssl-min-ver TLSv1.2"];
  return [{ comment: `Mozilla's ${policy} policy for clients`, lines: [...BINDS[policy], ...towardsMembers] }];
}
