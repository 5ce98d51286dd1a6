import { when } from "./section";

/** The server that answers ACME challenges. */
export interface AcmeModel {
  /** The server's address, with the port. */
  readonly address: string;
}

/**
 * Recognizes ACME challenges (RFC 8555 8.3). Only requests on port 80 match, and only if their path is spelled without
 * any encoding.
 */
export function acmeAcl(acme: AcmeModel | undefined): readonly string[] {
  return when(acme !== undefined, "acl acme_plain path -m reg ^/[.]well-known/acme-challenge/[A-Za-z0-9_-]+$", "http-request set-var(txn.acme) str(yes) if acme_plain !{ ssl_fc }", "acl acme var(txn.acme) -m found");
}

export function acmeBackend({ address }: AcmeModel): string {
  return `backend be_acme\n    mode http\n    server acme ${address}\n`;
}
