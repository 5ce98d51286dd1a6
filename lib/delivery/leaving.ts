import { IResolveContext, SSHProvisionerConnection, TerraformResource, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { LEAVING } from "./keys";
import { Rendered } from "./rendered";
import { shellScript } from "./shell";
import { argument, expressionText, literalText } from "./terraform-text";

/** How a host that leaves can be reached then. */
export interface LeavingHost {
  /** `retain`, `release` or `destroy`. */
  readonly policy: string;
  /** The private key's file; without one the agent's keys are taken, for a key in the state would be no secret. */
  readonly keyFile?: string;
  /** The same of the bastion, where it has a key of its own. */
  readonly bastionKeyFile?: string;
}

interface Leaving extends LeavingHost {
  readonly host: string;
  /** Code for a hash that tells this resource's delivery from another's. */
  readonly identity: string;
  readonly connection: SSHProvisionerConnection;
}

const TYPE = "terraform_data";

/** What a plan that destroys shows of a host: Terraform evaluates no check then, and prints what is in the state. */
const AT_DESTROY: { readonly [policy: string]: string } = {
  retain: "the host continues to serve and keeps its addresses",
  release: "keepalived and haproxy are stopped and disabled; their files stay",
  destroy: "keepalived and haproxy are stopped; what was there before the first deploy is restored",
};

/**
 * Notes down what becomes of a host when it leaves, and returns the address of the resource that does it.
 * What Terraform runs at a destruction has to stand in the configuration at that moment, in a resource that is
 * still there. So a stack has one such resource with an instance for each host: an instance can be taken out and
 * its provisioner runs, which it would not if the resource itself were gone. All that it needs is in its own
 * state (`self`), where a changed setting updates it in place and runs nothing.
 */
export function leaveLater(scope: Construct, key: string, leaving: Leaving): string {
  leavingHosts(TerraformStack.of(scope)).set(key, leaving);
  return `${TYPE}.${LEAVING}`;
}

/**
 * The address is in an instance's key, since Terraform runs no such provisioner for
 * what is replaced; where it is a token no key can hold it.
 */
export function leavingKey(scope: Construct, host: string): string {
  const { path } = scope.node;
  return Token.isUnresolved(host) ? path : `${path}@${host}`;
}

const known = new WeakMap<TerraformStack, Map<string, Leaving>>();

function leavingHosts(stack: TerraformStack): Map<string, Leaving> {
  const there = known.get(stack);
  if (there !== undefined) return there;
  const hosts = new Map<string, Leaving>();
  known.set(stack, hosts);
  // No DataResource: cdktf lets that one look for a terraform binary at synthesis.
  const resource = new TerraformResource(stack, LEAVING, { terraformResourceType: TYPE, lifecycle: { createBeforeDestroy: true } });
  resource.overrideLogicalId(LEAVING);
  resource.addOverride("for_each", new Rendered((context) => instances(hosts, context)));
  resource.addOverride("input", "${each.value}");
  resource.addOverride("connection", CONNECTION);
  resource.addOverride("provisioner", new Rendered(() => provisioner(hosts)));
  return hosts;
}

function instances(hosts: ReadonlyMap<string, Leaving>, context: IResolveContext): object {
  const text = (value: string | undefined): string | null => (value === undefined ? null : literalText(value, context));
  return Object.fromEntries(
    [...hosts].map(([key, { policy, keyFile, bastionKeyFile, host, identity, connection }]) => [
      literalText(key, context),
      // All have all keys: Terraform wants objects of one type.
      {
        policy,
        at_destroy: AT_DESTROY[policy] ?? policy,
        host: literalText(host, context),
        identity: expressionText(identity, context),
        user: text(connection.user),
        port: connection.port,
        key_file: keyFile ?? null,
        certificate: keyFile === undefined ? null : text(connection.certificate),
        agent_identity: text(connection.agentIdentity),
        host_key: text(connection.hostKey),
        bastion_host: text(connection.bastionHost),
        bastion_user: text(connection.bastionUser),
        bastion_port: connection.bastionPort ?? null,
        bastion_host_key: text(connection.bastionHostKey),
        bastion_key_file: bastionKeyFile ?? null,
        bastion_certificate: bastionKeyFile === undefined ? null : text(connection.bastionCertificate),
      },
    ]),
  );
}

/**
 * The text of a private key. A retained host needs none. Without one a release would fail without a word and leave
 * the host as it is for good, so a missing file is an error. file() prints nothing but a path, so the words stand in one.
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
  certificate: "${self.output.certificate}",
  agent_identity: "${self.output.agent_identity}",
  host_key: "${self.output.host_key}",
  bastion_host: "${self.output.bastion_host}",
  bastion_user: "${self.output.bastion_user}",
  bastion_port: "${self.output.bastion_port}",
  bastion_host_key: "${self.output.bastion_host_key}",
  bastion_private_key: keyText("self.output.bastion_key_file", "self.output.bastion_host"),
  bastion_certificate: "${self.output.bastion_certificate}",
  // RETAIN only logs a line, so 5 s are enough; a host that is gone is not waited for.
  timeout: '${self.output.policy == "retain" ? "5s" : "30s"}',
  script_path: "./.cdktf-exchange-balancer-%RAND%.sh",
};

/**
 * Where hosts are only retained nothing has to be done on them, so one that is dead holds nothing up. Else what was not done
 * is an error, and the host stays in the state: it would boot later, and take the address. Terraform has one `on_failure` for
 * all instances, known at synthesis.
 */
function provisioner(hosts: ReadonlyMap<string, Leaving>): object {
  const onFailure = [...hosts.values()].every(({ policy }) => policy === "retain") ? "continue" : "fail";
  return [{ "remote-exec": { when: "destroy", on_failure: onFailure, inline: [script(hosts)] } }];
}

/** A destruction may know of its configuration nothing but literals and the instance's key; the policy of the state may be an older one. */
function script(hosts: ReadonlyMap<string, Leaving>): string {
  const stated = [...hosts].map(([key, { policy }]) => `(${argument(key)}) = ${JSON.stringify(policy)}`);
  return shellScript(["prologue", "leave"], {
    HOST: "base64encode(self.output.host)",
    POLICY: "self.output.policy",
    STATED: `lookup({ ${stated.join(", ")} }, each.key, self.output.policy)`,
    IDENTITY: "self.output.identity",
  });
}
