import { refusal } from "./log-format";
import { VirtualDirectoryModel } from "./model";
import { butOthers } from "./other-hosts";
import { Elsewhere } from "./requests";
import { Block, linesOfWords, when } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * Assigns requests to virtual directories, so that no other spelling of a path gets past the rules. IIS ignores case, and
 * decodes a path before it uses the path; `url_beg` would match the raw text. `requestRules` has already refused ambiguous
 * paths, and has decoded the path into `txn.path`. It is decoded only once, because the same conversions in each rule took
 * a tenth of HAProxy's time.
 */
export function pathRules(directories: readonly VirtualDirectoryModel[], { ownAnswers }: HaproxyFeatures, { otherHosts = [], acme }: Elsewhere): readonly Block[] {
  const but = butOthers(otherHosts);
  const or = `${otherHosts.length === 0 ? "" : " || elsewhere"}${acme === undefined ? "" : " || acme"}`;
  const root = directories.find((directory) => directory.root);
  return [
    {
      comment: "answer what browsers and crawlers ask every site for: no icon, and nothing to index",
      lines: when(
        ownAnswers,
        ...refusal("icon", `http-request deny deny_status 404 if { var(txn.path) -m str -i /favicon.ico }${but}`),
        `http-request return status 200 content-type text/plain string "User-agent: *\\nDisallow: /\\n" if { var(txn.path) -m str -i /robots.txt }${but}`,
      ),
    },
    {
      comment: "refuse paths outside Exchange's virtual directories",
      lines: [
        `http-request set-var(txn.directory) var(txn.path),field(2,/)${otherHosts.length === 0 ? "" : " unless elsewhere"}`,
        // Exchange's IIS itself sends / to its default directory.
        ...when(root !== undefined, `http-request set-var(txn.directory) str(${segment(root)}) if { path / }${but}`),
        ...denyOthers(linesOfWords(directories.map(segment)), or),
      ],
    },
    {
      comment: "Acl for assign backend",
      lines: directories.map((directory) => `acl ${directory.name} var(txn.directory) -m str -i ${segment(directory)}`),
    },
  ];
}

/** Lines with the same ACL name are alternatives, so many directories are split over several lines. */
function denyOthers(segments: readonly string[], or: string): readonly string[] {
  const matches = (words: string): string => `var(txn.directory) -m str -i ${words}`;
  const [only = "", ...more] = segments;
  if (more.length === 0) return refusal("directory", `http-request deny unless { ${matches(only)} }${or}`);
  return [...segments.map((words) => `acl known_directory ${matches(words)}`), ...refusal("directory", `http-request deny unless known_directory${or}`)];
}

/** The only segment of a directory's path. */
function segment(directory: VirtualDirectoryModel | undefined): string {
  return directory?.path.slice(1) ?? "";
}
