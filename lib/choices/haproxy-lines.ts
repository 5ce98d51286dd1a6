import { Shape, TEXT, BY_RULE, Kind, choice, listOf, required, struct } from "../validation/shape";

/** The kinds of sections that you can add to haproxy.cfg. */
export enum HaproxySectionType {
  /** Your own servers, for a `use_backend` or `http-request` line. */
  BACKEND = "backend",
  /** Your own frontend. The library does not open the frontend's port in the firewall. */
  FRONTEND = "frontend",
  /** A frontend and a backend in one. The library does not open the section's port in the firewall. */
  LISTEN = "listen",
  /** A cache of small responses. */
  CACHE = "cache",
  /** Nodes that share their stick tables. */
  PEERS = "peers",
  /** Mail servers for `email-alert`. */
  MAILERS = "mailers",
  /**
   * Users and groups for `http_auth`. Passwords must be hashes. The lines, with the hashes, are visible in the plan.
   */
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
  /**
   * The section's name. It must differ from the names that this library uses (`fe_…`, `be_exch2019…`, `dns`, `syslog`).
   */
  readonly name: string;
  /** The section's lines; each entry is one line of haproxy.cfg. */
  readonly lines: string[];
}

/**
 * Your own lines for haproxy.cfg, for settings that this library has no prop for. Each entry is one line in HAProxy's
 * language, known at synthesis. The plan shows the lines, and the top of haproxy.cfg lists them. Before the lines go
 * live, the HAProxy on the host checks them, and rejects a line that this HAProxy version does not know.
 *
 * Synthesis refuses lines that would break this library's guarantees: another `bind` on this library's ports, `mode`,
 * `default_backend`, `user`, `stats socket`, members, checks, connection reuse, rewritten paths, more lines for this
 * library's ACLs, and every setting that has a prop. docs/own-lines.md has the list.
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
   * Lines for frontends: the frontend's name in haproxy.cfg -> lines. `fe_exch2019` is HTTPS, `fe_exch2019_smtp` is
   * SMTP. HAProxy evaluates these lines after this library's rules, before it selects the backend.
   *
   * @default - none
   */
  readonly frontends?: { [name: string]: string[] };

  /**
   * Lines for backends: the backend's name in haproxy.cfg, such as `be_exch2019_owa` -> lines.
   *
   * @default - none
   */
  readonly backends?: { [name: string]: string[] };

  /**
   * Your own sections of haproxy.cfg.
   *
   * @default - none
   */
  readonly sections?: HaproxySection[];
}

const LINES = listOf(TEXT);

/** Lines for several sections: the section's name -> the section's lines. */
const BY_NAME: Kind = {
  expected: "an object that maps names of sections to lists of lines",
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
