/** Lines of haproxy.cfg that belong together, with a comment that explains these lines. */
export interface Block {
  readonly comment?: string | readonly string[];
  readonly lines: readonly string[];
}

/** A section of haproxy.cfg: its first line, and its blocks with blank lines between them. */
export function section(head: string, blocks: readonly Block[]): string {
  const body = blocks
    .filter((block) => block.lines.length > 0)
    .map((block) =>
      [...comments(block.comment), ...block.lines].map((line) => `    ${line}\n`).join(""),
    )
    .join("\n");
  return `${head}\n${body}`;
}

/** Lines that are used only if `condition` is true. */
export function when(condition: boolean, ...lines: readonly string[]): readonly string[] {
  return condition ? lines : [];
}

function comments(comment: Block["comment"]): readonly string[] {
  if (comment === undefined) return [];
  return (typeof comment === "string" ? [comment] : comment).map((line) => `# ${line}`);
}

/** Splits words over several lines, because HAProxy refuses lines of more than 64 words. */
export function linesOfWords(words: readonly string[]): readonly string[] {
  const most = 32;
  return Array.from({ length: Math.ceil(words.length / most) }, (_, line) => words.slice(line * most, (line + 1) * most).join(" "));
}
