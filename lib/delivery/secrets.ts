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
 * The attributes of the resource that brings secrets to a host. Until the delivery fetches the secrets, they wait on
 * the host in an inbox, a folder that only root can read.
 *
 * Secrets have their own resource, so that Terraform sends a private key only when the key changes, and not with every
 * changed line of haproxy.cfg. The resource needs two ssh connections: one for a script that prepares the inbox, and
 * one for a `file` provisioner, because only `file` keeps its content out of the log. The script does not touch the
 * running services, so the nodes of a pair can get their secrets in any order.
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

/**
 * Returns one trigger for each secret. The trigger's value is a short fingerprint, which shows only whether the secret
 * has changed.
 */
export function fingerprints(secrets: readonly HostFile[], context: IResolveContext): { [key: string]: string } {
  return Object.fromEntries(secrets.map(({ path, content }) => [SECRET_KEY + path, fingerprint(content, context)]));
}

/**
 * Terraform code for the name of the folder in which `secrets` wait on the host. The folder's name depends on the
 * secrets' fingerprints. `fingerprintOf` gets a trigger's name and returns the code for the trigger's value.
 */
export function secretsKey(secrets: readonly HostFile[], fingerprintOf: (name: string) => string): string {
  return `substr(sha256(join("\\n", [${secrets.map(({ path }) => fingerprintOf(SECRET_KEY + path)).join(", ")}])), 0, 16)`;
}

/** Terraform code that joins lines of text. Each line ends with a line break. */
function lines(code: readonly string[]): string {
  return `join("", [${code.map((line) => `${line}, "\\n"`).join(", ")}])`;
}

/**
 * Terraform code for the first 6 hexadecimal digits of a secret's hash. State and plan show these digits. They are
 * enough to notice a change (they miss one change in 16 million). They are too few to find out whether a guessed
 * password is right.
 */
function fingerprint(content: string, context: IResolveContext): string {
  return expressionText(`nonsensitive(sensitive(substr(sha256(${argument(content)}), 0, 6)))`, context);
}
