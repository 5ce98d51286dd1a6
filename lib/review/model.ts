/**
 * What a reviewer wants to know of a balancer before its configuration: who reaches what through which addresses.
 * Every text is as Terraform will read it; where Terraform fills in a value, it is the expression.
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
  readonly members: readonly ReviewMember[];
  readonly services: readonly ReviewService[];
  /** What a border proxy publishes; none: it is a balancer. Its members are what stands inside. */
  readonly published?: readonly ReviewPublication[];
  /** The name servers that HAProxy asks itself. */
  readonly nameServers: readonly string[];
  /** Where log lines are sent to; none: to no other host. */
  readonly logServer?: { readonly address: string; readonly port: number; readonly tcp: boolean };
  readonly certificates: readonly ReviewCertificate[];
  /** How long the address is away at most, by what happens, in milliseconds; none for a node without a pair. */
  readonly takeover?: {
    readonly planned: number;
    readonly haproxyKilled: number;
    readonly haproxyHung: number;
    readonly nodeLost: number;
  };
  readonly warnings: readonly string[];
}

export interface AddressGroup {
  /** The VRRP instance. */
  readonly name: string;
  readonly routerId: number;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** The role of the node that holds them while both are well. */
  readonly holder: string;
}

export interface ReviewNode {
  /** Its role, such as `Master`. */
  readonly role: string;
  readonly host: string;
  readonly system: string;
  readonly sshPort: number;
  /** Where it speaks VRRP from; none for a node without a pair. */
  readonly vrrpAddress?: string;
  /** Where it asks the holder of the virtual addresses which configuration it serves; none for a node without a pair. */
  readonly pairPort?: number;
  /** Its metrics port, and who may read it; none where it is not monitored. */
  readonly metrics?: { readonly address: string; readonly port: number; readonly allow: readonly string[] };
}

export interface ReviewMember {
  readonly name: string;
  readonly host: string;
  readonly weight: number;
  readonly state: string;
}

export interface ReviewService {
  /** Such as `HTTPS` or `smtp`. */
  readonly name: string;
  readonly port: number;
  /** The address that clients reach it by; none: all of the balancers'. */
  readonly address?: string;
  /** The members' port; none where the balancer answers itself. */
  readonly memberPort?: number;
  /** The names that lead to it, where it is another web site than Exchange, and its own servers. */
  readonly hosts?: readonly string[];
  /** The hosts that it goes to in place of the members: another web site's, or Edge servers. */
  readonly servers?: readonly string[];
  readonly serverPort?: number;
  /** Who may use it; none: everyone. */
  readonly allow?: readonly string[];
  /** Parts of it that have a list of their own, such as `/ecp`. */
  readonly closed: readonly { readonly name: string; readonly allow: readonly string[] }[];
}

export interface ReviewPublication {
  /** What it is for, such as `outlook`. */
  readonly name: string;
  /** The paths or ports. */
  readonly what: readonly string[];
  /** Who may use it; none: everyone. */
  readonly allow?: readonly string[];
}

export interface ReviewCertificate {
  readonly names: readonly string[];
  /** The day on which it ends; none where it could not be read at synthesis. */
  readonly expires?: string;
}
