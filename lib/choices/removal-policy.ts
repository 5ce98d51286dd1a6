/**
 * What happens to a host that leaves the stack: at `cdktf destroy`, when you remove its
 * node or pair from the stack, and when you change the node's `host` (then only after the new
 * host serves). No other change of a setting counts as a removal, and neither does a change
 * of the policy.
 *
 * A host that another resource has taken over in the meantime is left as it is. A host that does not answer within
 * 30 s is an error and stays in the state, because it would boot later and take the address. If all hosts of the stack are
 * `RETAIN`, it is skipped. Terraform uses the policy that was deployed last. So deploy a changed policy before `cdktf destroy`,
 * which fails otherwise.
 */
export enum RemovalPolicy {
  /**
   * Leave the host as it is: it continues to serve, and keeps a virtual address that it
   * holds. So no change of a stack stops mail.
   */
  RETAIN = "retain",
  /**
   * Stop and disable keepalived, then haproxy. So the address moves to the other node
   * before this one stops serving. The files stay.
   */
  RELEASE = "release",
  /**
   * As `RELEASE`. Then remove this library's files, firewall rules and CAs, restore the files
   * from before the first deploy, and start the services that ran then. Packages stay.
   */
  DESTROY = "destroy",
}
