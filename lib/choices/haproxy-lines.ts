import { Shape, TEXT, BY_RULE, Kind, choice, listOf, required, struct } from "../validation/shape";

/** The kinds of sections that you can add to haproxy.cfg. */
export enum HaproxySectionType {
  /** Servers of your own, for a `use_backend` or `http-request` line. */
  BACKEND = "backend",
  /** A frontend of your own. The library does not open its port in the firewall. */
  FRONTEND = "frontend",
  /** A frontend and a backend in one. The library does not open its port in the firewall. */
  LISTEN = "listen",
  /** A cache of small responses. */
  CACHE = "cache",
  /** The nodes that share their stick tables. */
  PEERS = "peers",
  /** Mail servers for `email-alert`. */
  MAILERS = "mailers",
  /** Users and groups for `http_auth`. Passwords must be hashes, and are in the plan. */
  USERLIST = "userlist",
  /** Name servers. */
  RESOLVERS = "resolvers",
  /** A buffer of log lines. */
  RING = "ring",
  /** Error pages. */
  HTTP_ERRORS = "http-errors",
}

/** A section that you add to haproxy.cfg. */
export interface HaproxySection {
  /** The kind of section. */
  readonly type: HaproxySectionType;
  /** The section's name. It must not be one that this library uses (`fe_…`, `be_exch2019…`, `dns`, `syslog`). */
  readonly name: string;
  /** The section's lines; each entry is one line of haproxy.cfg. */
  readonly lines: string[];
}

/**
 * Lines for haproxy.cfg that this library has no prop for. Each entry is one line in HAProxy's own language, known at
 * synthesis. The lines appear in the plan and are listed at the top of haproxy.cfg. The host's own HAProxy checks them before
 * they go live, and rejects a line that its version does not know.
 *
 * Lines that would break a promise of this library are refused: another `bind` on its ports, `mode`, `default_backend`,
 * `user`, `stats socket`, members, checks, connection reuse, rewritten paths, further lines of its ACLs, and everything that
 * is a prop. docs/own-lines.md has the list.
 */
export interface HaproxyLines {
  /**
   * Lines for `global`.
   *
   * @default - none
   */
  readonly globalLines?: string[];

  /**
   * Lines for `defaults`.
   *
   * @default - none
   */
  readonly defaultsLines?: string[];

  /**
   * Lines for frontends, by the frontend's name in haproxy.cfg: `fe_exch2019` is HTTPS, `fe_exch2019_smtp` is SMTP. They come
   * after this library's rules and before the backend is selected.
   *
   * @default - none
   */
  readonly frontends?: { [name: string]: string[] };

  /**
   * Lines for backends, by the backend's name in haproxy.cfg, such as `be_exch2019_owa`.
   *
   * @default - none
   */
  readonly backends?: { [name: string]: string[] };

  /**
   * Sections of your own.
   *
   * @default - none
   */
  readonly sections?: HaproxySection[];
}

const LINES = listOf(TEXT);

/** Lines by the name of a section. */
const BY_NAME: Kind = {
  expected: "an object of lists of lines by the section's name",
  fits: struct({}).fits,
  inside: (where, prop, value) => {
    for (const [name, lines] of Object.entries(value as Readonly<Record<string, unknown>>)) struct({ [name]: required(LINES) }).inside?.(where, prop, { [name]: lines });
  },
};

const SECTION: Shape<HaproxySection> = { type: required(choice(HaproxySectionType)), name: BY_RULE, lines: required(LINES) };

export const HAPROXY_LINES: Shape<HaproxyLines> = {
  globalLines: LINES,
  defaultsLines: LINES,
  frontends: BY_NAME,
  backends: BY_NAME,
  sections: listOf(struct(SECTION)),
};
