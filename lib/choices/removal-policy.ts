/**
 * What happens to a host that is removed from the stack. A host is removed by `cdktf destroy`, by removing its node or
 * pair from the stack, or by changing the node's `host`. (In the last case, the old host is removed only after the new
 * host serves.) Other changes of settings, and a change of this policy, are not a removal.
 *
 * If another resource has taken over the host in the meantime, the host is not changed. If a host does not answer within
 * 30 s, Terraform reports an error and keeps the host in its state, because the host might boot later and take the
 * address. If all hosts of the stack have `RETAIN`, Terraform skips hosts that do not answer. Terraform uses the policy of
 * the last deploy. So after you change the policy, deploy before you run `cdktf destroy`; otherwise `cdktf destroy` fails.
 */
export enum RemovalPolicy {
  /**
   * Leave the host as it is. The host continues to serve, and keeps the virtual addresses that it holds. So no change
   * of a stack stops mail.
   */
  RETAIN = "retain",
  /**
   * Stop and disable keepalived, then haproxy. So the virtual address moves to the other node before haproxy stops. The
   * files stay.
   */
  RELEASE = "release",
  /**
   * The same as `RELEASE`. Then remove this library's files, firewall rules and CAs, restore the files from before the
   * first deploy, and start the services that ran before the first deploy. Packages stay.
   */
  DESTROY = "destroy",
}
