import { refusal } from "./log-format";
import { VirtualDirectoryModel } from "./model";
import { butOthers } from "./other-hosts";
import { Elsewhere } from "./requests";
import { Block, linesOfWords, when } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * The rules that assign each request to a virtual directory. `requestRules` comes before them: it refuses ambiguous
 * paths, and decodes the path into `txn.path`.
 *
 * These rules use the decoded path and ignore case, as IIS does. So no spelling of a path gets past the rules. With
 * `url_beg`, which matches the raw text, other spellings would get past. The path is decoded only once, because decoding
 * in each rule took a tenth of HAProxy's time.
 */
export function pathRules(directories: readonly VirtualDirectoryModel[], { ownAnswers }: HaproxyFeatures, { otherHosts = [], acme }: Elsewhere): readonly Block[] {
  const but = butOthers(otherHosts);
  const or = `${otherHosts.length === 0 ? "" : " || elsewhere"}${acme === undefined ? "" : " || acme"}`;
  const root = directories.find((directory) => directory.root);
  return [
    {
      comment: "browsers and crawlers request these files from every site: answer that there is no icon and nothing to index",
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
        // Exchange itself redirects / to the directory `root`, so a request for / counts as a request for `root`.
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

/**
 * The lines that refuse unknown directories. If there are many directories, their names are split over several `acl`
 * lines of the same name. HAProxy treats these lines as alternatives.
 */
function denyOthers(segments: readonly string[], or: string): readonly string[] {
  const matches = (words: string): string => `var(txn.directory) -m str -i ${words}`;
  const [only = "", ...more] = segments;
  if (more.length === 0) return refusal("directory", `http-request deny unless { ${matches(only)} }${or}`);
  return [...segments.map((words) => `acl known_directory ${matches(words)}`), ...refusal("directory", `http-request deny unless known_directory${or}`)];
}

/** The path of a directory without the slash at its beginning. Each directory's path has only one segment. */
function segment(directory: VirtualDirectoryModel | undefined): string {
  return directory?.path.slice(1) ?? "";
}
