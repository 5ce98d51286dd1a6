/**
 * The facts about a balancer that a reviewer needs first, before reading its files: who reaches what through which
 * addresses. Values that Terraform fills in are shown as expressions.
 */
export interface ReviewModel {
  /** The construct's path. */
  readonly path: string;
  /** How HTTPS is balanced: `tcp`, `sslBridge` or `sslOffload`. */
  readonly mode: string;
  readonly clientNames: readonly string[];
  /** Groups of addresses that move together. */
  readonly groups: readonly AddressGroup[];
  readonly nodes: readonly ReviewNode[];
  /** The DAG's members; for a border proxy, the servers behind the proxy. */
  readonly members: readonly ReviewMember[];
  readonly services: readonly ReviewService[];
  /** What a border proxy publishes; undefined for a balancer. */
  readonly published?: readonly ReviewPublication[];
  /** The name servers that HAProxy asks for the addresses of DNS names. */
  readonly nameServers: readonly string[];
  /** The syslog server that receives log lines; undefined if log lines stay on the node. */
  readonly logServer?: { readonly address: string; readonly port: number; readonly tcp: boolean };
  readonly certificates: readonly ReviewCertificate[];
  /**
   * The longest time in milliseconds for which a virtual address is unavailable, for each cause. Undefined for a node
   * without a pair.
   */
  readonly takeover?: {
    readonly planned: number;
    readonly haproxyKilled: number;
    readonly haproxyHung: number;
    readonly nodeLost: number;
  };
  readonly warnings: readonly string[];
}

export interface AddressGroup {
  /** The name of the VRRP instance. */
  readonly name: string;
  readonly routerId: number;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** The role of the node that holds the addresses while both nodes are healthy. */
  readonly holder: string;
}

export interface ReviewNode {
  /** The node's role, such as `Master`. */
  readonly role: string;
  readonly host: string;
  readonly system: string;
  readonly sshPort: number;
  /** The node's address for VRRP; undefined for a node without a pair. */
  readonly vrrpAddress?: string;
  /**
   * The port on which the nodes tell each other which configuration they serve; undefined for a node without a pair.
   */
  readonly pairPort?: number;
  /** The port on which the nodes tell each other which clients are banned; undefined if the nodes do not share bans. */
  readonly peerPort?: number;
  /** The node's metrics port, and who may read the metrics; undefined without monitoring. */
  readonly metrics?: { readonly address: string; readonly port: number; readonly allow: readonly string[] };
}

export interface ReviewMember {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: string;
}

export interface ReviewService {
  /** The service's name, such as `HTTPS` or `smtp`. */
  readonly name: string;
  /** Whether border proxies reach the service on a separate port. */
  readonly behindBorder?: boolean;
  readonly port: number;
  /** The only address of the service; undefined if the service uses all addresses of the balancers. */
  readonly address?: string;
  /** The members' port; undefined if the balancer itself answers. */
  readonly memberPort?: number;
  /** The DNS names of a web site other than Exchange; undefined for Exchange itself. */
  readonly hosts?: readonly string[];
  /**
   * The servers that get the service's requests instead of the members: the servers of a web site other than
   * Exchange, or Edge servers.
   */
  readonly servers?: readonly string[];
  readonly serverPort?: number;
  /** The clients that may use the service; undefined for everyone. */
  readonly allow?: readonly string[];
  /** Parts of the service, such as `/ecp`, that have an allow list of their own. */
  readonly closed: readonly { readonly name: string; readonly allow: readonly string[] }[];
}

export interface ReviewPublication {
  /** The publication's name, such as `outlook`. */
  readonly name: string;
  /** The published paths or ports. */
  readonly what: readonly string[];
  /** The clients that may use the publication; undefined for everyone. */
  readonly allow?: readonly string[];
}

export interface ReviewCertificate {
  readonly names: readonly string[];
  /** The day on which the certificate expires; undefined if synthesis could not read it. */
  readonly expires?: string;
}
