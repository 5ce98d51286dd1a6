import { Resource } from "@cdktf/provider-null/lib/resource";
import { Construct } from "constructs";
import { HostFile } from "../host/host-state";
import { applyScriptOf } from "./apply-script";
import type { DeliveryProps } from "./delivery";
import { APPLY, inInbox, inboxFolder, inflate, openInbox, trigger, unpack } from "./inbox";
import { SECRET_KEY, TRIGGER } from "./keys";
import { argument, expression, literal } from "./terraform-text";

/**
 * Secrets do not lie about, neither if the connection breaks before apply.sh is
 * called, nor if that is killed: it removes the folder itself in every other case.
 * The mark keeps it from the folder of the next try, which has the same name.
 */
const KEEP_WATCH = [
  'mark="$$ $(date +%s)"',
  'echo "$mark" >"$folder/watched"',
  '(trap "" HUP; end=$(($(date +%s) + 60))',
  'while [ "$(cat "$folder/watched" 2>/dev/null)" = "$mark" ]; do',
  'if [ -e "$folder/taken" ]; then [ -d "/proc/$(cat "$folder/taken")" ] || break; else [ "$(date +%s)" -lt "$end" ] || break; fi',
  "sleep 1",
  "done",
  'if [ "$(cat "$folder/watched" 2>/dev/null)" = "$mark" ]; then rm -rf "$folder"; fi) >/dev/null 2>&1 </dev/null &',
].join("\n");

/**
 * Brings secrets to a host, where they lie for root alone until the delivery that
 * needs them fetches them. They are a resource of their own so that a private key
 * travels when it changes, and not with every changed line of haproxy.cfg: Terraform
 * opens an ssh connection for each step, and secrets need three, since only a `file`
 * provisioner can have one without having all its output hidden, and none can make a
 * folder that is its owner's alone. Nothing that serves is touched, so the order of
 * the nodes is no matter here.
 */
export function sendSecrets(scope: Construct, id: string, props: DeliveryProps, secrets: readonly HostFile[]): Resource {
  const { state, host, connection } = props;
  const triggers: { [key: string]: string } = { [TRIGGER.host]: literal(host), ...occasions(props), ...fingerprints(secrets) };
  const folder = inboxFolder(`${state.part}-secrets`);
  const receive = [
    ...openInbox(folder),
    KEEP_WATCH,
    inflate("apply.sh", applyScriptOf(scope)),
    unpack("host", trigger(TRIGGER.host)),
    unpack("secrets-key", secretsKey(secrets)),
    unpack("fingerprints", `join("", [${secrets.map(({ path }) => `${trigger(SECRET_KEY + path)}, "\\n"`).join(", ")}])`),
    `printf 'part %s\\nos %s %s\\n' ${state.part} ${state.os.family} ${state.os.version} >"$folder/manifest"`,
  ];
  return new Resource(scope, id, {
    triggers,
    connection,
    provisioners: [
      { type: "remote-exec", inline: [receive.join("\n")] },
      {
        type: "file",
        destination: `${folder}/secrets`,
        content: expression(
          `sensitive(join("", [${secrets.map(({ content }) => `base64encode(${argument(content)}), "\\n"`).join(", ")}]))`,
        ),
      },
      { type: "remote-exec", inline: [[...inInbox(folder), `${APPLY} --take-secrets "$folder"`].join("\n")] },
    ],
    lifecycle: lifecycle(props),
  });
}

/**
 * A delivery is made before its predecessor is destroyed: else Terraform drops the
 * master's state, and the diff of its plan with it, as soon as the backup before it fails.
 */
export function lifecycle({ checks }: DeliveryProps): Resource["lifecycle"] {
  if (checks.length === 0) return { createBeforeDestroy: true };
  const precondition = checks.map(({ values, condition, errorMessage }) => ({ condition: expression(condition(...values.map(argument))), errorMessage: literal(errorMessage) }));
  return { createBeforeDestroy: true, precondition };
}

/** What a delivery and its secrets are sent again for, beside a change of what they hold. */
export function occasions({ instanceId, redeliver }: DeliveryProps): { [key: string]: string } {
  const triggers: { [key: string]: string } = {};
  if (instanceId !== undefined) triggers[TRIGGER.instance] = literal(instanceId);
  if (redeliver !== undefined) triggers[TRIGGER.redeliver] = literal(redeliver);
  return triggers;
}

/** A trigger for each secret, which tells whether it is another one, and no more. */
export function fingerprints(secrets: readonly HostFile[]): { [key: string]: string } {
  return Object.fromEntries(secrets.map(({ path, content }) => [SECRET_KEY + path, fingerprint(content)]));
}

/** Code for the name under which these very secrets lie on the host, from the triggers of whoever asks. */
export function secretsKey(secrets: readonly HostFile[]): string {
  return `substr(sha256(join("\\n", [${secrets.map(({ path }) => trigger(SECRET_KEY + path)).join(", ")}])), 0, 16)`;
}

/**
 * Enough of a hash to see that a secret changed (a change is missed once in 16
 * million), and no more: state and plan show it, and whoever guesses a whole
 * password could check the guess with a longer one.
 */
function fingerprint(content: string): string {
  return expression(`nonsensitive(sensitive(substr(sha256(${argument(content)}), 0, 6)))`);
}
