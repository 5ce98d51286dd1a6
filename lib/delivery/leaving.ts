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
   * The private key file. If undefined, the keys of the ssh agent are used. The text of a key is never used here: it
   * would have to be in the state, where it would not be secret.
   */
  readonly keyFile?: string;
  /** The bastion's private key file, if the bastion has its own key. */
  readonly bastionKeyFile?: string;
}

interface Leaving extends LeavingHost {
  readonly host: string;
  /** Terraform code for the hash that the host's delivery also uses; see `identity` in delivery.ts. */
  readonly identity: string;
  readonly connection: SSHProvisionerConnection;
}

const TYPE = "terraform_data";

/**
 * For each policy: the text that a plan prints about a host that is removed. For a destroy, Terraform evaluates no
 * checks, and prints only what is in the state. So the text is stored in the state.
 */
const AT_DESTROY: { readonly [policy: string]: string } = {
  retain: "the host continues to serve and keeps its addresses",
  release: "keepalived and haproxy are stopped and disabled; their files stay",
  destroy: "keepalived and haproxy are stopped; the state from before the first deploy is restored",
};

/**
 * Registers what to do when a host is removed. Returns the Terraform address of the resource that will do it. Terraform
 * runs a destroy provisioner only if the resource is still in the configuration. So each stack has one resource with
 * one instance for each host: a removed instance still runs its provisioner, but a removed resource would not. The
 * provisioner needs only the instance's own state (`self`). A changed setting updates this state in place and runs
 * nothing.
 */
export function leaveLater(scope: Construct, key: string, leaving: Leaving): string {
  leavingHosts(TerraformStack.of(scope)).set(key, leaving);
  return `${TYPE}.${LEAVING}`;
}

/**
 * The `for_each` key under which the resource in `leaveLater` has an instance for this host. Terraform runs the destroy
 * provisioner when an instance is removed, but not when an instance is replaced. So the key contains the host's address:
 * a new address removes the old instance. An address that is a token is left out, because a key cannot contain a token.
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
  // cdktf's DataResource is not used here, because it looks for a terraform binary at synthesis.
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
      // Each object has every key, because Terraform requires all objects in this map to have the same type.
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
 * Terraform code for the text of a private key. A host with RETAIN needs no key. With the other policies, a missing key
 * file is an error, because otherwise the removal would fail without a message and the host would keep running. The
 * error message of Terraform's file() contains only the path, so the code puts the message into the path.
 */
function keyText(file: string, whose: string): string {
  const words = `join("", [${file}, " (this private key file is missing. Terraform needs the file to log in to ", ${whose}, ", because a host was removed from the stack. Restore the file; if the key is lost, see docs/deploy-errors.md)"])`;
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
  // With RETAIN, the provisioner only logs a line, so it waits at most 5 s for the host.
  timeout: '${self.output.policy == "retain" ? "5s" : "30s"}',
  script_path: "./.cdktf-exchange-balancer-%RAND%.sh",
};

/**
 * The destroy provisioner. If all hosts have RETAIN, the provisioner only logs a line, so a failure is ignored and a
 * dead host does not stop Terraform. Otherwise a failure is an error, and the host stays in the state: a host that is
 * only switched off might boot later and take the virtual address. Terraform has one `on_failure` for all instances, and
 * its value must be known at synthesis.
 */
function provisioner(hosts: ReadonlyMap<string, Leaving>): object {
  const onFailure = [...hosts.values()].every(({ policy }) => policy === "retain") ? "continue" : "fail";
  return [{ "remote-exec": { when: "destroy", on_failure: onFailure, inline: [script(hosts)] } }];
}

/**
 * The script that the provisioner runs on a host. If the configuration has RETAIN, the script follows RETAIN. Otherwise
 * the script fails if the policy in the state differs from the policy in the configuration. The policies of the
 * configuration are literals in the script, because a destroy provisioner can refer only to literals, to the instance's
 * state and to its key.
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
