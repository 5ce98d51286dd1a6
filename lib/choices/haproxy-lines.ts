import { Shape, TEXT, BY_RULE, Kind, choice, listOf, required, struct } from "../validation/shape";

/** A kind of section of haproxy.cfg that one may have of one's own. */
export enum HaproxySectionType {
  /** Servers of one's own, for a `use_backend` or `http-request` line. */
  BACKEND = "backend",
  /** A frontend of one's own. Its port is opened in no firewall. */
  FRONTEND = "frontend",
  /** Both in one. Its port is opened in no firewall. */
  LISTEN = "listen",
  /** Small responses that are kept. */
  CACHE = "cache",
  /** Where nodes share their stick tables. */
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

/** A section of haproxy.cfg of one's own. */
export interface HaproxySection {
  /** Its kind. */
  readonly type: HaproxySectionType;
  /** Its name, which must be none of this library's (`fe_…`, `be_exch2019…`, `dns`, `syslog`). */
  readonly name: string;
  /** Its lines, one a line of haproxy.cfg. */
  readonly lines: string[];
}

/**
 * Lines of haproxy.cfg for what this library has no prop for, each in its place. Each entry is one line, in HAProxy's own
 * words, and known at synthesis. They stand in the plan and at the head of haproxy.cfg, and the host's own HAProxy checks
 * them before they are live; whether a version knows them, it says there.
 *
 * Refused is what would undo what this library promises: another `bind` on its ports, `mode`, `default_backend`, `user`,
 * `stats socket`, members, checks, connection reuse, rewritten paths, further lines of its ACLs, and whatever is a prop.
 * docs/own-lines.md has the list.
 */
export interface HaproxyLines {
  /** @default - none */
  readonly globalLines?: string[];

  /** Lines for all sections, where they may stand. @default - none */
  readonly defaultsLines?: string[];

  /**
   * Lines of frontends, by the frontend's name in haproxy.cfg: `fe_exch2019` is HTTPS, `fe_exch2019_smtp` SMTP. They come
   * after this library's rules and before a backend is chosen.
   *
   * @default - none
   */
  readonly frontends?: { [name: string]: string[] };

  /**
   * Lines of backends, by the backend's name in haproxy.cfg, such as `be_exch2019_owa`.
   *
   * @default - none
   */
  readonly backends?: { [name: string]: string[] };

  /** Sections of one's own. @default - none */
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
