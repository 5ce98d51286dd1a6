/**
 * The form of user data: the script as plain text, or the script compressed with gzip and written as base64. cloud-init
 * itself decompresses the second form.
 */
export type Form = "text" | "base64Gzip";

/** A platform's limit for the size of user data. */
export interface SizeLimit {
  /** The platform's name. */
  readonly of: string;
  /** The maximum size. Infinity if there is no limit. */
  readonly bytes: number;
  /**
   * What the platform counts. `decoded`: the bytes that the VM receives. `base64`: these bytes, written as base64.
   * `as-given`: the text in the form in which the platform receives it.
   */
  readonly counts: "decoded" | "base64" | "as-given";
}

export function limitInWords({ of, bytes, counts }: SizeLimit): string {
  return `at most ${bytes} bytes${{ decoded: " before base64", base64: " as base64", "as-given": "" }[counts]} for ${of}`;
}

/** The size of a text in bytes, as the platform counts it. The texts are ASCII, so one character is one byte. */
export function sizeOf({ counts }: SizeLimit, form: Form, text: string): number {
  if (form === "text") return counts === "base64" ? 4 * Math.ceil(text.length / 3) : text.length;
  return counts === "decoded" ? Math.floor((text.replace(/=+$/, "").length * 3) / 4) : text.length;
}

/** Terraform code that computes the same size as `sizeOf`. `text` is the Terraform expression for the text. */
export function sizeCode({ counts }: SizeLimit, form: Form, text: string): string {
  if (form === "text") return counts === "base64" ? `4 * ceil(length(${text}) / 3)` : `length(${text})`;
  return counts === "decoded" ? `floor(length(replace(${text}, "=", "")) * 3 / 4)` : `length(${text})`;
}
