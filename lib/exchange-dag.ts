import { Token } from "cdktf";
import { Construct } from "constructs";
import { CONFIG_NAME, Checks, DNS_NAME, HOST, invalid, wrong } from "./checks";
import { Duration } from "./duration";
import { MailProtocol } from "./mail-protocol";
import { VirtualDirectory } from "./virtual-directory";

/** One Exchange server of the DAG. */
export interface DagMember {
  /**
   * Its name in haproxy.cfg, in logs and in statistics. May be a token.
   */
  readonly name: string;

  /**
   * The DNS name or the IP address that the balancers reach it by. May be a
   * token. An address spares the balancers the need for DNS at their start.
   */
  readonly host: string;

  /**
   * Its share of the sessions, in relation to the other members' weights, from 0
   * (gets none) to 256. The article's two members have 75 and 25.
   *
   * @default 100
   */
  readonly weight?: number;
}

/** Properties of `ExchangeDag`. */
export interface ExchangeDagProps {
  /**
   * The names by which clients reach Exchange, such as `mail.mydomain.local` and
   * `autodiscover.mydomain.local`. The members' certificate must carry the first
   * one. May be tokens.
   */
  readonly clientNames: string[];

  /**
   * The DAG's members, 1 to 16 (Exchange's own limit).
   */
  readonly members: DagMember[];

  /**
   * The virtual directories that are served with SSL bridging; requests for
   * others are refused. In TCP mode no request is read, so all are reachable.
   *
   * @default - the article's: autodiscover, mapi, rpc, owa, activeSync, ecp, ews, oab
   */
  readonly virtualDirectories?: VirtualDirectory[];

  /**
   * The mail protocols that are served beside HTTPS.
   *
   * @default - the article's: smtp (25) and imap (143)
   */
  readonly mailProtocols?: MailProtocol[];

  /**
   * How often a member's virtual directory is asked for its health
   * (`inter`), with SSL bridging.
   *
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;
}

/**
 * The Exchange side: who the members are, by which names clients call them, and
 * what of them is served. It makes no resource of its own.
 *
 * @throws if a name, host, weight or the number of members is not as its prop says
 */
export class ExchangeDag extends Construct {
  /** The names by which clients reach Exchange. */
  public readonly clientNames: string[];
  /** The members, in the order of the config. */
  public readonly members: DagMember[];
  /** The virtual directories that are served. */
  public readonly virtualDirectories: VirtualDirectory[];
  /** The mail protocols that are served beside HTTPS. */
  public readonly mailProtocols: MailProtocol[];
  /** How often a member's virtual directory is asked for its health. */
  public readonly healthCheckInterval: Duration;
  /** @internal */
  public readonly _checks: Checks;

  public constructor(scope: Construct, id: string, props: ExchangeDagProps) {
    super(scope, id);
    this._checks = Checks.of(this);
    this.clientNames = this.checkClientNames(props.clientNames);
    this.members = this.checkMembers(props.members);
    this.virtualDirectories = props.virtualDirectories ?? [
      VirtualDirectory.autodiscover(),
      VirtualDirectory.mapi(),
      VirtualDirectory.rpc(),
      VirtualDirectory.owa(),
      VirtualDirectory.activeSync(),
      VirtualDirectory.ecp(),
      VirtualDirectory.ews(),
      VirtualDirectory.oab(),
    ];
    if (this.virtualDirectories.length === 0) {
      throw wrong(this.node.path, "virtualDirectories", "at least one (leave it out for the article's eight)", "none");
    }
    this.unique("virtualDirectories", this.virtualDirectories.map(({ name }) => name));
    this.mailProtocols = props.mailProtocols ?? [MailProtocol.smtp(), MailProtocol.imap()];
    this.unique("mailProtocols", this.mailProtocols.map(({ name }) => name));
    this.unique("mailProtocols' port", [...this.mailProtocols.map(({ port }) => String(port)), "80", "443"]);
    this.healthCheckInterval = props.healthCheckInterval ?? Duration.seconds(15);
  }

  private checkClientNames(names: string[]): string[] {
    this.wholeList("clientNames", names);
    if (names.length === 0) throw wrong(this.node.path, "clientNames", "at least one DNS name", "none");
    return names.map((name, index) => this._checks.text(`clientNames[${index}]`, name, DNS_NAME));
  }

  private checkMembers(members: DagMember[]): DagMember[] {
    this.wholeList("members", members);
    if (members.length < 1 || members.length > 16) {
      throw wrong(this.node.path, "members", "1 to 16 Exchange servers (the limit of a DAG)", `${members.length}`);
    }
    const checked = members.map(({ name, host, weight }, index) => ({
      name: this._checks.text(`members[${index}].name`, name, CONFIG_NAME),
      host: this._checks.text(`members[${index}].host`, host, HOST),
      weight: this._checks.integer(`members[${index}].weight`, weight ?? 100, 0, 256),
    }));
    this.unique("members' name", checked.map(({ name }) => name));
    this.unique("members' host", checked.map(({ host }) => host));
    if (checked.every(({ weight }) => weight === 0)) {
      throw wrong(this.node.path, "members' weight", "above 0 for at least one member", "0 for all");
    }
    return checked;
  }

  /** A list as a whole may be no token: how long it is decides the config's structure. */
  private wholeList(prop: string, list: unknown): void {
    if (Token.isUnresolved(list) && !Array.isArray(list)) {
      throw invalid(this.node.path, prop, "a list whose length is known at synthesis; its entries may be tokens", list);
    }
  }

  private unique(prop: string, values: readonly string[]): void {
    const known = values.filter((value) => !Token.isUnresolved(value)).map((value) => value.toLowerCase());
    const twice = known.find((value, index) => known.indexOf(value) !== index);
    if (twice !== undefined) throw wrong(this.node.path, prop, "different for each entry", `${twice} twice`);
  }
}
