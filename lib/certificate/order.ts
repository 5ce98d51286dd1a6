import { createPrivateKey } from "node:crypto";
import { Certificate, PemContent } from "./certificate";
import { failure } from "../validation/errors";

/**
 * Returns the chain of a key: first the certificate that belongs to the key, then the intermediate certificates, as far
 * as `certificates` contains them. The root certificate is left out, because clients have their own copy of the root
 * certificate.
 *
 * @throws if no certificate belongs to the key
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

/** Writes a PEM text in the order that HAProxy needs: certificate, chain, key. */
export function bundled(chain: readonly Certificate[], key: string): string {
  return [...chain.map(({ pem }) => pem), key].map((block) => `${block.trim()}\n`).join("");
}

/** Joins the contents of several PEM texts. */
export function together(contents: readonly PemContent[]): PemContent {
  return {
    certificates: contents.flatMap(({ certificates }) => certificates),
    keys: contents.flatMap(({ keys }) => keys),
  };
}
