import { type Debian, type Suite, releaseOf } from "./suites";

/** The folder in which a host finds the packages that a deploy installs. Hosts cannot reach the internet. */
export const REPOSITORY_ON_HOST = "/var/lab/repo";

/** A URL of the host itself. No program listens on its port. */
const NOBODY = "http://127.0.0.1:9/";

/**
 * What the lab and its tests need to know about an operating system of the balancers. A test does not name a system; it uses
 * these values.
 */
export interface System {
  /** The Debian release of the hosts' packages. */
  readonly debian: Debian;
  /** Only if the host imitates EL: the major release, and the version in its os-release. */
  readonly el?: { readonly release: number; readonly version: string };
  /** A text that says what the hosts are, and which of their parts are imitations. The lab prints this text. */
  readonly means: string;
  /** The version branch of the system's HAProxy as a number, such as 2.6. */
  readonly haproxy: number;
  /** The name by which a manifest records the system: family and major version. */
  readonly os: string;
  /** A regular expression that matches PRETTY_NAME in /etc/os-release. */
  readonly prettyName: string;
  /** A system of the other family. `os`: that other system's name in a manifest. */
  readonly other: { readonly suite: Suite; readonly os: string };
  /**
   * The release to which the lab can upgrade a host of this system. A Debian 12 host cannot be upgraded here, because
   * the systemd of Debian 13 needs other control groups.
   */
  readonly next?: Debian;
  /** Whether the system's systemd boots only with unified control groups. */
  readonly unifiedControlGroups: boolean;
  readonly packages: {
    /** The file that names the lab's repository. */
    readonly source: { readonly file: string; readonly text: string };
    /** Shell: installs a package, as an administrator would by hand. */
    readonly install: (name: string) => string;
    /** Shell: removes a package, but keeps the packages that depend on it. */
    readonly removeAlone: (name: string) => string;
    /** Shell: removes the cached index of the repository. */
    readonly forgetLists: string;
    /** A regular expression for the package manager's message about an unknown package. */
    readonly notFound: (name: string) => string;
    /** A further package source that does not answer, and the deploy's message about it. */
    readonly deadSource: { readonly file: string; readonly text: string; readonly said: string };
    /** The lock file of the package manager. */
    readonly lockFile: string;
    /** A regular expression for the message of a deploy that waits for the lock. */
    readonly waiting: string;
  };
  readonly trust: {
    /**
     * `anchors`: the folder for additional CAs. `ending`: the file name extension that the system requires in this
     * folder.
     */
    readonly anchors: string;
    readonly ending: string;
    /** All CAs that the host trusts, as one file. */
    readonly bundle: string;
    /** The folder in which the system keeps copies of, or links to, the certificates of all trusted CAs. */
    readonly traces: string;
  };
  readonly sshUnit: string;
  /** Mode and owner of HAProxy's logs. */
  readonly logs: string;
  /** The system's general log file, for the messages of programs other than HAProxy. */
  readonly systemLog: string;
  /**
   * A folder of further haproxy configuration files. The shell command `load` makes haproxy's unit load them, and
   * `unload` reverts this.
   */
  readonly otherConfigs: { readonly folder: string; readonly load: string; readonly unload: string };
  /**
   * The files that a deploy overwrites although a package has installed them. The removal policy `destroy` leaves these
   * files in place.
   */
  readonly ofPackages: readonly string[];
  /** Shell: gives haproxy a master socket at `masterSocket`, if its unit has none. */
  readonly openMasterSocket: string;
  readonly masterSocket: string;
}

