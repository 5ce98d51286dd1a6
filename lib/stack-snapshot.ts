import { HostFiles, hostFiles } from "./testing/host-files";
import { hostFilesSerializer } from "./testing/serializer";

/**
 * A synthesized stack as text for review, for snapshot tests in any language. In TypeScript you can also use
 * `cdktf-exchange-balancer/testing`, which has a serializer for jest.
 *
 * @example
 * const text = StackSnapshot.text(Testing.synth(this));
 * const hosts = StackSnapshot.hostFiles(Testing.synth(this)).map((file) => file.host);
 */
export class StackSnapshot {
  /**
   * The files that would land on each host.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not such a text
   */
  public static hostFiles(synthesized: string): HostFiles[] {
    return hostFiles(synthesized);
  }

  /**
   * The whole stack as text, to compare with a stored one: first Terraform's part, then the files that would land on each
   * host. Repeated text is shown once. A script of this library is shown by its name and a hash.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not such a text
   */
  public static text(synthesized: string): string {
    return hostFilesSerializer.serialize(synthesized);
  }

  private constructor() {}
}
