import { readFileSync, readdirSync } from "node:fs";

/** All of lib/, with one space between words and quotes as people read them: what the library can print. */
export function librarySource(folder = "lib"): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /[.](ts|sh|awk|lua)$/.test(file));
  return files.map((file) => readFileSync(`${folder}/${file}`, "utf8")).join("\n").replace(/\s+/g, " ").replace(/\\(["`])/g, "$1");
}

/** Where a message has a value of a host's or a site's: addresses, numbers, paths, names. */
const VALUES = /(?<![\w-])(?:[/][\w./~-]+|\d[\w.:-]*|exch0\d|lb0\d|host0|sample-\w+|-c|-N1|SELinux|AppArmor|Debian GNU[/]Linux|haproxy|keepalived|rsyslogd?|logrotate|certificate-check|nftables[.]service|mail[.]lab[.]test)(?![\w-])|"[^"]*"|'[a-z]+'(?= in)|…/;

/** Parts of a message, between its values, that the library's text does not have; a part of one or two words proves nothing. */
export function unknownParts(message: string, source: string): readonly string[] {
  return message.split(VALUES).flatMap((part) => part.split(/[.?] |: |; |, |[()]/))
    .map((part) => part.replace(/^[\s.,;:]+|[\s.,;:]+$/g, ""))
    .filter((part) => part.split(/\s+/).length >= 3 && !source.includes(part.replace(/\s+/g, " ")));
}
