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
 * What brings secrets to a host, where they lie for root alone until the delivery that needs them
 * fetches them. They are a resource of their own so that a private key travels when it changes, and not
 * with every changed line of haproxy.cfg. That takes two ssh connections: a `file` provisioner, which
 * alone keeps its content out of the log, and before it a script that waits for it. Nothing that serves is
 * touched, so the order of the nodes does not matter here.
 */
export function secretsContent(host: DeliveredHost, secrets: readonly HostFile[], apply: string, context: IResolveContext): HostResourceContent {
  const script = shellScript(["prologue", "inbox", "secrets-key", "secrets"], {
    ID: "self.id",
    APPLY: apply,
    HOST: `base64encode(${trigger(TRIGGER.host)})`,
    MANIFEST: `base64encode(${argument(renderSecretsManifest(host.state()))})`,
    SECRETS_KEY: `base64encode(${secretsKey(secrets)})`,
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

/** A trigger for each secret, which tells whether it is another one, and no more. */
export function fingerprints(secrets: readonly HostFile[], context: IResolveContext): { [key: string]: string } {
  return Object.fromEntries(secrets.map(({ path, content }) => [SECRET_KEY + path, fingerprint(content, context)]));
}

/** Code for the name under which these very secrets lie on the host, from the triggers of whoever asks. */
export function secretsKey(secrets: readonly HostFile[]): string {
  return `substr(sha256(join("\\n", [${secrets.map(({ path }) => trigger(SECRET_KEY + path)).join(", ")}])), 0, 16)`;
}

/** Code for lines of text, each ended. */
function lines(code: readonly string[]): string {
  return `join("", [${code.map((line) => `${line}, "\\n"`).join(", ")}])`;
}

/**
 * Enough of a hash to see that a secret changed (a change is missed once in 16
 * million), and no more: state and plan show it, and whoever guesses a whole
 * password could check the guess with a longer one.
 */
function fingerprint(content: string, context: IResolveContext): string {
  return expressionText(`nonsensitive(sensitive(substr(sha256(${argument(content)}), 0, 6)))`, context);
}
