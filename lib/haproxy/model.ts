import { MonitoringModel } from "../monitoring/model";
import { AcmeModel } from "./acme";
import { AttackModel } from "./attacks";
import { GuessesModel, PeersModel } from "./guesses";
import { OwnLinesModel } from "./own-lines";
import { TransparentModel } from "./transparent";
import { HaproxyVersion } from "./versions";

/**
 * HAProxy's model of a balancer. It contains all decisions. Names and addresses may contain Terraform tokens, so they
 * are only written out.
 */
export interface HaproxyModel {
  readonly version: HaproxyVersion;
  readonly maxconn: number;
  /** The maximum size of a request's headers in bytes. */
  readonly maxHeaderBytes: number;
  /** How long an old process may continue with its open connections after a reload. */
  readonly hardStopAfter: string;
  readonly retries: number;
  /** Whether the frontends also listen on IPv6. */
  readonly ipv6: boolean;
  readonly timeouts: TimeoutsModel;
  /** Where the log lines go. */
  readonly log: LogModel;
  /** The port on loopback on which HAProxy answers `show info`, for keepalived's check. */
  readonly healthPort: number;
  readonly checkTiming: CheckTimingModel;
  readonly limits: LimitsModel;
  readonly resolvers: ResolversModel;
  /** The other node of the pair; undefined for a node without a pair. */
  readonly pair?: PairModel;
  /**
   * Set if HAProxy connects to the members from the clients' addresses; undefined if it uses the node's own address.
   */
  readonly transparent?: TransparentModel;
  /** The processes that share the tables of bans; undefined if bans are not shared. */
  readonly peers?: PeersModel;
  /** The ports on which border proxies connect; undefined if there are no border proxies in front of this node. */
  readonly border?: BorderAccessModel;
  /** Set on a border proxy: the members are the balancers or servers inside. */
  readonly inner?: InnerModel;
  readonly members: readonly MemberModel[];
  /** The metrics port, if the host is monitored. */
  readonly monitoring?: MonitoringModel;
  readonly https: BridgeModel | TcpModel;
  readonly mail: readonly MailModel[];
  /** Other web sites behind the same addresses. */
  readonly otherHosts?: readonly OtherHostModel[];
  /** The server that answers ACME challenges on port 80. */
  readonly acme?: AcmeModel;
  /** The user's own lines. */
  readonly ownLines?: OwnLinesModel;
}

/**
 * The target of log lines: rsyslog on loopback; standard output, which systemd sends to the journal; a syslog server;
 * or none.
 */
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
  /** The interval while a member's state changes between up and down. */
  readonly fastInterval: string;
  readonly fall: number;
  readonly rise: number;
}

export interface LimitsModel {
  /** How many connections an address may have open at a frontend; undefined: half of the frontend's connections. */
  readonly connections?: number;
  readonly connectionsPer10s?: number;
}

export interface ResolversModel {
  /**
   * The name servers that resolve the members' names while HAProxy runs; empty: the system resolves them when HAProxy
   * starts.
   */
  readonly nameServers: readonly string[];
}

/** The port on which the nodes of a pair tell each other which configuration they serve. */
export interface PairModel {
  readonly port: number;
  /** The addresses from which the two nodes ask each other which configuration they serve. */
  readonly nodes: readonly string[];
}

/** Separate ports for border proxies, which send each client's address there (PROXY protocol). */
export interface BorderAccessModel {
  /** The addresses from which border proxies connect. */
  readonly addresses: readonly string[];
  readonly httpsPort: number;
  /** A mail protocol's name -> its port. */
  readonly mailPorts: Readonly<Record<string, number>>;
}