function debian(release: Debian, version: number, unifiedControlGroups: boolean): System {
  return {
    debian: release,
    means: `real Debian ${version}`,
    haproxy: Number(releaseOf(release).haproxy),
    os: `debian ${version}`,
    prettyName: `Debian GNU/Linux ${version} \\(${release}\\)`,
    other: { suite: "el8", os: "redhat 8" },
    unifiedControlGroups,
    packages: {
      source: { file: "etc/apt/sources.list", text: `deb [trusted=yes] file:${REPOSITORY_ON_HOST} ./\n` },
      install: (name) => `apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install ${name} >/dev/null`,
      removeAlone: (name) => `dpkg --remove --force-depends ${name}`,
      forgetLists: "rm -rf /var/lib/apt/lists/*",
      notFound: (name) => `Package '${name}' has no installation candidate`,
      deadSource: { file: "etc/apt/sources.list.d/dead.list", text: `deb [trusted=yes] ${NOBODY} ./\n`, said: `these package sources could not be read, so their existing lists on this host are used: ${NOBODY}` },
      lockFile: "/var/lib/dpkg/lock-frontend",
      waiting: "installing",
    },
    trust: {
      anchors: "/usr/local/share/ca-certificates",
      ending: ".crt",
      bundle: "/etc/ssl/certs/ca-certificates.crt",
      traces: "/etc/ssl/certs",
    },
    sshUnit: "ssh",
    logs: "640 root:adm",
    systemLog: "/var/log/syslog",
    otherConfigs: {
      folder: "/etc/haproxy/more",
      load: `mkdir /etc/haproxy/more && cp /etc/default/haproxy /run/haproxy.default && echo 'EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/more"' >>/etc/default/haproxy`,
      unload: "cp /run/haproxy.default /etc/default/haproxy && rm -r /etc/haproxy/more",
    },
    ofPackages: [],
    openMasterSocket: "true",
    masterSocket: "/run/haproxy-master.sock",
  };
}

function el(release: 8 | 9 | 10, version: string, from: Debian, unifiedControlGroups: boolean): System {
  return {
    debian: from,
    el: { release, version },
    means: `Debian hosts that imitate EL ${version}: real dnf and rpm, Debian's binaries (${from}) under EL's names; no SELinux, no packages from EL`,
    haproxy: Number(releaseOf(from).haproxy),
    os: `redhat ${release}`,
    prettyName: `EL-shaped host ${version.replace(".", "\\.")} of the lab`,
    other: { suite: "bookworm", os: "debian 12" },
    unifiedControlGroups,
    packages: {
      source: {
        file: "etc/yum.repos.d/lab.repo",
        text: `[lab]\nname=Packages of the lab under EL's names\nbaseurl=file://${REPOSITORY_ON_HOST}\nenabled=1\ngpgcheck=0\n`,
      },
      install: (name) => `dnf -q -y install ${name} >/dev/null`,
      removeAlone: (name) => `rpm --erase --nodeps ${name}`,
      forgetLists: "dnf -q clean all",
      notFound: (name) => `Unable to find a match: ${name}|There are no enabled repositories`,
      deadSource: {
        file: "etc/yum.repos.d/dead.repo",
        text: `[dead]\nname=Nobody answers for this one\nbaseurl=${NOBODY}\nenabled=1\ngpgcheck=0\n`,
        said: "these repositories could not be read and were left out: dead",
      },
      lockFile: "/var/lib/rpm/.rpm.lock",
      waiting: `waiting for the package manager's lock, held by "python3",pid=\\d+`,
    },
    trust: {
      anchors: "/etc/pki/ca-trust/source/anchors",
      ending: ".ca",
      bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      traces: "/etc/pki/ca-trust/extracted",
    },
    sshUnit: "sshd",
    // By the unit's UMask.
    logs: "600 root:adm",
    systemLog: "/var/log/messages",
    otherConfigs: { folder: "/etc/haproxy/conf.d", load: "test -d /etc/haproxy/conf.d", unload: "rm -f /etc/haproxy/conf.d/*" },
    ofPackages: ["/etc/keepalived/keepalived.conf"],
    openMasterSocket: `sed -i 's,^OPTIONS=.*,OPTIONS="-W -S /run/haproxy-master.sock",' /etc/sysconfig/haproxy && systemctl restart haproxy`,
    masterSocket: "/run/haproxy-master.sock",
  };
}

export const SYSTEMS: Readonly<Record<Suite, System>> = {
  bullseye: { ...debian("bullseye", 11, false), next: "bookworm" },
  bookworm: debian("bookworm", 12, false),
  trixie: debian("trixie", 13, true),
  el8: el(8, "8.10", "bullseye", false),
  el9: el(9, "9.6", "bookworm", false),
  el10: el(10, "10.0", "trixie", true),
};
