/**
 * What becomes of a host when it is no longer this stack's: after `cdktf destroy`,
 * when its node or pair is taken out of the stack, and when the node's `host`
 * changes, once the new host serves. A changed setting never is a removal, nor is a
 * changed policy.
 *
 * A host that another resource has taken over in the meantime is left as it is. A host that does not answer within
 * 30 s is an error and stays in the state, since it would boot later and take the address; if all hosts of
 * the stack are `RETAIN`, it is passed over. Terraform leaves by the policy that was deployed last: deploy a changed
 * policy before `cdktf destroy`, which is an error otherwise.
 */
export enum RemovalPolicy {
  /**
   * The host goes on as it is: it serves, and a virtual address that it holds
   * stays on it. Nothing that is done to a stack stops mail.
   */
  RETAIN = "retain",
  /**
   * keepalived and haproxy are stopped and disabled, in this order, so the
   * address moves to the other node before this one stops serving. The files stay.
   */
  RELEASE = "release",
  /**
   * As with `RELEASE`; then files, firewall rules and CAs of ours go, and what was
   * there before the first deploy comes back and runs as it ran. Packages stay.
   */
  DESTROY = "destroy",
}
