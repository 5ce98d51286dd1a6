/**
 * Loads a library for certificates. Node's own X509Certificate verifies signatures and matches names, but before Node
 * 24 it does not show the signature algorithm, and it cannot create requests. The library takes time to load, so a
 * synthesis without a readable certificate does not load the library.
 */
export function x509(): typeof import("@peculiar/x509") {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded only when needed, and synchronously, because synthesis is synchronous */
  require("reflect-metadata");
  return require("@peculiar/x509") as typeof import("@peculiar/x509");
  /* eslint-enable */
}
