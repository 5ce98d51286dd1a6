import { IResolveContext } from "cdktf";
import { HostFile } from "../host/host-file";
import { renderSecretsManifest } from "../host/manifest";
import type { DeliveredHost } from "./delivery";
import type { HostResourceContent } from "./host-resource";
import { SECRET_KEY, TRIGGER } from "./keys";
import { shellScript } from "./shell";
import { argument, expressionText, literalText } from "./terraform-text";
import { lifecycle, occasions, trigger } from "./triggers";

/**
 * The resource that brings secrets to a host. They wait in an inbox that only root can read, until the delivery fetches them.
 * Secrets have their own resource, so that a private key is sent only when it changes, and not with every changed line
 * of haproxy.cfg. This needs two ssh connections: a script that prepares the inbox, and a `file` provisioner, because
 * only `file` keeps its content out of the log. The scripts change nothing that serves, so the order of the nodes does
 * not matter here.
 */
export function secretsContent(host: DeliveredHost, secrets: readonly HostFile[], apply: string, context: IResolveContext): HostResourceContent {
  const script = shellScript(["prologue", "inbox", "secrets-key", "secrets"], {
    ID: "self.id",
    APPLY: apply,
    HOST: `base64encode(${trigger(TRIGGER.host)})`,
    MANIFEST: `base64encode(${argument(renderSecretsManifest(host.state()))})`,
    SECRETS_KEY: `base64encode(${secretsKey(secrets, trigger)})`,
    FINGERPRINTS: `base64encode(${lines(secrets.map(({ path }) => trigger(SECRET_KEY + path)))})`,
  });
  return {
    triggers: { [TRIGGER.host]: literalText(host.host, context), ...occasions(host, context), ...fingerprints(secrets, context) },
    provisioners: [
      { type: "remote-exec", inline: [script] },
      {
        type: "file",
        destination: ".cdktf-exchange-balancer-inbox-${self.id}/secrets",
        content: expressionText(`sensitive(${lines(secrets.map(({ content }) => `base64encode(${argument(content)})`))})`, context),
      },
    ],
    lifecycle: lifecycle(host.checks(), context),
  };
}

/** A trigger for each secret. It shows only whether the secret has changed. */
export function fingerprints(secrets: readonly HostFile[], context: IResolveContext): { [key: string]: string } {
  return Object.fromEntries(secrets.map(({ path, content }) => [SECRET_KEY + path, fingerprint(content, context)]));
}

/**
 * Terraform code for the folder name of these secrets on the host. `fingerprintOf` returns the code for the fingerprint
 * with a given name.
 */
export function secretsKey(secrets: readonly HostFile[], fingerprintOf: (name: string) => string): string {
  return `substr(sha256(join("\\n", [${secrets.map(({ path }) => fingerprintOf(SECRET_KEY + path)).join(", ")}])), 0, 16)`;
}

/** Terraform code for lines of text, each with a line end. */
function lines(code: readonly string[]): string {
  return `join("", [${code.map((line) => `${line}, "\\n"`).join(", ")}])`;
}

/**
 * A short part of a hash of a secret. It is long enough to notice a change (it misses one change in 16 million), and
 * too short to check guesses of a password: state and plan show it.
 */
function fingerprint(content: string, context: IResolveContext): string {
  return expressionText(`nonsensitive(sensitive(substr(sha256(${argument(content)}), 0, 6)))`, context);
}
