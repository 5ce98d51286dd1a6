import { DataResource, IResolvable, IResolveContext, SSHProvisionerConnection, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { RemovalPolicy } from "../choices/removal-policy";
import { PROLOGUE } from "./shell";
import { expression, literal } from "./terraform-text";

/** How a host that is to be left can be reached then. */
export interface LeavingHost {
  readonly policy: RemovalPolicy;
  /** The private key's file; without one the agent's keys are taken, for a key in the state would be no secret. */
  readonly keyFile?: string;
  /** The same of the bastion, where it has a key of its own. */
  readonly bastionKeyFile?: string;
}

interface Leaving extends LeavingHost {
  readonly part: string;
  readonly host: string;
  /** Code for a hash that tells this resource's delivery from another's. */
  readonly identity: string;
  readonly connection: SSHProvisionerConnection;
}

/**
 * Notes down what becomes of a delivery when it goes. What Terraform runs at a
 * destruction has to stand in the configuration at that moment, in a resource
 * that is still there. So a stack has one such resource for each part, with an
 * instance for each host: an instance can be taken out and its provisioner runs,
 * which it would not if the resource itself were gone. All that it needs is
 * in its own state (`self`), where a changed setting updates it in place and
 * runs nothing.
 *
 */
export function leaveLater(scope: Construct, key: string, leaving: Leaving): string {
  const stack = TerraformStack.of(scope);
  // Both are always there: a pair that is taken out must not take along what lets it go. And keepalived goes first:
  // it depends on haproxy's, and what depends is destroyed first.
  const haproxy = leavers(stack, "haproxy");
  const keepalived = leavers(stack, "keepalived", [haproxy.address]);
  const { hosts, address } = leaving.part === "haproxy" ? haproxy : keepalived;
  hosts.set(key, leaving);
  return address;
}

/**
 * The address is in an instance's key, since Terraform runs no such provisioner for
 * what is replaced; where it is a token no key can hold it.
 */
export function leavingKey(scope: Construct, id: string, host: string): string {
  const path = `${scope.node.path}/${id}`;
  return Token.isUnresolved(host) ? path : `${path}@${host}`;
}

interface Leavers {
  readonly hosts: Map<string, Leaving>;
  readonly address: string;
}

const known = new WeakMap<TerraformStack, Map<string, Leavers>>();

function leavers(stack: TerraformStack, part: string, dependsOn: string[] = []): Leavers {
  const ofStack = known.get(stack) ?? new Map<string, Leavers>();
  known.set(stack, ofStack);
  const there = ofStack.get(part);
  if (there !== undefined) return there;
  const id = `cdktf_exchange_balancer_leave_${part}`;
  const made: Leavers = { hosts: new Map(), address: `${DataResource.tfResourceType}.${id}` };
  ofStack.set(part, made);
  const resource = new DataResource(stack, id, { lifecycle: { createBeforeDestroy: true } });
  resource.dependsOn = dependsOn;
  resource.overrideLogicalId(id);
  resource.addOverride("for_each", new Instances(made.hosts));
  resource.addOverride("input", "${each.value}");
  resource.addOverride("connection", CONNECTION);
  resource.addOverride("provisioner", [{ "remote-exec": { when: "destroy", on_failure: "continue", inline: [script(part)] } }]);
  return made;
}

class Instances implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly hosts: ReadonlyMap<string, Leaving>) {}

  public resolve(context: IResolveContext): object {
    return Object.fromEntries(
      [...this.hosts].map(([key, { policy, keyFile, bastionKeyFile, host, identity, connection }]) => [
        literal(key),
        context.resolve({
          policy,
          host: literal(host),
          identity: expression(identity),
          user: literal(connection.user ?? ""),
          port: connection.port,
          key_file: keyFile ?? null,
          certificate: optional(keyFile && connection.certificate),
          agent_identity: optional(connection.agentIdentity),
          host_key: optional(connection.hostKey),
          bastion_host: optional(connection.bastionHost),
          bastion_user: optional(connection.bastionUser),
          bastion_port: connection.bastionPort ?? null,
          bastion_host_key: optional(connection.bastionHostKey),
          bastion_key_file: bastionKeyFile ?? null,
          bastion_certificate: optional(bastionKeyFile && connection.bastionCertificate),
        }) as object,
      ]),
    );
  }
}

const optional = (text: string | undefined): string | null => (text === undefined ? null : literal(text));

/**
 * A key that is not there any more: whoever is retained needs none, but to release a host and not to say that
 * nobody was let in would leave it as it is for good. file() has no words but a path's, so they stand in one.
 */
function keyText(file: string, whose: string): string {
  const words = `join("", [${file}, " (the private key for ", ${whose}, ", which leaves; put it back, or set removalPolicy to RETAIN)"])`;
  return `\${${file} == null ? null : self.output.policy == "retain" ? try(file(${file}), null) : file(fileexists(${file}) ? ${file} : ${words})}`;
}

const CONNECTION = {
  type: "ssh",
  host: "${self.output.host}",
  user: "${self.output.user}",
  port: "${self.output.port}",
  agent: "${self.output.key_file == null}",
  private_key: keyText("self.output.key_file", "self.output.host"),
  // A state of an older version of this library has none of these.
  certificate: "${try(self.output.certificate, null)}",
  agent_identity: "${try(self.output.agent_identity, null)}",
  host_key: "${self.output.host_key}",
  bastion_host: "${self.output.bastion_host}",
  bastion_user: "${self.output.bastion_user}",
  bastion_port: "${self.output.bastion_port}",
  bastion_host_key: "${try(self.output.bastion_host_key, null)}",
  bastion_private_key: keyText("try(self.output.bastion_key_file, null)", "self.output.bastion_host"),
  bastion_certificate: "${try(self.output.bastion_certificate, null)}",
  // Whoever is retained is only told so; whoever is gone is not waited for.
  timeout: '${self.output.policy == "retain" ? "5s" : "30s"}',
  script_path: "./.cdktf-exchange-balancer-%RAND%.sh",
};

/** apply.sh lies on the host since the first deploy; a host without it has nothing to give back. */
function script(part: string): string {
  return [
    ...PROLOGUE,
    "script=/usr/libexec/cdktf-exchange-balancer/apply.sh",
    '[ -f "$script" ] || exit 0',
    "as=''",
    "[ \"$(id -u)\" = 0 ] || as='sudo -n'",
    "host=$(printf %s '${base64encode(self.output.host)}' | base64 -d)",
    `$as sh "$script" --leave ${part} \${self.output.policy} \${self.output.identity} "$host"`,
  ].join("\n");
}
