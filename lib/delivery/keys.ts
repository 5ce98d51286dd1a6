/**
 * The names of a delivery's triggers and of the values in its bundle. Do not change these names: plans show them, and
 * `testing/` uses them to find the files. The bundle contains each file under the file's path, as a list of lines.
 */
export const TRIGGER = {
  /** The hash of the bundle. The delivery's other triggers are only `host` and `identity`. */
  hash: "sha256",
  /** The DNS name or IP address of the host that gets the bundle. */
  host: "host",
  /** The path of the host's construct. The host's address follows if the address is known at synthesis. */
  identity: "identity",
  /** The user's `instanceId`. If the value changes, the host counts as a new machine. */
  instance: "instance",
  /** The VM's host key. If the key changes, the VM counts as a new VM. */
  hostKey: "host-key",
  /** The user's prop `redeliver`. If its text changes, Terraform makes a new delivery to the host. */
  redeliver: "redeliver",
  /** The manifest: what the host must have and run, without the contents of files. */
  manifest: "manifest",
} as const;

/**
 * The name of the Terraform resource that stores how to reach each host. Its provisioner runs when a host is removed.
 */
export const LEAVING = "cdktf_exchange_balancer_leave";

/** The prefix of the names of triggers for secret files. The value of such a trigger is a fingerprint of the secret. */
export const SECRET_KEY = "secret ";

/** The names of the Terraform local values that contain this library's scripts. Each script is in a stack only once. */
export const SCRIPT_LOCALS = {
  apply: "cdktf_exchange_balancer_apply",
  firstBoot: "cdktf_exchange_balancer_first_boot",
  certificateCheck: "cdktf_exchange_balancer_certificate_check",
} as const;

/** The prefix of the names of Terraform local values that contain a file of lib/host/tools. */
export const TOOL_LOCAL = "cdktf_exchange_balancer_tool_";
