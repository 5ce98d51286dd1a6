import { readFileSync, readdirSync } from "node:fs";
import { librarySource, unknownParts } from "./support/messages";

// A suite of the lab that waits for a message in old words fails only after half an hour on real hosts. Here it fails at once.

const SOURCE = librarySource();

/** Texts in the lab's tests that the library does not print: messages of the host's programs, and values of a test. */
const OF_OTHERS = [
  "no route to host", "Read-only file system", "user nosudo may not use sudo without a password", "denied { read } for pid=", "firewallZone must be internal", "does not pass through public",
  "filters this host", "Z by a deploy from",
];

/**
 * Returns the fixed parts of a message that a host prints. `literal` is the string or regular expression by which a
 * test expects this message.
 */
function words(literal: string): readonly string[] {
  const plain = literal.replace(/\$\{[^}]*\}|\\[dSw](?:[+*]|\{\d+\})?|[.][+*][?]?|\[\^?[^\]]*\][+*?]?/g, "…").replace(/\\n.*$/, "").replace(/(?<!\\)[/][a-z]*[,)].*$/, "").replace(/\\+(.)/g, "$1");
  return plain.split(/[|?$]/);
}

const suites = readdirSync("test/lab").filter((file) => file.endsWith(".lab.ts"));

test.each(suites)("the library's source contains each message that %s expects from a host", (suite) => {
  const text = readFileSync(`test/lab/${suite}`, "utf8");
  const literals = [
    ...text.matchAll(/(?:FAILED: |\\?\[198\\?[.]18\\?[.]0\\?[.]\d+\\?\] )((?:[^`"\n\\]|\\.)+)/g),
    // Parts of a message, which have the end that most messages have.
    ...text.matchAll(/["`/]((?:[^`"\n\\]|\\.)*(?:Nothing was changed|and deploy again)(?:[^`"\n\\]|\\.)*)/g),
  ].map(([, literal = ""]) => literal.replace(/^.*FAILED: /, ""));
  const unknown = literals.flatMap(words).flatMap((text) => unknownParts(text, SOURCE));
  expect(unknown.filter((part) => !OF_OTHERS.includes(part))).toEqual([]);
});
