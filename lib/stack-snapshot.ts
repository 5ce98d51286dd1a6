import { HostFiles, hostFiles } from "./testing/host-files";
import { hostFilesSerializer } from "./testing/serializer";

/**
 * A synthesized stack as text, for reviews and for snapshot tests in any language. In TypeScript, you can also use the
 * jest serializer in `cdktf-exchange-balancer/testing`.
 *
 * @example
 * const text = StackSnapshot.text(Testing.synth(this));
 * const hosts = StackSnapshot.hostFiles(Testing.synth(this)).map((file) => file.host);
 */
export class StackSnapshot {
  /**
   * Returns the files that a deploy would write to each host.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not the text of a synthesized stack
   */
  public static hostFiles(synthesized: string): HostFiles[] {
    return hostFiles(synthesized);
  }

  /**
   * Returns the whole stack as text, to compare it with a stored text: first Terraform's part, then the files that a
   * deploy would write to each host. Repeated text is shown only once. Scripts of this library are shown by name and
   * hash.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not the text of a synthesized stack
   */
  public static text(synthesized: string): string {
    return hostFilesSerializer.serialize(synthesized);
  }

  private constructor() {}
}
