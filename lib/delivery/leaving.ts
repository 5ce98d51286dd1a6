import { IResolveContext, SSHProvisionerConnection, TerraformResource, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { LEAVING } from "./keys";
import { Rendered } from "./rendered";
import { shellScript } from "./shell";
import { argument, expressionText, literalText } from "./terraform-text";

/** How to reach a host when it is removed from the stack. */
export interface LeavingHost {
  /** `retain`, `release` or `destroy`. */
  readonly policy: string;
  /**
   * The private key file. If it is undefined, the agent's keys are used. A key that was given as text is not used,
   * because it would have to be in the state, where it would not be secret.
   */
  readonly keyFile?: string;
  /** The bastion's private key file, if the bastion has its own key. */
  readonly bastionKeyFile?: string;
}

interface Leaving extends LeavingHost {
  readonly host: string;
  /** Terraform code for a hash that identifies this resource's delivery. */
  readonly identity: string;
  readonly connection: SSHProvisionerConnection;
}

const TYPE = "terraform_data";

/**
 * What a plan shows about a host that is destroyed. Terraform evaluates no check at that time, and prints only what is
 * in the state.
 */
const AT_DESTROY: { readonly [policy: string]: string } = {
  retain: "the host continues to serve and keeps its addresses",
  release: "keepalived and haproxy are stopped and disabled; their files stay",
  destroy: "keepalived and haproxy are stopped; the state from before the first deploy is restored",
};

/**
 * Stores what to do when a host is removed, and returns the Terraform address of the resource that does it. A destroy
 * provisioner runs only if its resource is still in the configuration. So each stack has one such resource, with an
 * instance for each host. If an instance is removed, its provisioner runs; if the whole resource were removed, the
 * provisioner would not run. The provisioner needs only the instance's own state (`self`). A changed setting updates
 * this state in place and runs nothing.
 */
export function leaveLater(scope: Construct, key: string, leaving: Leaving): string {
  leavingHosts(TerraformStack.of(scope)).set(key, leaving);
  return `${TYPE}.${LEAVING}`;
}

/**
 * The key of a host's instance. The key contains the host's address, because Terraform does not run the provisioner
 * when an instance is replaced. A key cannot contain a token.
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
  // Not DataResource, because cdktf's DataResource looks for a terraform binary at synthesis.
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
      // All objects have all keys, because Terraform requires objects of the same type.
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
 * Terraform code for the text of a private key. A host with RETAIN needs no key. For other policies, a missing file is
 * an error; otherwise the removal would fail silently, and the host would keep running. file() prints only a path in
 * its error, so the path contains the message.
 */
function keyText(file: string, whose: string): string {
  const words = `join("", [${file}, " (the private key file for ", ${whose}, ", which is removed from the stack, is missing: restore the file; if the key is lost, see docs/deploy-errors.md)"])`;
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
  // With RETAIN, the provisioner only logs a line, so 5 s are enough. Hosts that do not answer are skipped.
  timeout: '${self.output.policy == "retain" ? "5s" : "30s"}',
  script_path: "./.cdktf-exchange-balancer-%RAND%.sh",
};

/**
 * If all hosts have RETAIN, nothing must be done on the hosts, so a dead host does not stop Terraform. Otherwise a
 * failure is an error, and the host stays in the state, because it might boot later and take the address. Terraform has
 * one `on_failure` for all instances, and its value must be known at synthesis.
 */
function provisioner(hosts: ReadonlyMap<string, Leaving>): object {
  const onFailure = [...hosts.values()].every(({ policy }) => policy === "retain") ? "continue" : "fail";
  return [{ "remote-exec": { when: "destroy", on_failure: onFailure, inline: [script(hosts)] } }];
}

/**
 * A destroy provisioner can refer only to literals and to the instance's key. The policy in the state may be older than
 * the policy in the configuration.
 */
function script(hosts: ReadonlyMap<string, Leaving>): string {
  const stated = [...hosts].map(([key, { policy }]) => `(${argument(key)}) = ${JSON.stringify(policy)}`);
  return shellScript(["prologue", "leave"], {
    HOST: "base64encode(self.output.host)",
    POLICY: "self.output.policy",
    STATED: `lookup({ ${stated.join(", ")} }, each.key, self.output.policy)`,
    IDENTITY: "self.output.identity",
  });
}