/** One of these ports. */
export interface BorderPortModel {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The servers inside, as the border proxy reaches them, and the publications of the border proxy. */
export interface InnerModel {
  readonly httpsPort: number;
  /** Whether the border proxy sends the client's address (PROXY protocol). */
  readonly proxyProtocol: boolean;
  /** The names that are published. Requests for other names are refused. */
  readonly names: readonly string[];
  /** The directories of each publication; empty in TCP mode, because no request is read. */
  readonly grants: readonly GrantModel[];
}

/** A directory in a publication. A request is served if at least one grant applies to it. */
export interface GrantModel {
  /** The publication's name, for the log. */
  readonly publication: string;
  /** The directory's name. */
  readonly directory: string;
  /** The clients that may use the directory; undefined for everyone. */
  readonly allow?: AllowModel;
  /** The only part of the directory that is published; undefined for all of it. */
  readonly only?: PathPartModel;
  /** The part of the directory that is not published. */
  readonly except?: PathPartModel;
}

export interface PathPartModel {
  /** The name of the part's ACL. */
  readonly name: string;
  /** A regular expression for the decoded path. It ignores case. */
  readonly pattern: string;
}

export interface MemberModel {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: ServerState;
  /** Whether the member serves only while all other members are down. */
  readonly backup?: boolean;
  /** The name that the member's certificate must contain. */
  readonly verifyName: string;
}

/**
 * `ready`: gets sessions. `drain`: gets no new sessions, but is checked. `maintenance`: gets no sessions, and is not
 * checked.
 */
export type ServerState = "ready" | "drain" | "maintenance";

/** A value of HAProxy's `balance`. */
export type BalanceAlgorithm = "roundrobin" | "leastconn" | "source";

/** The system's policy, or one of Mozilla's policies. */
export type TlsPolicyName = "system" | "modern" | "intermediate" | "old";

export type PathStrictnessLevel = "strict" | "lenient";

/** The model of SSL bridging and SSL offloading: TLS from clients ends at the balancer. */
export interface BridgeModel {
  readonly mode: "bridge";
  /** The frontend's certificates: `crt FILE` or `crt-list FILE`. */
  readonly certificate: string;
  /**
   * The client names that have their own certificate. If a client asks for such a name (SNI), HAProxy asks the member
   * for the same name, and verifies that the member's certificate contains this name.
   */
  readonly sniNames: readonly string[];
  /** The CAs for the members' certificates; undefined with offloading, which uses plain HTTP to port 80. */
  readonly caFile?: string;
  /** The name that HAProxy asks the members for if the client asked for no name in `sniNames`. */
  readonly verifyHost: string;
  readonly tlsPolicy: TlsPolicyName;
  readonly http2: boolean;
  readonly pathStrictness: PathStrictnessLevel;
  /** Whether OpenSSL knows `PROFILE=SYSTEM`, the crypto policy of the RHEL family. */
  readonly systemCryptoPolicy: boolean;
  readonly redirectToHttps: boolean;
  /** Headers that are added if the member's response does not have them. */
  readonly responseHeaders: readonly HeaderModel[];
  /** Headers that replace the member's headers with the same names. */
  readonly replaceResponseHeaders?: readonly HeaderModel[];
  /**
   * The timeout as given. If it is undefined, the timeout depends on the HAProxy version: `timeout client` of
   * `defaults` if TLS handshakes have a separate timeout, and otherwise `clientIdleTimeout`.
   */
  readonly clientTimeout?: string;
  /** One second longer than `timeout http-keep-alive`. A shorter `timeout client` would cut idle connections. */
  readonly clientIdleTimeout: string;
  readonly virtualDirectories: readonly VirtualDirectoryModel[];
  /** The published attacks that are refused by their signs; undefined: no attacks are refused. */
  readonly attacks?: readonly AttackModel[];
  /** How guessed passwords are stopped; undefined: passwords are not checked. */
  readonly guesses?: GuessesModel;
}

export interface HeaderModel {
  readonly name: string;
  readonly value: string;
}

export interface VirtualDirectoryModel {
  /** The name of the directory's ACL, and the end of its backend's name, such as `eas`. */
  readonly name: string;
  readonly path: string;
  readonly healthPath: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly connectTimeout?: string;
  /** The directory's allow list. */
  readonly allow?: AllowModel;
  /** True for the directory that gets requests for `/`. */
  readonly root: boolean;
}

/** The model of TCP mode: HAProxy does not read HTTPS. */
export interface TcpModel {
  readonly mode: "tcp";
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly redirectToHttps: boolean;
  /** The health page of a member; undefined for a check with a TCP connection. */
  readonly healthPath?: string;
  /** The CAs for the members' certificates in health checks; undefined: health checks accept any certificate. */
  readonly caFile?: string;
}

/** Another web site behind the same addresses. */
export interface OtherHostModel {
  /** The end of the backend's name, such as `portal`. */
  readonly name: string;
  readonly hostNames: readonly string[];
  readonly servers: readonly string[];
  readonly port: number;
  /** The CAs for the servers' certificates; undefined for plain HTTP, and in TCP mode. */
  readonly caFile?: string;
  readonly verifyName: string;
  readonly healthPath?: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly allow?: AllowModel;
}

export interface MailModel {
  /** The service's name. Its sections in haproxy.cfg end with it, such as `smtp`. */
  readonly name: string;
  readonly port: number;
  /** The only address of the service; undefined for all addresses of the host. */
  readonly address?: string;
  readonly memberPort: number;
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly allow?: AllowModel;
  /** How many sessions the frontend accepts at the same time; undefined: its share of the node's `maxconn`. */
  readonly maxconn?: number;
  /** How many sessions a member gets at the same time. Further sessions wait. */
  readonly memberMaxconn?: number;
  readonly greeting: MailGreeting;
  /** Whether TLS begins before the greeting. */
  readonly tls: boolean;
  /**
   * Servers that get the sessions instead of the members, without the client's address: Edge servers behind a border
   * proxy.
   */
  readonly servers?: readonly MemberModel[];
}

export type MailGreeting = "smtp" | "imap" | "pop3";

export interface AllowModel {
  /** The name of the list's ACL, such as `smtp_networks`. */
  readonly acl: string;
  readonly file: string;
}
