import { refusal } from "./log-format";
import { PathStrictnessLevel, VirtualDirectoryModel } from "./model";
import { Block, linesOfWords, when } from "./section";

/**
 * Which request belongs to which virtual directory, so that no other spelling
 * of a path comes past it. IIS ignores case and decodes before it looks; the
 * article's `url_beg` looks at the raw text. First everything goes that IIS
 * might read otherwise than HAProxy does, then the decoded path decides. It is
 * decoded once: the same conversions in each rule took a tenth of HAProxy's work.
 *
 * `path`, never `url`: in HTTP/2 and in absolute form a url begins with the scheme.
 */
export function pathRules(directories: readonly VirtualDirectoryModel[], strictness: PathStrictnessLevel): readonly Block[] {
  const root = directories.find((directory) => directory.root);
  return [
    {
      comment: "a path that can be spelled in two ways is refused",
      lines: [
        "http-request set-var(txn.path) path,url_dec",
        "acl path_absolute path_beg /",
        "acl path_decodes var(txn.path) -m found",
        ...AMBIGUOUS[strictness],
        ...refusal("path", "http-request deny deny_status 400 if !path_absolute || !path_decodes || path_ambiguous"),
      ],
    },
    {
      comment: "what is none of Exchange's virtual directories is refused",
      lines: [
        "http-request set-var(txn.directory) var(txn.path),field(2,/)",
        // Exchange's IIS itself sends / to its default directory.
        ...when(root !== undefined, `http-request set-var(txn.directory) str(${segment(root)}) if { path / }`),
        ...denyOthers(linesOfWords(directories.map(segment))),
      ],
    },
    {
      comment: "Acl for assign backend",
      lines: directories.map((directory) => `acl ${directory.name} var(txn.directory) -m str -i ${segment(directory)}`),
    },
  ];
}

/** Lines of one ACL's name are alternatives, so many directories are several lines. */
function denyOthers(segments: readonly string[]): readonly string[] {
  const matches = (words: string): string => `var(txn.directory) -m str -i ${words}`;
  const [only = "", ...more] = segments;
  if (more.length === 0) return refusal("directory", `http-request deny unless { ${matches(only)} }`);
  return [...segments.map((words) => `acl known_directory ${matches(words)}`), ...refusal("directory", "http-request deny unless known_directory")];
}

/** A directory's path is one segment. */
function segment(directory: VirtualDirectoryModel | undefined): string {
  return directory?.path.slice(1) ?? "";
}

/** In HAProxy's spelling: `\\\\` is one backslash, `\\xc0` one byte. */
const AMBIGUOUS: Readonly<Record<PathStrictnessLevel, readonly string[]>> = {
  // 0xc0, 0xc1 and the others begin UTF-8 that is longer than need be, as old decoders took for a slash or a dot.
  strict: ["acl path_ambiguous var(txn.path) -m sub \\\\ // /. ; % \\xc0 \\xc1 \\xe0\\x80 \\xf0\\x80"],
  lenient: [
    "acl path_ambiguous var(txn.path) -m sub -i \\\\ // /./ /../ /.; /..; %2 %5 %u",
    "acl path_ambiguous var(txn.path) -m end /. /..",
  ],
};
