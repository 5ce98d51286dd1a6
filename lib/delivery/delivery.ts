import { IResolveContext, SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { HostFile } from "../host/host-file";
import { HostState } from "../host/host-state";
import { renderManifest } from "../host/manifest";
import { TokenCheck } from "../validation/checks";
import { HostResource, HostResourceContent } from "./host-resource";
import { TRIGGER } from "./keys";
import { LeavingHost, leaveLater, leavingKey } from "./leaving";
import { lifecycle, occasions, trigger } from "./triggers";
import { fingerprints, secretsContent, secretsKey } from "./secrets";
import { shellScript } from "./shell";
import { applyScriptOf } from "./shell-locals";
import { prepareStack } from "./stack";
import { stateOrigin } from "./state";
import { argument, linesCode, linesText, literalText } from "./terraform-text";

/** A host and what is to be brought to it. What can still change until synthesis is asked for then. */
export interface DeliveredHost {
  readonly connection: SSHProvisionerConnection;
  readonly host: string;
  readonly instanceId?: string;
  readonly hostKey?: string;
  readonly redeliver?: string;
  /** True for a host that is dead for now: nothing is delivered to it. */
  readonly away: boolean;
  readonly state: () => HostState;
  readonly checks: () => readonly TokenCheck[];
  /** What becomes of the host when it is no longer this stack's. */
  readonly leaving: LeavingHost;
}

/**
 * Brings a host to its state, whole and at once. This room is the only one that knows
 * null_resource, ssh and how Terraform reads text.
 *
 * Every file is a trigger, a list of its lines, so the plan shows the line that changes and little else, and what is sent is taken from
 * the triggers, so what was planned is what arrives. Secrets go before, in a resource of their own;
 * one ssh connection does the rest.
 */
export class Delivery {
  /** The resource that brings the host to its state. */
  public readonly resource: HostResource;

  private secrets: HostResource | undefined;
  private readonly key: string;
  /** The expression for apply.sh, compressed and in base64. */
  private readonly apply: string;
  /** The expression for what the host is told of the Terraform state. */
  private readonly origin: string;

  public constructor(
    private readonly scope: Construct,
    private readonly host: DeliveredHost,
  ) {
    prepareStack(scope);
    this.key = leavingKey(scope, host.host);
    this.apply = applyScriptOf(scope);
    this.origin = stateOrigin(scope, "self.id", trigger(TRIGGER.identity));
    this.resource = new HostResource(scope, "Provision", host.connection, (context) => this.content(context));
    const leaving = leaveLater(scope, this.key, {
      ...host.leaving,
      host: host.host,
      identity: identity(argument(this.key), host.instanceId === undefined ? undefined : argument(host.instanceId)),
      connection: host.connection,
    });
    this.resource.waitForAddress(leaving);
    if (host.away) this.resource.leaveOut();
  }

  /** Takes note that the host has another part: with its first secret it needs one resource more. */
  public changed(): void {
    if (this.secrets !== undefined || secretFiles(this.host.state()).length === 0) return;
    this.secrets = new HostResource(this.scope, "Secrets", this.host.connection, (context) =>
      secretsContent(this.host, secretFiles(this.host.state()), this.apply, context),
    );
    this.resource.waitFor(this.secrets);
    if (this.host.away) this.secrets.leaveOut();
  }

  private content(context: IResolveContext): HostResourceContent {
    const { host } = this;
    const state = host.state();
    const open = state.parts.flatMap(({ files }) => files).filter(({ secret }) => secret !== true);
    const secret = secretFiles(state);
    const triggers: { [key: string]: string } = {
      [TRIGGER.host]: literalText(host.host, context),
      [TRIGGER.identity]: literalText(this.key, context),
      ...occasions(host, context),
      [TRIGGER.manifest]: linesText(renderManifest(state), context),
    };
    for (const { path, content } of open) triggers[path] = linesText(content, context);
    Object.assign(triggers, fingerprints(secret, context));
    const script = shellScript(["prologue", "inbox", ...(secret.length === 0 ? [] : (["secrets-key"] as const)), "delivery"], {
      ID: "self.id",
      APPLY: this.apply,
      HOST: base64(trigger(TRIGGER.host)),
      MANIFEST: base64(linesCode(trigger(TRIGGER.manifest))),
      SECRETS_KEY: base64(secretsKey(secret)),
      IDENTITY: base64(identity(trigger(TRIGGER.identity), host.instanceId === undefined ? undefined : trigger(TRIGGER.instance))),
      ORIGIN: base64(this.origin),
      FILES: open.map(({ path }) => base64(linesCode(trigger(path)))),
    });
    return { triggers, provisioners: [{ type: "remote-exec", inline: [script] }], lifecycle: lifecycle(host.checks(), context) };
  }
}

function secretFiles(state: HostState): readonly HostFile[] {
  return state.parts.flatMap(({ files }) => files).filter(({ secret }) => secret === true);
}

function base64(code: string): string {
  return `base64encode(${code})`;
}

/**
 * Code for what tells this delivery from that of another resource, or of the same one
 * to an earlier VM at the same address: a hash, for it is an argument on the host.
 */
function identity(key: string, instance: string | undefined): string {
  return `sha256(join("\\n", [${key}${instance === undefined ? "" : `, ${instance}`}]))`;
}
