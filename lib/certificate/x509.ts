/**
 * Node's own X509Certificate verifies and matches names, but before Node 24 it
 * does not tell the signature's algorithm, and it makes no requests. This library
 * does. It takes its time to load, so a synthesis without a certificate at hand
 * does without it.
 */
export function x509(): typeof import("@peculiar/x509") {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded when needed, and synchronously, as synthesis is */
  require("reflect-metadata");
  return require("@peculiar/x509") as typeof import("@peculiar/x509");
  /* eslint-enable */
}
