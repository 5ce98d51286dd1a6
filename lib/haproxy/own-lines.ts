import { Block, section } from "./section";

/** Lines that the user wrote, each checked. */
export interface OwnLinesModel {
  /** By the first line of the section that they go into, such as `global` or `frontend fe_exch2019`. */
  readonly inSections: ReadonlyMap<string, readonly string[]>;
  readonly sections: readonly OwnSectionModel[];
}

export interface OwnSectionModel {
  /** Its first line, such as `cache portal`. */
  readonly head: string;
  readonly lines: readonly string[];
}

const COMMENT = "# your own lines";

/** The lines at the head of haproxy.cfg that tell its reader what is not this library's. */
export function ownLinesNotes({ inSections, sections }: OwnLinesModel): string {
  const all = [...inSections, ...sections.map(({ head, lines }) => [head, lines] as const)];
  return ["# It has lines of your own (haproxyLines):", ...all.flatMap(([head, lines]) => lines.map((line) => `#   ${head}: ${line}`))].map((line) => `${line}\n`).join("");
}

export function ownSections({ sections }: OwnLinesModel): readonly string[] {
  return sections.map(({ head, lines }) => section(head, [{ comment: "your own section", lines } satisfies Block]));
}

/**
 * A section with the user's lines in it. HAProxy warns of rules that stand in another order than they are asked in, so each
 * kind goes behind the library's of its kind, and rules for requests before the choice of the backend.
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

/** The line after the last one that looks so; else the section's first. */
function behind(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((last, line, at) => (pattern.test(line) ? at + 1 : last), 1);
}

/** The line before the comment of the first one that looks so; else the section's end. */
function before(lines: readonly string[], pattern: RegExp): number {
  const first = lines.findIndex((line) => pattern.test(line));
  if (first === -1) return lines.length - 1;
  return /^ {4}#/.test(lines[first - 1] ?? "") ? first - 1 : first;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [COMMENT, ...lines].map((line) => `    ${line}`);
}
