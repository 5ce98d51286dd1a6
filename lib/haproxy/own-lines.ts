import { Block, section } from "./section";

/** The user's own lines for haproxy.cfg. `refusedLine` has checked these lines and refused none of them. */
export interface OwnLinesModel {
  /**
   * The lines for sections of this library. The key is the section's first line, such as `global` or `frontend
   * fe_exch2019`.
   */
  readonly inSections: ReadonlyMap<string, readonly string[]>;
  readonly sections: readonly OwnSectionModel[];
}

export interface OwnSectionModel {
  /** The section's first line, such as `cache portal`. */
  readonly head: string;
  readonly lines: readonly string[];
}

const COMMENT = "# your own lines";

/** Writes the comment at the top of haproxy.cfg that lists the user's own lines. */
export function ownLinesNotes({ inSections, sections }: OwnLinesModel): string {
  const all = [...inSections, ...sections.map(({ head, lines }) => [head, lines] as const)];
  return ["# This file contains your own lines (haproxyLines):", ...all.flatMap(([head, lines]) => lines.map((line) => `#   ${head}: ${line}`))].map((line) => `${line}\n`).join("");
}

export function ownSections({ sections }: OwnLinesModel): readonly string[] {
  return sections.map(({ head, lines }) => section(head, [{ comment: "your own section", lines } satisfies Block]));
}

/**
 * Adds the user's lines to a section. HAProxy warns if a rule stands before other rules that HAProxy evaluates earlier.
 * So each of the user's lines comes after the library's lines of the same kind, and the user's rules for requests come
 * before the lines that choose the backend.
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

/** The index after the last line that matches. If no line matches, the index after the section's first line. */
function behind(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((last, line, at) => (pattern.test(line) ? at + 1 : last), 1);
}

/**
 * The index of the first line that matches, or of the comment directly above it. If no line matches, the index of the
 * section's end.
 */
function before(lines: readonly string[], pattern: RegExp): number {
  const first = lines.findIndex((line) => pattern.test(line));
  if (first === -1) return lines.length - 1;
  return /^ {4}#/.test(lines[first - 1] ?? "") ? first - 1 : first;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [COMMENT, ...lines].map((line) => `    ${line}`);
}
