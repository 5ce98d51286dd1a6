import { when } from "./section";

/** Who answers ACME's challenges. */
export interface AcmeModel {
  /** With its port. */
  readonly address: string;
}

/** A challenge as ACME writes it (RFC 8555 8.3), in one spelling alone, on port 80 alone. */
export function acmeAcl(acme: AcmeModel | undefined): readonly string[] {
  return when(acme !== undefined, "acl acme_plain path -m reg ^/[.]well-known/acme-challenge/[A-Za-z0-9_-]+$", "http-request set-var(txn.acme) str(yes) if acme_plain !{ ssl_fc }", "acl acme var(txn.acme) -m found");
}

export function acmeBackend({ address }: AcmeModel): string {
  return `backend be_acme\n    mode http\n    server acme ${address}\n`;
}
