import { MonitoringModel } from "../monitoring/model";
import { AcmeModel } from "./acme";
import { AttackModel } from "./attacks";
import { GuessesModel, PeersModel } from "./guesses";
import { OwnLinesModel } from "./own-lines";
import { TransparentModel } from "./transparent";
import { HaproxyVersion } from "./versions";

/**
 * What haproxy.cfg of a balancer must do. The model contains all decisions. Names and addresses in it may contain
 * Terraform tokens, so the code writes them into the file but never examines them.
 */
export interface HaproxyModel {
  readonly version: HaproxyVersion;
  readonly maxconn: number;
  /** The maximum size of a request's headers, in bytes. */
  readonly maxHeaderBytes: number;
  /** How long the old HAProxy process may keep its open connections after a reload. */
  readonly hardStopAfter: string;
  readonly retries: number;
  /** Whether the frontends also listen on IPv6. */
  readonly ipv6: boolean;
  readonly timeouts: TimeoutsModel;
  /** Where HAProxy sends its log lines. */
  readonly log: LogModel;
  /** The port on loopback on which HAProxy answers `show info`, for keepalived's check. */
  readonly healthPort: number;
  readonly checkTiming: CheckTimingModel;
  readonly limits: LimitsModel;
  readonly resolvers: ResolversModel;
  /**
   * The port on which the nodes of a pair ask each other which configuration they serve. Undefined for a node without a
   * pair.
   */
  readonly pair?: PairModel;
  /**
   * Set if HAProxy connects to the members from the clients' addresses. Undefined if it connects from the node's own
   * address.
   */
  readonly transparent?: TransparentModel;
  /** The HAProxy processes that share the tables of bans. Undefined if bans are not shared. */
  readonly peers?: PeersModel;
  /** The ports on which border proxies connect. Undefined if no border proxies are in front of this node. */
  readonly border?: BorderAccessModel;
  /** Set only on a border proxy. `members` are then the balancers or Exchange servers in the internal network. */
  readonly inner?: InnerModel;
  readonly members: readonly MemberModel[];
  /** The metrics port. Undefined if the host is not monitored. */
  readonly monitoring?: MonitoringModel;
  readonly https: BridgeModel | TcpModel;
  readonly mail: readonly MailModel[];
  /** Other web sites behind the same addresses. */
  readonly otherHosts?: readonly OtherHostModel[];
  /** The server that answers ACME challenges on port 80. */
  readonly acme?: AcmeModel;
  /** The user's own lines for haproxy.cfg. */
  readonly ownLines?: OwnLinesModel;
}

/**
 * The target of log lines: rsyslog on loopback; standard output, which systemd sends to the journal; a syslog server;
 * or none.
 */
export type LogModel =
  | { readonly target: "rsyslog" | "journal" | "none" }
  | { readonly target: "server"; readonly address: string; readonly port: number; readonly tcp: boolean };

/** The timeouts of haproxy.cfg, in HAProxy's notation, such as `10s`. */
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
  /** The interval between checks while a member's state changes between up and down. */
  readonly fastInterval: string;
  readonly fall: number;
  readonly rise: number;
}

export interface LimitsModel {
  /**
   * The maximum number of open connections from one client address at a frontend. Undefined means half of the
   * frontend's connections.
   */
  readonly connections?: number;
  readonly connectionsPer10s?: number;
}

export interface ResolversModel {
  /**
   * The name servers that resolve the members' names while HAProxy runs. If the list is empty, the operating system
   * resolves the names when HAProxy starts.
   */
  readonly nameServers: readonly string[];
}

/** How the nodes of a pair tell each other which configuration they serve: the port, and the nodes' addresses. */
export interface PairModel {
  readonly port: number;
  /** The addresses of the two nodes. HAProxy answers on the port only to clients with one of these addresses. */
  readonly nodes: readonly string[];
}

/**
 * The separate ports for border proxies. On these ports, a border proxy sends each client's address in a PROXY header.
 */
export interface BorderAccessModel {
  /** The addresses from which border proxies connect. */
  readonly addresses: readonly string[];
  readonly httpsPort: number;
  /** The ports for mail. The key is the name of the mail protocol, such as `smtp`. */
  readonly mailPorts: Readonly<Record<string, number>>;
}

/** One port for border proxies, and the addresses from which border proxies connect. */
export interface BorderPortModel {
  readonly addresses: readonly string[];
  readonly port: number;
}

/**
 * What a border proxy needs to know: the servers in the internal network, and the names and directories that it
 * publishes.
 */
export interface InnerModel {
  readonly httpsPort: number;
  /** Whether the border proxy sends the client's address (PROXY protocol). */
  readonly proxyProtocol: boolean;
  /** The names that are published. Requests for other names are refused. */
  readonly names: readonly string[];
  /** The published directories. Empty in TCP mode, because HAProxy then reads no requests. */
  readonly grants: readonly GrantModel[];
}

/** A directory in a publication. A request is served if at least one grant allows it. */
export interface GrantModel {
  /** The publication's name, for the log. */
  readonly publication: string;
  /** The directory's name. */
  readonly directory: string;
  /** The clients that may use the directory. Undefined if all clients may use it. */
  readonly allow?: AllowModel;
  /** The part of the directory that is published. Undefined if the whole directory is published. */
  readonly only?: PathPartModel;
  /** The part of the directory that is not published. */
  readonly except?: PathPartModel;
}

export interface PathPartModel {
  /** The name of the ACL in haproxy.cfg that matches this part. */
  readonly name: string;
  /** A regular expression that matches the decoded path. Case is ignored. */
  readonly pattern: string;
}

export interface MemberModel {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: ServerState;
  /** Whether the member gets sessions only while all members without `backup: true` are down. */
  readonly backup?: boolean;
  /** The name that the member's certificate must contain. */
  readonly verifyName: string;
}

