import { cpSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { cached, contentOf } from "./cache";
import { installHostTools } from "./host-tools";
import { inOneOffContainer } from "./one-off-container";
import { BARE, bootstrap, FIRST_BOOT } from "./root-fs";
import { must } from "./run";
import type { Debian, Suite } from "./suites";
import { SYSTEMS } from "./systems";

/**
 * The folders of a Debian host that imitates EL (RHEL and its relatives): its root file system and its package
 * repository. No EL package is available here, so shape.sh makes both folders from installed Debian packages.
 */
export interface ElHost {
  /** The folder with the root file system: a bare host with dnf and rpm, before the first deploy. */
  readonly root: string;
  /** The folder of a dnf repository with the packages that a deploy installs. */
  readonly repository: string;
}

const SHAPE = path.join(__dirname, "el");

/** PACKED: the packages that shape.sh converts. ALWAYS: the packages that an EL host always has and a bare Debian lacks. */
const PACKED = ["haproxy", "keepalived", "firewalld", "rsyslog", "logrotate", "openssl"];
const ALWAYS = [
  "dnf", "rpm", "createrepo-c", "ca-certificates", "p11-kit", "p11-kit-modules", "gawk", "procps", "nftables", "python3-nftables",
  // Its programs are there on EL and find SELinux turned off, as in a container of EL's.
  "selinux-utils", "policycoreutils",
];

export async function elHost(suite: Suite): Promise<ElHost> {
  const { el, debian } = SYSTEMS[suite];
  if (el === undefined) throw new Error(`the suite ${suite} is not an EL suite`);
  const whole = await wholeRoot(debian);
  const folder = await cached(`el-${suite}`, { whole, el, shape: contentOf(SHAPE), FIRST_BOOT, MERGE_USR, BUILD }, async (parts) => {
    const [root, repository, shape] = ["root", "repository", "shape"].map((name) => path.join(parts, name)) as [string, string, string];
    [root, repository].forEach((name) => mkdirSync(name));
    await must(["cp", "-a", "--reflink=auto", `${whole}/.`, root]);
    await must(["sh", "-ec", MERGE_USR, "sh", root]);
    cpSync(SHAPE, shape, { recursive: true });
    await must(["sh", "-ec", BUILD, "sh", root, shape]);
    await inOneOffContainer(root, ["sh", "/lab/shape.sh", String(el.release), el.version], {
      network: "none", bind: [`${repository}:/repo`], bindReadOnly: [`${shape}:/lab`],
    });
    await inOneOffContainer(root, ["sh", "-ec", FIRST_BOOT], { network: "none" });
    await must(["rm", "-r", shape]);
  });
  return { root: path.join(folder, "root"), repository: path.join(folder, "repository") };
}

const wholeRoot = (debian: Debian): Promise<string> => {
  const packages = [...BARE, ...PACKED, ...ALWAYS];
  return cached(`root-el-${debian}`, { debian, packages }, (folder) => bootstrap(debian, packages, folder));
};

/**
 * Moves the content of /bin, /sbin and /lib to /usr and leaves links there, as on EL; bullseye still has separate
 * folders. If a folder and its counterpart in /usr have a file of the same name, and one of the two files is a link,
 * the real file stays.
 */
const MERGE_USR = `
  for folder in bin sbin lib lib32 lib64 libx32; do
    [ -d "$1/$folder" ] && [ ! -L "$1/$folder" ] || continue
    mkdir -p "$1/usr/$folder"
    for entry in "$1/$folder"/*; do
      if [ -L "$entry" ] && [ -e "$1/usr/$folder/\${entry##*/}" ]; then continue; fi
      [ ! -L "$1/usr/$folder/\${entry##*/}" ] || rm "$1/usr/$folder/\${entry##*/}"
      cp -a "$entry" "$1/usr/$folder/"
    done
    rm -r "$1/$folder"
    ln -s "usr/$folder" "$1/$folder"
  done
`;

/** Builds a library for HAProxy without linking a libc, so that it also works with an older libc than this machine's. */
const BUILD = `
  mkdir "$2/build"
  cc -shared -fPIC -O1 -nostdlib -fno-stack-protector -o "$2/build/profile-system.so" "$2/profile-system.c"
  cp "$1/usr/sbin/haproxy" "$2/build/"
  patchelf --add-needed /usr/lib64/haproxy-profile-system.so "$2/build/haproxy"
`;

/** Installs on this machine the packages that the build of an EL host needs and other labs do not need. */
export const installElTools = (): Promise<void> => installHostTools({ cc: "gcc", patchelf: "patchelf" });
