import { MonitoringModel } from "../monitoring/model";
import { AcmeModel } from "./acme";
import { AttackModel } from "./attacks";
import { GuessesModel, PeersModel } from "./guesses";
import { OwnLinesModel } from "./own-lines";
import { TransparentModel } from "./transparent";
import { HaproxyVersion } from "./versions";

/**
 * A balancer as HAProxy sees it, with every decision taken. Names and addresses
 * may hold Terraform tokens: they are written out, never looked into.
 */
export interface HaproxyModel {
  readonly version: HaproxyVersion;
  readonly maxconn: number;
  /** How many bytes the headers of a request may have. */
  readonly maxHeaderBytes: number;
  /** How long a process that was replaced by a reload may finish what it has open. */
  readonly hardStopAfter: string;
  readonly retries: number;
  /** Whether the fronts listen on IPv6, too. */
  readonly ipv6: boolean;
  readonly timeouts: TimeoutsModel;
  /** Where the log lines go. */
  readonly log: LogModel;
  /** The port on loopback where HAProxy answers `show info`, the honest sign of life. */
  readonly healthPort: number;
  readonly checkTiming: CheckTimingModel;
  readonly limits: LimitsModel;
  readonly resolvers: ResolversModel;
  /** The other node of the pair; none: the node is by itself. */
  readonly pair?: PairModel;
  /** Members are connected to from the clients' addresses; none: from the node's own. */
  readonly transparent?: TransparentModel;
  /** Who shares the tables of bans; none: nobody, not even the next process of this node. */
  readonly peers?: PeersModel;
  /** Where border proxies hand over their clients; none: nothing stands in front of this node. */
  readonly border?: BorderAccessModel;
  /** Set on a border proxy: its members are balancers (or whatever stands inside). */
  readonly inner?: InnerModel;
  readonly members: readonly MemberModel[];
  /** The metrics port, if the host is monitored. */
  readonly monitoring?: MonitoringModel;
  readonly https: BridgeModel | TcpModel;
  readonly mail: readonly MailModel[];
  /** Other web sites behind the same addresses. */
  readonly otherHosts?: readonly OtherHostModel[];
  /** Who answers ACME's challenges on port 80. */
  readonly acme?: AcmeModel;
  /** What the user wrote beyond the props. */
  readonly ownLines?: OwnLinesModel;
}

/** Where log lines go: to rsyslog on loopback, to standard output, which systemd hands to the journal, to a syslog server, or nowhere. */
export type LogModel =
  | { readonly target: "rsyslog" | "journal" | "none" }
  | { readonly target: "server"; readonly address: string; readonly port: number; readonly tcp: boolean };

/** HAProxy times, such as `10s`. */
export interface TimeoutsModel {
  readonly httpRequest: string;
  readonly queue: string;
  readonly connect: string;
  readonly client: string;
  readonly server: string;
  readonly httpKeepAlive: string;
  readonly check: string;
}

export interface CheckTimingModel {
  readonly interval: string;
  /** While a member is on its way up or down. */
  readonly fastInterval: string;
  readonly fall: number;
  readonly rise: number;
}

export interface LimitsModel {
  /** Connections that an address may have open at a frontend; unset: half of the frontend's places. */
  readonly connections?: number;
  readonly connectionsPer10s?: number;
}

export interface ResolversModel {
  /** Where members' names are looked up while HAProxy runs; none: by the system, at its start. */
  readonly nameServers: readonly string[];
}

/** Where the nodes of a pair tell each other which configuration they serve. */
export interface PairModel {
  readonly port: number;
  /** The addresses that both nodes ask from. */
  readonly nodes: readonly string[];
}

/** Ports of their own on which border proxies, and nobody else, say who their client is (PROXY protocol). */
export interface BorderAccessModel {
  /** The addresses that border proxies connect from. */
  readonly addresses: readonly string[];
  readonly httpsPort: number;
  /** A mail protocol's name -> its port. */
  readonly mailPorts: Readonly<Record<string, number>>;
}

