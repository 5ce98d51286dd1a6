import { readFileSync, readdirSync } from "node:fs";
import { librarySource, unknownParts } from "../support/messages";

const PAGE = "docs/deploy-errors.md";

/** Messages of Terraform, ssh, cloud-init and the shell, which this library's source does not contain. */
const OF_OTHERS = [
  "dial tcp", ": connect: no route to host", "i/o timeout", "knownhosts: key mismatch", "knownhosts: key is unknown", "unable to authenticate",
  "Too many authentication failures", "no file exists at \"", "Failed to upload script: ", "Failed to upload script: SCP failed to start", "Permission denied",
  "timeout - last error", "Error: Cycle: ", "Resource precondition failed", "/var/log/cloud-init-output.log", "Could not retrieve providers for locking",
];

/** The parts of a quoted message that differ from host to host, or for which the page shows an example value. */
const VALUES = /…|^path(?= must)|^user data must be(?= at most)|^user data(?= must not)|(?:filters?)(?= this host)|\/etc\/haproxy\/haproxy[.]cfg|haproxy -c|keepalived -t|^certificate-check|\b60\b|127[.]0[.]0[.]1:514|^SELinux|^AppArmor|\["/;

const SOURCE = librarySource();

/** The messages in the first column of the tables in docs/deploy-errors.md. */
const quoted = readFileSync(PAGE, "utf8").split("\n").filter((line) => /^[|] .*`/.test(line)).flatMap((line) =>
  [...(line.split(/(?<!\\)[|]/)[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message));

test.each(quoted)("the library prints the message %j that docs/deploy-errors.md quotes", (message) => {
  const pieces = message.split(VALUES).map((piece) => piece.trim()).filter((piece) => /[a-z]{3}/.test(piece));
  expect(pieces).not.toEqual([]);
  expect(pieces.filter((piece) => !SOURCE.includes(piece) && !OF_OTHERS.some((words) => words.trim() === piece))).toEqual([]);
});

test("docs/deploy-errors.md has a link to each of its sections", () => {
  const page = readFileSync(PAGE, "utf8");
  const sections = [...page.matchAll(/^## (.*)$/gm)].map(([, title = ""]) => `[${title}](#${title.toLowerCase().replace(/[^a-z0-9 -]/g, "").replace(/ /g, "-")})`);
  expect([...page.matchAll(/^- (\[.*\]\(#.*\))$/gm)].map(([, link]) => link)).toEqual(sections);
});

const pages = readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "api.md");

test.each(pages)("each message that docs/%s quotes from a host's output is in the library's source", (page) => {
  // The first line of each: a long one goes on below.
  const shown = [...readFileSync(`docs/${page}`, "utf8").matchAll(/^ {4}\[[\d.]+\] (?:FAILED: )?(.*)$/gm)].map(([, line = ""]) => line);
  const said = [...readFileSync(`docs/${page}`, "utf8").matchAll(/(?:prints|stops with|says)\s+`([^`]+)`/g)].map(([, line = ""]) => line.replace(/\s+/g, " "));
  const unknown = [...shown, ...said].flatMap((line) => unknownParts(line, SOURCE));
  expect(unknown.filter((part) => !["no route to host", "No such file"].includes(part))).toEqual([]);
});
