/**
 * Lines of a table. `words`: the columns that hold words, which begin at the left; figures end at the right. A row of
 * one cell is a title.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], words: readonly number[] = [0]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row.length === 1 ? 0 : (row[column] ?? "").length))));
  const text = (row: readonly string[]): string =>
    row.map((cell, column) => (words.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd();
  return [text(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(text)];
}