/** One such port. */
export interface BorderPortModel {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** What a border proxy finds inside, and what it shows outside. */
export interface InnerModel {
  readonly httpsPort: number;
  /** Whether it says there who its client is. */
  readonly proxyProtocol: boolean;
  /** The names that are published; whoever asks for another one finds nothing. */
  readonly names: readonly string[];
  /** Who may have which directory; empty where no request is read. */
  readonly grants: readonly GrantModel[];
}

/** One publication's part of one directory: a request needs one that holds for it. */
export interface GrantModel {
  /** The publication's name, for the log. */
  readonly publication: string;
  /** The directory's name. */
  readonly directory: string;
  /** Who may; unset: everyone. */
  readonly allow?: AllowModel;
  /** The part of the directory that it is for; unset: all of it. */
  readonly only?: PathPartModel;
  /** The part of the directory that it is not for. */
  readonly except?: PathPartModel;
}

export interface PathPartModel {
  /** The name of its ACL. */
  readonly name: string;
  /** A regular expression for the decoded path, in any case. */
  readonly pattern: string;
}

export interface MemberModel {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: ServerState;
  /** Whether it serves only while no other member does. */
  readonly backup?: boolean;
  /** The name that its certificate must carry. */
  readonly verifyName: string;
}

/** Takes sessions; takes none and is checked; takes none and is not checked. */
export type ServerState = "ready" | "drain" | "maintenance";

/** A word of `balance`. */
export type BalanceAlgorithm = "roundrobin" | "leastconn" | "source";

/** The system's own, or one of Mozilla's. */
export type TlsPolicyName = "system" | "modern" | "intermediate" | "old";

export type PathStrictnessLevel = "strict" | "lenient";

/** HTTPS ends here; towards the members it begins anew (SSL bridging) or not (SSL offloading). */
export interface BridgeModel {
  readonly mode: "bridge";
  /** What the front presents: `crt FILE` or `crt-list FILE`. */
  readonly certificate: string;
  /** The names that have a certificate of their own, for which the members are asked by that name, too. */
  readonly sniNames: readonly string[];
  /** The CAs that vouch for the members; none: plain HTTP to their port 80 (offloading). */
  readonly caFile?: string;
  /** The name that is asked for where none of `sniNames` was. */
  readonly verifyHost: string;
  readonly tlsPolicy: TlsPolicyName;
  readonly http2: boolean;
  readonly pathStrictness: PathStrictnessLevel;
  /** True where OpenSSL knows `PROFILE=SYSTEM`, the crypto policy of the RHEL family. */
  readonly systemCryptoPolicy: boolean;
  readonly redirectToHttps: boolean;
  /** Set where the member's response has no header of the same name. */
  readonly responseHeaders: readonly HeaderModel[];
  /** Set in place of the member's headers of the same names. */
  readonly replaceResponseHeaders?: readonly HeaderModel[];
  /** As given; unset: that of `defaults` where a TLS handshake has a time of its own, else `clientIdleTimeout`. */
  readonly clientTimeout?: string;
  /** Just longer than `timeout http-keep-alive`: the least that `timeout client` can be without cutting idle connections. */
  readonly clientIdleTimeout: string;
  readonly virtualDirectories: readonly VirtualDirectoryModel[];
  /** Published attacks that are refused by their signs; none: nothing is looked for. */
  readonly attacks?: readonly AttackModel[];
  /** Guessed passwords; none: nobody looks. */
  readonly guesses?: GuessesModel;
}

export interface HeaderModel {
  readonly name: string;
  readonly value: string;
}

export interface VirtualDirectoryModel {
  /** The name of its ACL and the end of its backend's name, such as `eas`. */
  readonly name: string;
  readonly path: string;
  readonly healthPath: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly connectTimeout?: string;
  /** The allow list that guards it. */
  readonly allow?: AllowModel;
  /** True for the one that `/` belongs to. */
  readonly root: boolean;
}

/** HTTPS is balanced unread. */
export interface TcpModel {
  readonly mode: "tcp";
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly redirectToHttps: boolean;
  /** The page that says whether a member is healthy; none: a TCP connection does. */
  readonly healthPath?: string;
  /** The CAs that vouch for the members in checks; none: a check takes any certificate. */
  readonly caFile?: string;
}

/** Another web site behind the same addresses. */
export interface OtherHostModel {
  /** The end of its backend's name, such as `portal`. */
  readonly name: string;
  readonly hostNames: readonly string[];
  readonly servers: readonly string[];
  readonly port: number;
  /** The CAs that vouch for its servers; none: plain HTTP, or TLS that ends there. */
  readonly caFile?: string;
  readonly verifyName: string;
  readonly healthPath?: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly allow?: AllowModel;
}

export interface MailModel {
  /** The end of its sections' names, such as `smtp`. */
  readonly name: string;
  readonly port: number;
  /** The address that is bound; unset: all of the host's. */
  readonly address?: string;
  readonly memberPort: number;
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly allow?: AllowModel;
  /** How many sessions its frontend takes at once; unset: its share of the process's. */
  readonly maxconn?: number;
  /** How many sessions a member gets at once; further ones wait. */
  readonly memberMaxconn?: number;
  readonly greeting: MailGreeting;
  /** True where TLS comes before the first word. */
  readonly tls: boolean;
  /** Servers of its own in place of the members, which are told of no client: an Edge server behind a border proxy. */
  readonly servers?: readonly MemberModel[];
}

export type MailGreeting = "smtp" | "imap" | "pop3";

export interface AllowModel {
  /** The name of its ACL, such as `smtp_networks`. */
  readonly acl: string;
  readonly file: string;
}
