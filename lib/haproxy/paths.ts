import { PathStrictness } from "../path-strictness";
import { VirtualDirectoryModel } from "./model";
import { Block } from "./section";

/**
 * Which request belongs to which virtual directory, so that no other spelling
 * of a path comes past it. IIS ignores case and decodes before it looks; the
 * article's `url_beg` looks at the raw text. First everything goes that IIS
 * might read otherwise than HAProxy does, then the decoded path decides.
 *
 * `path`, never `url`: in HTTP/2 and in absolute form a url begins with the scheme.
 */
export function pathRules(directories: readonly VirtualDirectoryModel[], strictness: PathStrictness): readonly Block[] {
  return [
    {
      comment: "a path that can be spelled in two ways is refused",
      lines: [
        "acl path_absolute path_beg /",
        "acl path_decodes path,url_dec -m found",
        ...AMBIGUOUS[strictness],
        "http-request deny deny_status 400 if !path_absolute || !path_decodes || path_ambiguous",
      ],
    },
    { comment: "Acl for assign backend", lines: directories.flatMap(directoryAcls) },
    {
      comment: "what is none of Exchange's virtual directories is refused",
      lines: [`http-request deny if ${directories.map(({ name }) => `!${name}`).join(" ")}`],
    },
  ];
}

/** In HAProxy's spelling: `\\\\` is one backslash, `\\xc0` one byte. */
const AMBIGUOUS: Readonly<Record<PathStrictness, readonly string[]>> = {
  // 0xc0, 0xc1 and the others begin UTF-8 that is longer than need be, as old decoders took for a slash or a dot.
  [PathStrictness.STRICT]: ["acl path_ambiguous path,url_dec -m sub \\\\ // /. ; % \\xc0 \\xc1 \\xe0\\x80 \\xf0\\x80"],
  [PathStrictness.LENIENT]: [
    "acl path_ambiguous path,url_dec -m sub -i \\\\ // /./ /../ /.; /..; %2 %5 %u",
    "acl path_ambiguous path,url_dec -m end /. /..",
  ],
};

function directoryAcls({ name, path, root }: VirtualDirectoryModel): readonly string[] {
  return [
    `acl ${name} path,url_dec -m str -i ${path}`,
    `acl ${name} path,url_dec -m beg -i ${path}/`,
    // Exchange's IIS itself sends / to its default directory.
    ...(root ? [`acl ${name} path -m str /`] : []),
  ];
}
