import { Rule } from "./rule";

/** The kinds of host key that Terraform's ssh client can check, each with the form of its key in base64. */
const KINDS: Readonly<Record<string, string>> = {
  "ssh-ed25519": "AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}",
  "ecdsa-sha2-nistp256": "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB[A-Za-z0-9+/]{87}=",
  "ecdsa-sha2-nistp384": "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABh[A-Za-z0-9+/]{130}==",
  "ecdsa-sha2-nistp521": "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACF[A-Za-z0-9+/]{178}==",
  // At least 1024 bits.
  "ssh-rsa": "AAAAB3NzaC1yc2EAAAA[A-Za-z0-9+/]{145}([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
};

const KEY = Object.entries(KINDS).map(([kind, key]) => `${kind} +${key}`).join("|");
/** Names of the host before its key. A hashed name (`|1|…`) and a marker (`@revoked`) are none. A bracket in a class would need a backslash. */
const NAMES = "([A-Za-z0-9_.:,%-]|[[]|])+";
const LINE = new RegExp(`^(${NAMES} +)?(${KEY})( .*)?$`);
const WITH_NAMES = new RegExp(`^${NAMES} +(ssh|ecdsa)-`);

const EXPECTED =
  "what `ssh-keyscan HOST` prints for one host, all its lines, or one public key without a name before it, such as \"ecdsa-sha2-nistp256 AAAAE2Vj...\"";

/** The lines that hold keys; what `codeOfLines` is in Terraform's code. */
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

/** What is wrong with the text; undefined where nothing is. */
export function hostKeysProblem(text: string): string | undefined {
  const lines = linesOf(text);
  const bad = lines.find((line) => !LINE.test(line));
  if (lines.length === 0) return "nothing";
  if (bad !== undefined) return reasonFor(bad);
  const names = new Set(lines.filter((line) => WITH_NAMES.test(line)).map((line) => line.split(" ")[0]));
  return names.size > 1 ? `keys of several hosts: ${[...names].join(" and ")}` : undefined;
}

/** What people and `init` write where a key is still to come. */
const PLACEHOLDER = /ssh-keyscan|\b(put here|paste|todo|fixme|tbd|replace|change.?me|placeholder|your.*key)\b|^<.*>$|^[.…?x]+$/i;

function reasonFor(line: string): string {
  const shown = JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line);
  if (line.startsWith("|")) return `${shown}, whose host name is hashed (leave out ssh-keyscan's -H)`;
  if (line.startsWith("@")) return `${shown}, which begins with a marker`;
  if (/AAAA(…|[.]{2,}|$)/.test(line)) return `${shown}, the documentation's placeholder (put in its place what \`ssh-keyscan HOST\` prints)`;
  if (/PRIVATE KEY/.test(line)) return "a private key";
  if (PLACEHOLDER.test(line)) return `${shown}, a placeholder (put in its place what \`ssh-keyscan HOST\` prints)`;
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

/** Each key as `KIND KEY`, without names and comments. */
export function keysIn(text: string): readonly string[] {
  return linesOf(text).map((line) => (LINE.exec(line)?.[3] ?? "").replace(/ +/, " "));
}

/** The same as Terraform's code. */
export function codeOfKeys(text: string): string {
  return `[for line in ${codeOfLines(text)} : replace(line, "/${LINE.source}/", "$3")]`;
}
