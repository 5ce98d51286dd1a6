/**
 * Loads the library @peculiar/x509. Node's own X509Certificate verifies signatures and matches names, but before Node
 * 24 it does not show the signature algorithm, and it cannot create requests in any version of Node. Loading
 * @peculiar/x509 takes time, so callers load it only when they read or create a certificate.
 */
export function x509(): typeof import("@peculiar/x509") {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded only when needed, and synchronously, because synthesis is synchronous */
  require("reflect-metadata");
  return require("@peculiar/x509") as typeof import("@peculiar/x509");
  /* eslint-enable */
}
