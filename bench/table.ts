/**
 * The lines of a text table. `words` contains the indexes of the columns with words; these columns are aligned left.
 * The other columns contain figures and are aligned right. A row with only one cell is a title.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], words: readonly number[] = [0]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row.length === 1 ? 0 : (row[column] ?? "").length))));
  const text = (row: readonly string[]): string =>
    row.map((cell, column) => (words.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd();
  return [text(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(text)];
}
