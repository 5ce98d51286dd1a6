import { IResolveContext, SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { HostFile } from "../host/host-file";
import { HostState } from "../host/host-state";
import { renderManifest } from "../host/manifest";
import { TokenCheck } from "../validation/checks";
import { Bundle } from "./bundle";
import { HostResource, HostResourceContent } from "./host-resource";
import { TRIGGER } from "./keys";
import { LeavingHost, leaveLater, leavingKey } from "./leaving";
import { lifecycle, occasions, trigger } from "./triggers";
import { fingerprints, secretsContent, secretsKey } from "./secrets";
import { shellScript } from "./shell";
import { applyScriptOf } from "./shell-locals";
import { prepareStack } from "./stack";
import { stateOrigin } from "./state";
import { argument, expressionText, linesCode, linesText, literalText } from "./terraform-text";

/**
 * A host, and what a delivery brings to it. `state` and `checks` are functions that are called at synthesis, because
 * parts (HAProxy, keepalived, …) can be added to a host until then.
 */
export interface DeliveredHost {
  readonly connection: SSHProvisionerConnection;
  readonly host: string;
  readonly instanceId?: string;
  readonly hostKey?: string;
  readonly redeliver?: string;
  /** True if the host is out of order for now (prop `away`). Terraform then delivers nothing to it. */
  readonly away: boolean;
  readonly state: () => HostState;
  readonly checks: () => readonly TokenCheck[];
  /** What to do when the host is removed from the stack. */
  readonly leaving: LeavingHost;
}

/**
 * Configures a host with one Terraform resource. lib/delivery is the only folder that knows null_resource, ssh, and how
 * Terraform reads text.
 *
 * Each file is stored as a list of its lines, so the plan shows only the changed lines. The hash of the bundle is a
 * trigger of the delivery. Terraform applies only the hash that it has planned, so the host gets exactly what the plan
 * showed. A separate resource brings the secrets first. The delivery itself needs one ssh connection.
 */
export class Delivery {
  /** The resource that makes the delivery. */
  public readonly resource: HostResource;

  private secrets: HostResource | undefined;
  private readonly bundle: Bundle;
  private readonly key: string;
  /** The Terraform expression whose value is apply.sh, compressed and in base64. */
  private readonly apply: string;
  /**
   * The Terraform expression whose value tells the host which Terraform state the delivery comes from; see
   * `stateOrigin`.
   */
  private readonly origin: string;

  public constructor(
    private readonly scope: Construct,
    private readonly host: DeliveredHost,
  ) {
    prepareStack(scope);
    this.key = leavingKey(scope, host.host);
    this.apply = applyScriptOf(scope);
    this.origin = stateOrigin(scope, "self.id", trigger(TRIGGER.identity));
    this.bundle = new Bundle(scope, (context) => this.bundled(context));
    this.resource = new HostResource(scope, "Provision", host.connection, (context) => this.content(context));
    this.bundle.deliveredBy(this.resource);
    const leaving = leaveLater(scope, this.key, {
      ...host.leaving,
      host: host.host,
      identity: identity(argument(this.key), host.instanceId === undefined ? undefined : argument(host.instanceId)),
      connection: host.connection,
    });
    this.resource.waitForAddress(leaving);
    if (host.away) [this.resource, this.bundle].forEach((one) => one.leaveOut());
  }

  /**
   * Call this whenever a part was added to the host. The first part with a secret adds the resource that brings
   * secrets.
   */
  public changed(): void {
    if (this.secrets !== undefined || secretFiles(this.host.state()).length === 0) return;
    this.secrets = new HostResource(this.scope, "Secrets", this.host.connection, (context) =>
      secretsContent(this.host, secretFiles(this.host.state()), this.apply, context),
    );
    this.resource.waitFor(this.secrets);
    if (this.host.away) this.secrets.leaveOut();
  }

  private bundled(context: IResolveContext): { readonly [name: string]: string } {
    const state = this.host.state();
    const bundled: { [name: string]: string } = {
      ...occasions(this.host, context),
      [TRIGGER.manifest]: linesText(renderManifest(state), context),
    };
    for (const { path, content } of openFiles(state)) bundled[path] = linesText(content, context);
    return { ...bundled, ...fingerprints(secretFiles(state), context) };
  }

  private content(context: IResolveContext): HostResourceContent {
    const { host, bundle } = this;
    const state = host.state();
    const secret = secretFiles(state);
    const triggers = {
      [TRIGGER.host]: literalText(host.host, context),
      [TRIGGER.identity]: literalText(this.key, context),
      [TRIGGER.hash]: expressionText(bundle.hash, context),
    };
    const files = bundle.each(openFiles(state).map(({ path }) => path), (file) => base64(linesCode(file)));
    const script = shellScript(["prologue", "inbox", ...(secret.length === 0 ? [] : (["secrets-key"] as const)), "delivery"], {
      ID: "self.id",
      APPLY: this.apply,
      HOST: base64(trigger(TRIGGER.host)),
      MANIFEST: base64(linesCode(bundle.value(TRIGGER.manifest))),
      SECRETS_KEY: base64(secretsKey(secret, (name) => bundle.value(name))),
      IDENTITY: base64(identity(trigger(TRIGGER.identity), host.instanceId === undefined ? undefined : bundle.value(TRIGGER.instance))),
      ORIGIN: base64(this.origin),
      FILES: `join("\\n", ${files})`,
    });
    return { triggers, provisioners: [{ type: "remote-exec", inline: [script] }], lifecycle: lifecycle(host.checks(), context) };
  }
}

function openFiles(state: HostState): readonly HostFile[] {
  return state.parts.flatMap(({ files }) => files).filter(({ secret }) => secret !== true);
}

function secretFiles(state: HostState): readonly HostFile[] {
  return state.parts.flatMap(({ files }) => files).filter(({ secret }) => secret === true);
}

function base64(code: string): string {
  return `base64encode(${code})`;
}

/**
 * Terraform code for a hash that stands for this delivery's resource and VM. A different construct, address or
 * `instanceId` gives a different hash. A hash is used, because the value becomes an argument of a command on the host.
 */
function identity(key: string, instance: string | undefined): string {
  return `sha256(join("\\n", [${key}${instance === undefined ? "" : `, ${instance}`}]))`;
}
