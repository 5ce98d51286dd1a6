/**
 * The names of a delivery's triggers and of the values in its bundle. These names must not change, because plans show
 * them, and `testing/` finds the files by them. The name of a file is its path, and the file's value is a list of its
 * lines.
 */
export const TRIGGER = {
  /** The hash of the bundle. The delivery's other triggers are only `host` and `identity`. */
  hash: "sha256",
  /** The DNS name or IP address of the host that gets the bundle. */
  host: "host",
  /** The path of the host's construct and, if it is known at synthesis, the host's address. */
  identity: "identity",
  /** The user's `instanceId`. Another value means another machine. */
  instance: "instance",
  /** The VM's host key. Another key means another VM. */
  hostKey: "host-key",
  /** The user's text `redeliver`. If it changes, the host is checked and delivered again. */
  redeliver: "redeliver",
  /** The host's state, without the contents of files. */
  manifest: "manifest",
} as const;

/** The name of the resource that stores how to reach each host when the host is removed. */
export const LEAVING = "cdktf_exchange_balancer_leave";

/** The prefix of the triggers' names for secret files. The value of such a trigger is a fingerprint of the file. */
export const SECRET_KEY = "secret ";

/** The names of the local values that contain this library's scripts, each once in a stack. */
export const SCRIPT_LOCALS = {
  apply: "cdktf_exchange_balancer_apply",
  firstBoot: "cdktf_exchange_balancer_first_boot",
  certificateCheck: "cdktf_exchange_balancer_certificate_check",
} as const;

/** The prefix of the names of local values that contain a file of lib/host/tools. */
export const TOOL_LOCAL = "cdktf_exchange_balancer_tool_";
