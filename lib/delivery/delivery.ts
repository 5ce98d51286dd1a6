import { Resource } from "@cdktf/provider-null/lib/resource";
import { SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { TokenCheck } from "../checks";
import { HostState } from "../host/host-state";
import { renderManifest } from "../host/manifest";
import { applyScriptOf } from "./apply-script";
import { LeavingHost, leaveLater, leavingKey } from "./leaving";
import { deferred } from "./deferred";
import { SECRET_KEY, TRIGGER } from "./keys";
import { useNullProvider } from "./null-provider";
import { PROLOGUE } from "./shell";
import { argument, expression, literal } from "./terraform-text";

export interface DeliveryProps {
  readonly connection: SSHProvisionerConnection;
  readonly host: string;
  readonly instanceId?: string;
  readonly redeliver?: string;
  readonly state: HostState;
  readonly checks: readonly TokenCheck[];
  /** What becomes of it on the host when the resource goes. */
  readonly leaving: LeavingHost;
  readonly after: readonly Resource[];
}

/** Where a delivery lies on the host until apply.sh has read it: in the home folder, its owner's alone. */
const INBOX = ".cdktf-exchange-balancer";

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

const APPLY = 'sh "$folder/apply.sh" "$folder"';

/**
 * Brings one part of a host to its state: the only place that knows
 * null_resource, ssh and how Terraform reads text.
 *
 * Every file is a trigger, so the plan shows the line that changes, and what is
 * sent is taken from the triggers, so what was planned is what arrives. Secrets
 * travel in a `file` provisioner of their own, whose output Terraform hides.
 */
export function deliver(scope: Construct, id: string, props: DeliveryProps): Resource {
  const { state, host, connection } = props;
  useNullProvider(scope);
  const open = state.files.filter((file) => file.secret !== true);
  const secret = state.files.filter((file) => file.secret === true);
  const key = leavingKey(scope, id, host);
  const triggers: { [key: string]: string } = { [TRIGGER.host]: literal(host), [TRIGGER.identity]: literal(key) };
  if (props.instanceId !== undefined) triggers[TRIGGER.instance] = literal(props.instanceId);
  if (props.redeliver !== undefined) triggers[TRIGGER.redeliver] = literal(props.redeliver);
  triggers[TRIGGER.manifest] = literal(renderManifest(state));
  for (const { path, content } of open) triggers[path] = literal(content);
  for (const { path, content } of secret) triggers[SECRET_KEY + path] = fingerprint(content);

  // The triggers' hash is in the name, so that two deploys at once of different settings never share a folder.
  const folder = `${INBOX}/${state.part}-\${substr(sha256(jsonencode(self.triggers)), 0, 16)}`;
  const receive = [
    ...PROLOGUE,
    `folder=${folder}`,
    "umask 077",
    `mkdir -p ${INBOX}`,
    // What a deploy that never came to an end has left behind.
    `find ${INBOX} -mindepth 1 -maxdepth 1 -mmin +60 -exec rm -rf {} +`,
    'rm -rf "$folder"',
    'mkdir "$folder"',
    unpack("apply.sh", "base64 -d", [applyScriptOf(scope)]),
    unpack("host", "base64 -d", [trigger(TRIGGER.host)]),
    unpack("identity", "base64 -d", [identity(trigger(TRIGGER.identity), props.instanceId === undefined ? undefined : trigger(TRIGGER.instance))]),
    unpack("manifest", "base64 -d", [trigger(TRIGGER.manifest)]),
    unpack("files", "cat", open.map(({ path }) => trigger(path))),
  ];
  if (secret.length > 0) receive.push(KEEP_WATCH);
  const apply = [...PROLOGUE, `folder=${folder}`, APPLY];
  const provisioners: Resource["provisioners"] = [
    {
      type: "remote-exec",
      // Without secrets nothing has to come between, and one connection does it all.
      inline: [[...receive, ...(secret.length === 0 ? [APPLY] : [])].join("\n")],
    },
  ];
  if (secret.length > 0) {
    provisioners.push(
      {
        type: "file",
        destination: `${folder}/secrets`,
        content: expression(
          `sensitive(join("", [${secret.map(({ content }) => `base64encode(${argument(content)}), "\\n"`).join(", ")}]))`,
        ),
      },
      { type: "remote-exec", inline: [apply.join("\n")] },
    );
  }
  const resource = new Resource(scope, id, {
    triggers,
    connection,
    provisioners,
    dependsOn: [],
    lifecycle: {
      // Else Terraform drops the master's state, and the diff of its plan with
      // it, as soon as the backup before it fails.
      createBeforeDestroy: true,
      ...(props.checks.length === 0
        ? {}
        : {
            precondition: props.checks.map(({ condition, errorMessage }) => ({
              condition,
              errorMessage: literal(errorMessage),
            })),
          }),
    },
  });
  for (const earlier of props.after) waitFor(resource, earlier);
  const leaving = leaveLater(scope, key, {
    ...props.leaving,
    part: state.part,
    host,
    identity: identity(argument(key), props.instanceId === undefined ? undefined : argument(props.instanceId)),
    connection,
  });
  resource.dependsOn = [...(resource.dependsOn ?? []), leaving];
  return resource;
}

/** Makes a delivery wait for an earlier one. cdktf's `dependable` is not used, for it too notes the stack, deep in synthesis. */
export function waitFor(later: Resource, earlier: Resource): void {
  const address = deferred(() => `${Resource.tfResourceType}.${earlier.friendlyUniqueId}`);
  later.dependsOn = [...(later.dependsOn ?? []), address];
}

/**
 * Code for what tells this delivery from that of another resource, or of the same one
 * to a former VM at the same address: a hash, for it is an argument on the host.
 */
function identity(key: string, instance: string | undefined): string {
  return `sha256(join("\\n", [${key}${instance === undefined ? "" : `, ${instance}`}]))`;
}

function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}

/** Shell that writes a file out of Terraform expressions; base64 can end no here-document and begin no command. */
function unpack(file: string, decoder: string, expressions: readonly string[]): string {
  const lines = expressions.map((expression) => `\${base64encode(${expression})}`);
  return [`${decoder} >"$folder/${file}" <<'=='`, ...lines, "=="].join("\n");
}

/**
 * Enough of a hash to see that a secret changed (a change is missed once in 16
 * million), and no more: state and plan show it, and whoever guesses a whole
 * password could check the guess with a longer one.
 */
function fingerprint(content: string): string {
  return expression(`nonsensitive(sensitive(substr(sha256(${argument(content)}), 0, 6)))`);
}
