/** How user data is handed to a VM: as the script, or packed by gzip and in base64, which cloud-init unpacks by itself. */
export type Form = "text" | "base64Gzip";

/** What a platform takes as user data. */
export interface SizeLimit {
  /** Whose limit it is, in words. */
  readonly of: string;
  /** Infinity where there is none. */
  readonly bytes: number;
  /** What it counts: the bytes that the VM gets, their base64, or the text as it is given, in base64 or not. */
  readonly counts: "decoded" | "base64" | "as-given";
}

export function limitInWords({ of, bytes, counts }: SizeLimit): string {
  return `at most ${bytes} bytes${{ decoded: " before base64", base64: " as base64", "as-given": "" }[counts]} for ${of}`;
}

/** The size that counts. Both forms are ASCII. */
export function sizeOf({ counts }: SizeLimit, form: Form, text: string): number {
  if (form === "text") return counts === "base64" ? 4 * Math.ceil(text.length / 3) : text.length;
  return counts === "decoded" ? Math.floor((text.replace(/=+$/, "").length * 3) / 4) : text.length;
}

/** The same as Terraform's code. */
export function sizeCode({ counts }: SizeLimit, form: Form, text: string): string {
  if (form === "text") return counts === "base64" ? `4 * ceil(length(${text}) / 3)` : `length(${text})`;
  return counts === "decoded" ? `floor(length(replace(${text}, "=", "")) * 3 / 4)` : `length(${text})`;
}
