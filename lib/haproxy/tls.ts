import { TlsPolicyName } from "./model";
import { Block } from "./section";

/**
 * Mozilla's guideline 5.7 (https://ssl-config.mozilla.org/guidelines/5.7.json), cipher for cipher. 5.8 (April 2026)
 * leaves out all DHE, and with it Internet Explorer on Windows 7 by its own list of oldest clients; 6.0 has no "old".
 * TLS 1.3's own ciphers are OpenSSL's defaults, the same three in another order.
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
  // OpenSSL passes over what it was built without (Debian's has no 3DES).
  "AES256-SHA256", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
  // Without it OpenSSL 3 refuses what TLS 1.0 and 1.1 sign with. Mozilla's generator says ssl-security-level, which is HAProxy 3.0's.
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

/** What `global` says of TLS. `systemCryptoPolicy`: OpenSSL knows `PROFILE=SYSTEM`. */
export function tlsBlocks(policy: TlsPolicyName, systemCryptoPolicy: boolean): readonly Block[] {
  if (policy === "system") {
    return [
      systemCryptoPolicy
        ? {
            comment: "utilize system-wide crypto-policies",
            lines: ["ssl-default-bind-ciphers PROFILE=SYSTEM", "ssl-default-server-ciphers PROFILE=SYSTEM"],
          }
        : {
            comment: "this system has no crypto policy: require what Exchange 2019 speaks by default",
            lines: ["ssl-default-bind-options ssl-min-ver TLSv1.2", "ssl-default-server-options ssl-min-ver TLSv1.2"],
          },
    ];
  }
  const towardsMembers =
    policy === "old"
      ? [`ssl-default-server-ciphers ${OLD_CIPHERS.join(":")}`, "ssl-default-server-options ssl-min-ver TLSv1.0"]
      : ["ssl-default-server-options ssl-min-ver TLSv1.2"];
  return [{ comment: `Mozilla's ${policy} guideline towards clients`, lines: [...BINDS[policy], ...towardsMembers] }];
}