/**
 * Whether a member gets sessions. `ready`: it gets sessions. `drain`: it gets no new sessions, but HAProxy still checks
 * it. `maintenance`: it gets no sessions, and HAProxy does not check it.
 */
export type ServerState = "ready" | "drain" | "maintenance";

/** A value of HAProxy's keyword `balance`. */
export type BalanceAlgorithm = "roundrobin" | "leastconn" | "source";

/** The TLS policy of clients' connections: the operating system's policy, or one of Mozilla's policies. */
export type TlsPolicyName = "system" | "modern" | "intermediate" | "old";

export type PathStrictnessLevel = "strict" | "lenient";

/** How HAProxy serves HTTPS with SSL bridging or SSL offloading: it decrypts the clients' TLS. */
export interface BridgeModel {
  readonly mode: "bridge";
  /** The part of the bind line that contains the path of the certificates: `crt FILE` or `crt-list FILE`. */
  readonly certificate: string;
  /**
   * The client names that have their own certificate. If a client sends such a name (SNI), HAProxy sends the same name
   * to the member, and verifies that the member's certificate contains it.
   */
  readonly sniNames: readonly string[];
  /**
   * The file of the CAs that verify the members' certificates. Undefined with offloading, which sends plain HTTP to
   * port 80.
   */
  readonly caFile?: string;
  /** The name that HAProxy sends to the members (SNI) if the client sent none of `sniNames`. */
  readonly verifyHost: string;
  readonly tlsPolicy: TlsPolicyName;
  readonly http2: boolean;
  readonly pathStrictness: PathStrictnessLevel;
  /** Whether the host's OpenSSL knows `PROFILE=SYSTEM`, the system-wide crypto policy of the RHEL family. */
  readonly systemCryptoPolicy: boolean;
  readonly redirectToHttps: boolean;
  /** Response headers that HAProxy adds if the member's response does not have them. */
  readonly responseHeaders: readonly HeaderModel[];
  /** Response headers with which HAProxy replaces the member's headers of the same names. */
  readonly replaceResponseHeaders?: readonly HeaderModel[];
  /**
   * The user's value for `timeout client`. If it is undefined, HAProxy versions with a separate timeout for TLS
   * handshakes use the value of `defaults`, and older versions use `clientIdleTimeout`.
   */
  readonly clientTimeout?: string;
  /**
   * A `timeout client` that is one second longer than `timeout http-keep-alive`. A shorter one would cut idle
   * connections.
   */
  readonly clientIdleTimeout: string;
  readonly virtualDirectories: readonly VirtualDirectoryModel[];
  /**
   * The published attacks. HAProxy refuses a request that has a sign of one of these attacks. Undefined if HAProxy does
   * not look for signs of attacks.
   */
  readonly attacks?: readonly AttackModel[];
  /** The settings with which HAProxy stops password guessing. Undefined if HAProxy does not stop it. */
  readonly guesses?: GuessesModel;
}

export interface HeaderModel {
  readonly name: string;
  readonly value: string;
}

export interface VirtualDirectoryModel {
  /** The name of the directory's ACL, such as `eas`. The name of the directory's backend ends with the same text. */
  readonly name: string;
  readonly path: string;
  readonly healthPath: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly connectTimeout?: string;
  /** The directory's allow list. */
  readonly allow?: AllowModel;
  /** Whether this directory also gets the requests for `/`. */
  readonly root: boolean;
}

/** How HAProxy serves HTTPS in TCP mode: it forwards TLS without decrypting it. */
export interface TcpModel {
  readonly mode: "tcp";
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly redirectToHttps: boolean;
  /** The health page of a member. If it is undefined, the health check only opens a TCP connection. */
  readonly healthPath?: string;
  /**
   * The file of the CAs that verify the members' certificates in health checks. If it is undefined, health checks
   * accept any certificate.
   */
  readonly caFile?: string;
}

/** Another web site behind the same addresses. */
export interface OtherHostModel {
  /** The site's name, such as `portal`. The name of the site's backend ends with this name. */
  readonly name: string;
  readonly hostNames: readonly string[];
  readonly servers: readonly string[];
  readonly port: number;
  /** The file of the CAs that verify the servers' certificates. Undefined for plain HTTP and in TCP mode. */
  readonly caFile?: string;
  readonly verifyName: string;
  readonly healthPath?: string;
  readonly balance: BalanceAlgorithm;
  readonly serverTimeout?: string;
  readonly allow?: AllowModel;
}

export interface MailModel {
  /** The service's name, such as `smtp`. In haproxy.cfg, the names of the service's sections end with this name. */
  readonly name: string;
  readonly port: number;
  /** The only address on which the service listens. Undefined if it listens on all addresses of the host. */
  readonly address?: string;
  readonly memberPort: number;
  readonly balance: BalanceAlgorithm;
  readonly idleTimeout: string;
  readonly allow?: AllowModel;
  /** The maximum number of sessions at the frontend. Undefined means the frontend's share of the node's `maxconn`. */
  readonly maxconn?: number;
  /** The maximum number of sessions at each member. Further sessions wait. */
  readonly memberMaxconn?: number;
  readonly greeting: MailGreeting;
  /** Whether the connection begins with TLS, before the greeting. */
  readonly tls: boolean;
  /**
   * The Edge servers. If set, the border proxy sends the service's sessions to these servers, and not to the members.
   * The border proxy does not send the clients' addresses to Edge servers.
   */
  readonly servers?: readonly MemberModel[];
}

export type MailGreeting = "smtp" | "imap" | "pop3";

export interface AllowModel {
  /** The name of the list's ACL, such as `smtp_networks`. */
  readonly acl: string;
  readonly file: string;
}
