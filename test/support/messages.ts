import { readFileSync, readdirSync } from "node:fs";

/**
 * All sources in lib/ as one text, in which tests look for messages. Runs of white space are replaced by one space, and
 * quotes are unescaped.
 */
export function librarySource(folder = "lib"): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /[.](ts|sh|awk|lua)$/.test(file));
  return files.map((file) => readFileSync(`${folder}/${file}`, "utf8")).join("\n").replace(/\s+/g, " ").replace(/\\(["`])/g, "$1");
}

/** The parts of a message that depend on a host or a site: addresses, numbers, paths, names. */
const VALUES = /(?<![\w-])(?:[/][\w./~-]+|\d[\w.:-]*|exch0\d|lb0\d|host0|sample-\w+|-c|-N1|SELinux|AppArmor|Debian GNU[/]Linux|haproxy|keepalived|rsyslogd?|logrotate|certificate-check|nftables[.]service|mail[.]lab[.]test)(?![\w-])|"[^"]*"|'[a-z]+'(?= in)|…/;

/**
 * Splits a message at its values and punctuation, and returns the parts that the library's source does not contain. Parts
 * of fewer than three words are left out.
 */
export function unknownParts(message: string, source: string): readonly string[] {
  return message.split(VALUES).flatMap((part) => part.split(/[.?] |: |; |, |[()]/))
    .map((part) => part.replace(/^[\s.,;:]+|[\s.,;:]+$/g, ""))
    .filter((part) => part.split(/\s+/).length >= 3 && !source.includes(part.replace(/\s+/g, " ")));
}
