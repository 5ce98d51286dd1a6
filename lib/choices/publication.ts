import { refused, wrong } from "../validation/errors";
import { BY_RULE, FLAG, LIST, Shape, checkStruct, instanceOf, required } from "../validation/shape";
import { MailProtocol } from "./mail-protocol";
import { VirtualDirectory } from "./virtual-directory";

/** Options for the factories of `Publication`. */
export interface PublicationOptions {
  /**
   * The clients that may use this publication: IP addresses and CIDR networks. An entry may be a token, and the whole
   * list may be a token.
   *
   * @default - everyone
   */
  readonly allow?: string[];
}

/** Options for `Publication.webmail()`. */
export interface WebmailOptions extends PublicationOptions {
  /**
   * Whether `/` redirects to Outlook on the web, for people who type only the host name. The redirect also tells
   * strangers that the server is Exchange.
   *
   * @default false
   */
  readonly root?: boolean;
}

/** Options for `Publication.hybrid()`. */
export interface HybridOptions {
  /**
   * The networks from which Microsoft 365 connects: IP addresses and CIDR networks. Keep this list up to date yourself:
   * this library has no list of its own, because Microsoft's ranges change
   * (https://learn.microsoft.com/en-us/microsoft-365/enterprise/urls-and-ip-address-ranges). An entry may be a token,
   * and the whole list may be a token.
   */
  readonly networks: string[];
}

/** Options for `Publication.smtp()`. */
export interface SmtpPublicationOptions extends PublicationOptions {
  /**
   * Edge Transport servers that receive the mail instead of the servers behind the border proxy: DNS names or IP
   * addresses, at most 16. The border proxy does not send the client's address to Edge Transport servers. May be
   * tokens.
   *
   * @default - the servers behind the border proxy receive the mail
   */
  readonly edgeServers?: string[];
}

const OPTIONS: Shape<PublicationOptions> = { allow: BY_RULE };
const WEBMAIL: Shape<WebmailOptions> = { ...OPTIONS, root: FLAG };
const HYBRID: Shape<HybridOptions> = { networks: required(LIST) };
const SMTP: Shape<SmtpPublicationOptions> = { ...OPTIONS, edgeServers: BY_RULE };
const DIRECTORY = required(instanceOf("a VirtualDirectory, such as VirtualDirectory.ecp()", VirtualDirectory));
const PROTOCOL = required(instanceOf("a MailProtocol, such as MailProtocol.imaps()", MailProtocol));

/** A part of a virtual directory, which a publication can include or leave out. @internal */
export interface PathPart {
  readonly name: string;
  /** The path as messages and reports show it. */
  readonly path: string;
  /** A regular expression for the decoded path. Upper and lower case make no difference. */
  readonly pattern: string;
}

/**
 * The endpoint that moves mailboxes between organizations. Only Microsoft 365 and other Exchange organizations use it.
 */
const MRS_PROXY: PathPart = { name: "part_mrsproxy", path: "/EWS/mrsproxy.svc", pattern: "^/ews/mrsproxy[.]svc" };

/** The path that Microsoft 365 requests from OWA without a login. The path contains a mailbox's GUID and domain. */
const OWA_BY_GUID: PathPart = {
  name: "part_owa_guid",
  path: "/owa/GUID@DOMAIN",
  pattern: "^/owa/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@[a-z0-9.-]+(/|$)",
};

/**
 * Returns the allow list of a publication. The user can set the list on the publication, or on the directory or mail
 * service in the publication, but not on both.
 */
function oneList(where: string, allow: string[] | undefined, own: string[] | undefined): string[] | undefined {
  if (allow !== undefined && own !== undefined) throw refused(where, "allow must be set only once, got one list for the publication and another list for the directory or mail service in it");
  return allow ?? own;
}

/** A virtual directory in a publication. @internal */
export interface PublishedDirectory {
  readonly directory: VirtualDirectory;
  readonly only?: PathPart;
  readonly except?: PathPart;
  /**
   * True if the user chose this directory with `Publication.directory()`. The options of this directory then take
   * precedence over the options of the same directory in other publications.
   */
  readonly asGiven?: boolean;
}

/**
 * A group of services for one purpose, which a border proxy publishes. Clients of the border proxy cannot reach other
 * services. The border proxy publishes the admin center (`/ecp`) and `/PowerShell` only if you name them.
 *
 * @example
 * const publish = [
 *   Publication.outlook(),
 *   Publication.mobile(),
 *   Publication.directory(VirtualDirectory.ecp(), { allow: ["203.0.113.5"] }),
 * ];
 */
export class Publication {
  /**
   * Outlook for Windows and Mac: Autodiscover, MAPI over HTTP, Outlook Anywhere, EWS without mailbox moves, and address
   * books.
   */
  public static outlook(options: PublicationOptions = {}): Publication {
    checkStruct("Publication.outlook", "options", options, OPTIONS);
    return Publication.https("outlook", options.allow, [
      { directory: VirtualDirectory.autodiscover() },
      { directory: VirtualDirectory.mapi() },
      { directory: VirtualDirectory.rpc() },
      { directory: VirtualDirectory.ews(), except: MRS_PROXY },
      { directory: VirtualDirectory.oab() },
    ]);
  }

