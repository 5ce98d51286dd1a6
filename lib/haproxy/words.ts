const ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t" };

/**
 * The words of a line as HAProxy reads them, without quotes and backslashes. Undefined if the line cannot be checked,
 * because it has an open quote, a backslash at the end, a comment, or an environment variable (`$NAME` in double
 * quotes).
 */
export function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? "";
    if (letter === "\\" && quote !== "'") {
      const [all = "", code = ""] = /^\\(x[0-9A-Fa-f]{2}|.)/.exec(line.slice(at)) ?? [];
      if (all === "") return undefined;
      word = `${word ?? ""}${code.length === 3 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code)}`;
      at += all.length - 1;
    } else if (quote !== "") {
      if (letter === "$" && quote === '"') return undefined;
      if (letter === quote) quote = "";
      else word = `${word ?? ""}${letter}`;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word = word ?? "";
    } else if (letter === "#") {
      return undefined;
    } else if (letter !== " ") {
      word = `${word ?? ""}${letter}`;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}
