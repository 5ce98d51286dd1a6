import { PROLOGUE } from "./shell";

/**
 * How the folders begin in which deliveries lie on the host until apply.sh has read
 * them: in the home folder, their owner's alone. They have no folder around them,
 * which one delivery could remove while another makes its own.
 */
const INBOX = ".cdktf-exchange-balancer-inbox";

/** What apply.sh is called for, with the folder as its last word. */
export const APPLY = 'sh "$folder/apply.sh"';

/**
 * A delivery's folder on the host. The triggers' hash is in its name, so that two
 * deploys at once of different settings never share one.
 */
export function inboxFolder(name: string): string {
  return `${INBOX}-${name}-\${substr(sha256(jsonencode(self.triggers)), 0, 16)}`;
}

/** How each script begins that finds a folder which `openInbox` has made. */
export function inInbox(folder: string): string[] {
  return [...PROLOGUE, `folder=${folder}`];
}

/** Shell that makes a delivery's folder, empty and its owner's alone. */
export function openInbox(folder: string): string[] {
  return [
    ...inInbox(folder),
    "umask 077",
    // What a deploy that never came to an end has left behind.
    `find . -maxdepth 1 -name '${INBOX}-*' -mmin +60 -exec rm -rf {} + || :`,
    'rm -rf "$folder"',
    'mkdir "$folder"',
  ];
}

/** Shell that writes a file out of a Terraform expression; base64 can end no here-document and begin no command. */
export function unpack(file: string, expression: string): string {
  return hereDocument(file, "base64 -d", [`base64encode(${expression})`]);
}

/** As `unpack`, for a long text: a third of it travels. */
export function inflate(file: string, expression: string): string {
  return hereDocument(file, "base64 -d | gzip -d", [`base64gzip(${expression})`]);
}

/** As `unpack`, but what is written stays base64, a line an expression. */
export function keepPacked(file: string, expressions: readonly string[]): string {
  return hereDocument(file, "cat", expressions.map((expression) => `base64encode(${expression})`));
}

function hereDocument(file: string, decoder: string, packed: readonly string[]): string {
  return [`{ ${decoder}; } >"$folder/${file}" <<'=='`, ...packed.map((code) => `\${${code}}`), "=="].join("\n");
}

/** The expression for one of the resource's own triggers: what was planned is what arrives. */
export function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}
