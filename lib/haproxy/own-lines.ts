import { Block, section } from "./section";

/** The user's own lines, after they were checked. */
export interface OwnLinesModel {
  /** Lines by the first line of their section, such as `global` or `frontend fe_exch2019`. */
  readonly inSections: ReadonlyMap<string, readonly string[]>;
  readonly sections: readonly OwnSectionModel[];
}

export interface OwnSectionModel {
  /** The section's first line, such as `cache portal`. */
  readonly head: string;
  readonly lines: readonly string[];
}

const COMMENT = "# your own lines";

/** Comment lines at the top of haproxy.cfg that list the user's own lines. */
export function ownLinesNotes({ inSections, sections }: OwnLinesModel): string {
  const all = [...inSections, ...sections.map(({ head, lines }) => [head, lines] as const)];
  return ["# It has lines of your own (haproxyLines):", ...all.flatMap(([head, lines]) => lines.map((line) => `#   ${head}: ${line}`))].map((line) => `${line}\n`).join("");
}

export function ownSections({ sections }: OwnLinesModel): readonly string[] {
  return sections.map(({ head, lines }) => section(head, [{ comment: "your own section", lines } satisfies Block]));
}

/**
 * Adds the user's lines to a section. HAProxy warns if rules are written in another order than they are evaluated. So
 * each kind of line comes after the library's lines of the same kind, and rules for requests come before the choice of
 * the backend.
 */
export function withOwnLines(text: string, own: readonly string[] | undefined): string {
  if (own === undefined || own.length === 0) return text;
  const lines = text.split("\n");
  const connection = own.filter((line) => /^(acl|tcp-request (connection|session)) /.test(line));
  const content = own.filter((line) => /^tcp-request /.test(line) && !connection.includes(line));
  const choice = own.filter((line) => /^(use_backend|use-server) /.test(line));
  const others = own.filter((line) => ![...connection, ...content, ...choice].includes(line));
  const places = [
    [behind(lines, /^ {4}tcp-request connection /), connection],
    [behind(lines, /^ {4}tcp-request /), content],
    [before(lines, /^ {4}(use_backend|default_backend) /), others],
    [lines.length - 1, choice],
  ] as const;
  return lines.flatMap((line, at) => [...places.flatMap(([place, some]) => (place === at ? indented(some) : [])), line]).join("\n");
}

/** The index after the last line that matches; without a match, the index after the section's first line. */
function behind(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((last, line, at) => (pattern.test(line) ? at + 1 : last), 1);
}

/** The index of the first line that matches, or of the comment above it; without a match, the section's end. */
function before(lines: readonly string[], pattern: RegExp): number {
  const first = lines.findIndex((line) => pattern.test(line));
  if (first === -1) return lines.length - 1;
  return /^ {4}#/.test(lines[first - 1] ?? "") ? first - 1 : first;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [COMMENT, ...lines].map((line) => `    ${line}`);
}
