import { Rule } from "./rule";

/** The types of host keys that Terraform's ssh client can check, each with a pattern for the key in base64. */
const KINDS: Readonly<Record<string, string>> = {
  "ssh-ed25519": "AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}",
  "ecdsa-sha2-nistp256": "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB[A-Za-z0-9+/]{87}=",
  "ecdsa-sha2-nistp384": "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABh[A-Za-z0-9+/]{130}==",
  "ecdsa-sha2-nistp521": "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACF[A-Za-z0-9+/]{178}==",
  // The pattern matches only RSA keys of at least 1024 bits.
  "ssh-rsa": "AAAAB3NzaC1yc2EAAAA[A-Za-z0-9+/]{145}([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
};

const KEY = Object.entries(KINDS).map(([kind, key]) => `${kind} +${key}`).join("|");
/**
 * Host names before a key. Hashed names (`|1|…`) and markers (`@revoked`) do not match. The brackets `[` and `]` have
 * patterns of their own, because the list of the other characters could contain them only with a backslash.
 */
const NAMES = "([A-Za-z0-9_.:,%-]|[[]|])+";
const LINE = new RegExp(`^(${NAMES} +)?(${KEY})( .*)?$`);
const WITH_NAMES = new RegExp(`^${NAMES} +(ssh|ecdsa)-`);

const EXPECTED =
  "all lines that `ssh-keyscan HOST` prints for one host, or one public key without a name before it, such as \"ecdsa-sha2-nistp256 AAAAE2Vj...\"";

/** The lines that contain keys. `codeOfLines()` returns Terraform code for the same lines. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/[\r\t]/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function codeOfLines(text: string): string {
  return `[for line in split("\\n", replace(${text}, "/[\\r\\t]/", " ")) : trimspace(line) if length(regexall("^ *($|#)", line)) == 0]`;
}

/** What is wrong with the text, as the end of an error message; undefined if the text is right. */
export function hostKeysProblem(text: string): string | undefined {
  const lines = linesOf(text);
  const bad = lines.find((line) => !LINE.test(line));
  if (lines.length === 0) return "nothing";
  if (bad !== undefined) return reasonFor(bad);
  const names = new Set(lines.filter((line) => WITH_NAMES.test(line)).map((line) => line.split(" ")[0]));
  return names.size > 1 ? `keys of several hosts: ${[...names].join(" and ")}` : undefined;
}

/** Texts that people and `init` write as placeholders for a key. */
const PLACEHOLDER = /ssh-keyscan|\b(put here|paste|todo|fixme|tbd|replace|change.?me|placeholder|your.*key)\b|^<.*>$|^[.…?x]+$/i;

function reasonFor(line: string): string {
  const shown = JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line);
  if (line.startsWith("|")) return `${shown}, a line with a hashed host name (run ssh-keyscan without -H)`;
  if (line.startsWith("@")) return `${shown}, a line that begins with a marker such as @revoked`;
  if (/AAAA(…|[.]{2,}|$)/.test(line)) return `${shown}, the placeholder of the documentation (replace it with the output of \`ssh-keyscan HOST\`)`;
  if (/PRIVATE KEY/.test(line)) return "a private key";
  if (PLACEHOLDER.test(line)) return `${shown}, a placeholder (replace it with the output of \`ssh-keyscan HOST\`)`;
  return shown;
}

/** The public keys of one host. */
export const HOST_KEYS: Rule = {
  expected: EXPECTED,
  test: (text) => hostKeysProblem(text) === undefined,
  condition: (text) => {
    const lines = codeOfLines(text);
    const names = `[for line in ${lines} : element(split(" ", line), 0) if can(regex("${WITH_NAMES.source}", line))]`;
    return `(length(${lines}) > 0 && alltrue([for line in ${lines} : can(regex("${LINE.source}", line))]) && length(distinct(${names})) < 2)`;
  },
};

/** The keys in the form `TYPE KEY`, without names and comments. */
export function keysIn(text: string): readonly string[] {
  return linesOf(text).map((line) => (LINE.exec(line)?.[3] ?? "").replace(/ +/, " "));
}

/** Terraform code that does the same as `keysIn()`. `text` is Terraform code, too. */
export function codeOfKeys(text: string): string {
  return `[for line in ${codeOfLines(text)} : replace(line, "/${LINE.source}/", "$3")]`;
}
