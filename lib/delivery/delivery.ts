import { Resource } from "@cdktf/provider-null/lib/resource";
import { SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { TokenCheck } from "../validation/checks";
import { HostState } from "../host/host-state";
import { renderManifest } from "../host/manifest";
import { applyScriptOf } from "./apply-script";
import { LeavingHost, leaveLater, leavingKey } from "./leaving";
import { deferred } from "./deferred";
import { APPLY, inboxFolder, inflate, keepPacked, openInbox, trigger, unpack } from "./inbox";
import { TRIGGER } from "./keys";
import { useNullProvider } from "./null-provider";
import { fingerprints, lifecycle, occasions, secretsKey, sendSecrets } from "./secrets";
import { argument, literal } from "./terraform-text";

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

/**
 * Brings one part of a host to its state: the only place that knows
 * null_resource, ssh and how Terraform reads text.
 *
 * Every file is a trigger, so the plan shows the line that changes, and what is
 * sent is taken from the triggers, so what was planned is what arrives. Secrets
 * have gone before (`sendSecrets`), and one ssh connection does the rest.
 */
export function deliver(scope: Construct, id: string, props: DeliveryProps): Resource {
  const { state, host, connection } = props;
  useNullProvider(scope);
  const open = state.files.filter((file) => file.secret !== true);
  const secret = state.files.filter((file) => file.secret === true);
  const key = leavingKey(scope, id, host);
  const triggers: { [key: string]: string } = {
    [TRIGGER.host]: literal(host),
    [TRIGGER.identity]: literal(key),
    ...occasions(props),
    [TRIGGER.manifest]: literal(renderManifest(state)),
  };
  for (const { path, content } of open) triggers[path] = literal(content);
  Object.assign(triggers, fingerprints(secret));
  const apply = [
    ...openInbox(inboxFolder(state.part)),
    inflate("apply.sh", applyScriptOf(scope)),
    unpack("host", trigger(TRIGGER.host)),
    unpack("identity", identity(trigger(TRIGGER.identity), props.instanceId === undefined ? undefined : trigger(TRIGGER.instance))),
    unpack("manifest", trigger(TRIGGER.manifest)),
    keepPacked("files", open.map(({ path }) => trigger(path))),
    ...(secret.length === 0 ? [] : [unpack("secrets-key", secretsKey(secret))]),
    `${APPLY} "$folder"`,
  ];
  const resource = new Resource(scope, id, {
    triggers,
    connection,
    provisioners: [{ type: "remote-exec", inline: [apply.join("\n")] }],
    dependsOn: [],
    lifecycle: lifecycle(props),
  });
  const secretsSent = secret.length === 0 ? [] : [sendSecrets(scope, `${id}Secrets`, props, secret)];
  for (const earlier of [...props.after, ...secretsSent]) waitFor(resource, earlier);
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