  /** Phones: ActiveSync, and Autodiscover for the phones' setup. */
  public static mobile(options: PublicationOptions = {}): Publication {
    checkStruct("Publication.mobile", "options", options, OPTIONS);
    return Publication.https("mobile", options.allow, [{ directory: VirtualDirectory.activeSync() }, { directory: VirtualDirectory.autodiscover() }]);
  }

  /** Outlook on the web. Its settings pages under `/ecp` are not published. */
  public static webmail(options: WebmailOptions = {}): Publication {
    checkStruct("Publication.webmail", "options", options, WEBMAIL);
    return Publication.https("webmail", options.allow, [{ directory: VirtualDirectory.owa() }], { root: options.root });
  }

  /**
   * Hybrid with Microsoft 365: Autodiscover, EWS with mailbox moves (`mrsproxy.svc`), `/api` and
   * `/owa/GUID@DOMAIN`. Only clients in `networks` may use these paths, because Microsoft 365 uses them without a login
   * page.
   */
  public static hybrid(options: HybridOptions): Publication {
    checkStruct("Publication.hybrid", "options", options, HYBRID);
    return Publication.https("hybrid", options.networks, [
      { directory: VirtualDirectory.autodiscover() },
      { directory: VirtualDirectory.ews() },
      { directory: VirtualDirectory.of("/api") },
      { directory: VirtualDirectory.owa(), only: OWA_BY_GUID },
    ], { allowProp: "networks" });
  }

  /**
   * One virtual directory. For example, publish the admin center with the administrators' networks in `allow`. If
   * another publication contains the same directory, the timeouts and the `balance` of the `directory` given here take
   * precedence. An `allow` list does not: it restricts only its own publication.
   */
  public static directory(directory: VirtualDirectory, options: PublicationOptions = {}): Publication {
    checkStruct("Publication.directory", "arguments", { directory }, { directory: DIRECTORY });
    checkStruct("Publication.directory", "options", options, OPTIONS);
    return Publication.https(directory.name, oneList("Publication.directory", options.allow, directory._allow), [{ directory, asGiven: true }]);
  }

  /**
   * All virtual directories that the balancers behind the border proxy serve. The allow lists of these balancers apply.
   * Use this publication only with `BorderMode.tcp()`: in this mode, the border proxy cannot see paths.
   */
  public static allDirectories(): Publication {
    return Publication.https("allDirectories", undefined, []);
  }

  /**
   * SMTP on port 25. The border proxy passes all traffic on, including STARTTLS, and does not read it. For hybrid mail
   * flow, set `allow` to the ranges of Exchange Online Protection. Without `allow`, everyone may send, and synthesis
   * warns.
   */
  public static smtp(options: SmtpPublicationOptions = {}): Publication {
    checkStruct("Publication.smtp", "options", options, SMTP);
    return new Publication("smtp", options.allow, [], MailProtocol.smtp(), { edgeServers: options.edgeServers });
  }

  /**
   * A mail protocol other than SMTP, such as `MailProtocol.imaps()`. The border proxy connects to the port that
   * `mailPorts` has for this protocol. `mailPorts` is in the prop `border` of the inner nodes or, if the border proxy
   * has `innerAddresses`, in `innerAccess`. If `mailPorts` of `InnerAccess.plain()` does not list the protocol, the
   * border proxy connects to the protocol's `memberPort`.
   */
  public static mail(protocol: MailProtocol, options: PublicationOptions = {}): Publication {
    checkStruct("Publication.mail", "arguments", { protocol }, { protocol: PROTOCOL });
    checkStruct("Publication.mail", "options", options, OPTIONS);
    if (protocol.name === "smtp") throw wrong("Publication.mail", "protocol", "a protocol other than SMTP (for SMTP, use Publication.smtp())", "smtp");
    return new Publication(protocol.name, oneList("Publication.mail", options.allow, protocol._allow), [], protocol, {});
  }

  private static https(
    name: string,
    allow: string[] | undefined,
    directories: readonly PublishedDirectory[],
    more: { readonly root?: boolean; readonly allowProp?: string } = {},
  ): Publication {
    return new Publication(name, allow, directories, undefined, more);
  }

  private constructor(
    /** The publication's short name in logs, such as `outlook`. */
    public readonly name: string,
    /** @internal */
    public readonly _allow: string[] | undefined,
    /** @internal */
    public readonly _directories: readonly PublishedDirectory[],
    /** @internal */
    public readonly _mail: MailProtocol | undefined,
    /** @internal */
    public readonly _more: { readonly root?: boolean; readonly allowProp?: string; readonly edgeServers?: string[] },
  ) {}
}
