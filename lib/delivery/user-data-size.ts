/**
 * The form of user data: the script as text, or compressed by gzip and in base64. cloud-init decompresses it by itself.
 */
export type Form = "text" | "base64Gzip";

/** A platform's limit for user data. */
export interface SizeLimit {
  /** The platform's name. */
  readonly of: string;
  /** The maximum size. Infinity if there is no limit. */
  readonly bytes: number;
  /**
   * What the platform counts: the bytes that the VM gets, these bytes as base64, or the text as it is given to the
   * platform.
   */
  readonly counts: "decoded" | "base64" | "as-given";
}

export function limitInWords({ of, bytes, counts }: SizeLimit): string {
  return `at most ${bytes} bytes${{ decoded: " before base64", base64: " as base64", "as-given": "" }[counts]} for ${of}`;
}

/** The size that the platform counts. Both forms are ASCII. */
export function sizeOf({ counts }: SizeLimit, form: Form, text: string): number {
  if (form === "text") return counts === "base64" ? 4 * Math.ceil(text.length / 3) : text.length;
  return counts === "decoded" ? Math.floor((text.replace(/=+$/, "").length * 3) / 4) : text.length;
}

/** The same as Terraform code. */
export function sizeCode({ counts }: SizeLimit, form: Form, text: string): string {
  if (form === "text") return counts === "base64" ? `4 * ceil(length(${text}) / 3)` : `length(${text})`;
  return counts === "decoded" ? `floor(length(replace(${text}, "=", "")) * 3 / 4)` : `length(${text})`;
}
