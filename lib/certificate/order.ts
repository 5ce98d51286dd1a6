import { createPrivateKey } from "node:crypto";
import { Certificate, PemContent } from "./certificate";
import { failure } from "../validation/errors";

/**
 * The certificate that a key belongs to, followed by its issuers as far as they are
 * among the others. A root ends the list and is no part of it: clients trust their own.
 *
 * @throws if the key belongs to none of the certificates
 */
export function inOrder(certificates: readonly Certificate[], key: string): readonly [Certificate, ...Certificate[]] {
  const owner = createPrivateKey(key);
  const leaf = certificates.find((certificate) => certificate.belongsTo(owner));
  if (leaf === undefined) {
    throw failure(`the private key must belong to one of the certificates, got ${certificates.map(({ subject }) => subject).join(" and ") || "none"}`);
  }
  const chain: [Certificate, ...Certificate[]] = [leaf];
  for (let last = leaf; !last.isSelfSigned; ) {
    const issuer = certificates.find((certificate) => !chain.includes(certificate) && last.isIssuedBy(certificate));
    if (issuer === undefined || issuer.isSelfSigned) break;
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}

/** Certificate, chain, key: as HAProxy reads it. */
export function bundled(chain: readonly Certificate[], key: string): string {
  return [...chain.map(({ pem }) => pem), key].map((block) => `${block.trim()}\n`).join("");
}

/** What several PEM texts hold. */
export function together(contents: readonly PemContent[]): PemContent {
  return {
    certificates: contents.flatMap(({ certificates }) => certificates),
    keys: contents.flatMap(({ keys }) => keys),
  };
}
