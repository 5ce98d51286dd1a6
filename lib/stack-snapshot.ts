import { HostFiles, hostFiles } from "./testing/host-files";
import { hostFilesSerializer } from "./testing/serializer";

/**
 * A synthesized stack as a person reviews it, for tests in any language. TypeScript's own way is
 * `cdktf-exchange-balancer/testing`, which has a serializer for jest.
 *
 * @example
 * const files = StackSnapshot.hostFiles(Testing.synth(stack, true))[0].files;
 */
export class StackSnapshot {
  /**
   * The files that would land on each host.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not such text
   */
  public static hostFiles(synthesized: string): HostFiles[] {
    return hostFiles(synthesized);
  }

  /**
   * The whole stack as text to compare with a stored one: Terraform's part with one line of text a line, then each
   * host's files as they will stand there. What is repeated is shown once, and a script of this library by its name and
   * a hash.
   *
   * @param synthesized the text of `Testing.synth(stack)` or of a cdk.tf.json
   * @throws if `synthesized` is not such text
   */
  public static text(synthesized: string): string {
    return hostFilesSerializer.serialize(synthesized);
  }

  private constructor() {}
}
