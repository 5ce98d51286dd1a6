/**
 * The names of a delivery's triggers, which are a contract: the plan shows them,
 * and `testing/` finds the files by them. A file's own key is its path, and its value a list of its lines.
 */
export const TRIGGER = {
  /** The address that the bundle is delivered to. */
  host: "host",
  /** Which resource this is, and where its host is known, of which host. */
  identity: "identity",
  /** The caller's word for this very machine; another one means another machine. */
  instance: "instance",
  /** The key that the VM is known by; another one is the sign of another VM. */
  hostKey: "host-key",
  /** The caller's wish to have the host checked and redelivered, when it changes. */
  redeliver: "redeliver",
  /** The host's state without its files' contents. */
  manifest: "manifest",
} as const;

/** The resource that notes how each host can be reached when it leaves. */
export const LEAVING = "cdktf_exchange_balancer_leave";

/** Begins the key of a secret file, whose value is a fingerprint. */
export const SECRET_KEY = "secret ";

/** The local values that hold a script of ours, each once a stack. */
export const SCRIPT_LOCALS = {
  apply: "cdktf_exchange_balancer_apply",
  firstBoot: "cdktf_exchange_balancer_first_boot",
  certificateCheck: "cdktf_exchange_balancer_certificate_check",
} as const;

/** Begins the name of a local value that holds a file of lib/host/tools. */
export const TOOL_LOCAL = "cdktf_exchange_balancer_tool_";
