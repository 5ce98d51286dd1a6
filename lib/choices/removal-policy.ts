/**
 * What happens to a host that is removed from the stack. Three changes remove a host: `cdktf destroy`, removing its
 * node or pair from the stack, and changing the node's `host`. (In the last case, Terraform removes the old host after
 * the new host serves.) Changes of other settings, or of this policy, do not remove a host.
 *
 * - If another Terraform resource has delivered to the host since the node's last delivery, the removal does not change
 *   the host.
 * - If a host does not answer within 30 s, Terraform reports an error and keeps the host in its state, because the host
 *   might boot later and take the address. But if all hosts of the stack have `RETAIN`, Terraform skips a host that
 *   does not answer.
 * - Terraform uses the policy of the last deploy. So if you change the policy to `RELEASE` or `DESTROY`, deploy once
 *   before you run `cdktf destroy`; otherwise `cdktf destroy` fails. A change to `RETAIN` needs no deploy.
 */
export enum RemovalPolicy {
  /**
   * Leave the host as it is. The host continues to serve, and keeps the virtual addresses that it holds. So a change of
   * the stack cannot stop mail.
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
