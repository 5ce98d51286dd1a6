import { Construct } from "constructs";
import type { BorderSide } from "./border/side";
import { Checks } from "./validation/checks";
import { invalid, wrong } from "./validation/errors";
import { ADDRESS, CONFIG_NAME, DNS_NAME, OTHER_HOST, SERVED_ADDRESS } from "./validation/rules";
import { ANY_CASE, SAME_HOST } from "./validation/sameness";
import { BY_RULE, checkStruct, choice, FLAG, instanceOf, listOf, required, Shape, struct } from "./validation/shape";
import { DURATION, Duration } from "./choices/duration";
import { checkAllowList } from "./choices/allow-lists";
import { MailProtocol } from "./choices/mail-protocol";
import { MemberState } from "./choices/member-state";
import { VirtualDirectory } from "./choices/virtual-directory";

/** One Exchange server of the DAG. */
export interface DagMember {
  /**
   * The member's name in haproxy.cfg, logs and statistics. May be a token.
   */
  readonly name: string;

  /**
   * The DNS name or IP address that the balancers use to connect to the member. With an IP address, HAProxy can start
   * without DNS. May be a token.
   */
  readonly host: string;

  /**
   * The member's share of the sessions in relation to the other members' weights, from 0 (no sessions) to 256. If two
   * members have the weights 75 and 25, the first member gets three quarters of the sessions.
   *
   * @default 100
   */
  readonly weight?: number;

  /**
   * Whether the member gets new sessions.
   *
   * @default MemberState.READY
   */
  readonly state?: MemberState;

  /**
   * Whether the member serves only while all members without `backup: true` are down. Use this for the members of a
   * second site. If several members have `backup: true`, they share the sessions. As soon as a member without `backup:
   * true` is up again, HAProxy ends the sessions of the members with `backup: true`. To keep the sessions at the second
   * site, set the `state` of the members without `backup: true` to `MemberState.DRAIN`.
   *
   * @default false
   */
  readonly backup?: boolean;

  /**
   * The DNS name that the member's certificate must contain. May be a token.
   *
   * @default - the first of `clientNames`
   */
  readonly verifyName?: string;
}

/** Properties of `ExchangeDag`. */
export interface ExchangeDagProps {
  /**
   * The DNS names that clients use for Exchange, such as `mail.mydomain.local` and `autodiscover.mydomain.local`. The
   * members' certificate must contain the first name. May be tokens.
   */
  readonly clientNames: string[];

  /**
   * The members of the DAG, 1 to 16 (Exchange's own limit).
   */
  readonly members: DagMember[];

  /**
   * The virtual directories that HAProxy serves with SSL bridging and offloading. HAProxy refuses requests for other
   * directories. In TCP mode, HAProxy cannot see paths, so clients reach all directories.
   *
   * @default - autodiscover, mapi, rpc, owa, activeSync, ecp, ews, oab
   */
  readonly virtualDirectories?: VirtualDirectory[];

  /**
   * The mail protocols that are served beside HTTPS.
   *
   * @default - smtp (25) and imap (143)
   */
  readonly mailProtocols?: MailProtocol[];

  /**
   * The time between two health checks of a member (`inter`), from 100 ms to 1 hour. The interval applies to each
   * virtual directory and each mail protocol. HAProxy notices a change of a member after these times:
   *
   * - The member refuses connections, answers with a status other than 200, or presents a wrong
   *   certificate: it gets no more sessions after at most healthCheckInterval + (healthCheckFall - 1) x
   *   healthCheckFastInterval, 19 s by default.
   * - The member does not answer: it gets no more sessions after at most healthCheckInterval + (healthCheckFall - 1) x
   *   healthCheckFastInterval + healthCheckFall x `HaproxyTimeouts.check`, 49 s by default.
   * - The member is healthy again: it gets sessions after at most healthCheckInterval + (healthCheckRise - 1) x
   *   healthCheckFastInterval, 17 s by default, plus the remaining time of a check that still waits for an answer.
   *
   * A check must connect and finish its TLS handshake within healthCheckInterval. With an interval of 1 s, HAProxy can
   * mark all members down at the same time, although they are only busy and still serve.
   *
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;

  /**
   * The time between two health checks while HAProxy is about to mark a member up or down (`fastinter`).
   *
   * @default - 2 s, or `healthCheckInterval` if that is shorter
   */
  readonly healthCheckFastInterval?: Duration;

  /**
   * How many checks in a row must fail before a member is down (`fall`), from 1 to 100.
   *
   * @default 3
   */
  readonly healthCheckFall?: number;

  /**
   * How many checks in a row must succeed before a member is up again (`rise`), from 1 to 100.
   *
   * @default 2
   */
  readonly healthCheckRise?: number;

  /**
   * The IPv4 or IPv6 addresses of the name servers that HAProxy asks while it runs. HAProxy asks them for the members
   * whose `host` is a DNS name. May be tokens.
   *
   * If this prop is set, HAProxy starts even if DNS is down, and uses each member as soon as the member's name resolves.
   * (Up to HAProxy 2.4, the start needs a route to the name servers.) If DNS fails later, HAProxy keeps the members'
   * known addresses until the next reload.
   *
   * @default - none: the system resolves the names once, when HAProxy starts. The start fails if DNS is down. Members
   * with an IP address as `host` need no DNS
   */
  readonly nameServers?: string[];
}

const DAG_MEMBER: Shape<DagMember> = {
  name: BY_RULE,
  host: BY_RULE,
  weight: BY_RULE,
  state: choice(MemberState),
  backup: FLAG,
  verifyName: BY_RULE,
};

const EXCHANGE_DAG: Shape<ExchangeDagProps> = {
  clientNames: BY_RULE,
  members: required(listOf(struct(DAG_MEMBER))),
  virtualDirectories: listOf(instanceOf("a VirtualDirectory, such as VirtualDirectory.owa()", VirtualDirectory)),
  mailProtocols: listOf(instanceOf("a MailProtocol, such as MailProtocol.smtp()", MailProtocol)),
  healthCheckInterval: DURATION,
  healthCheckFastInterval: DURATION,
  healthCheckFall: BY_RULE,
  healthCheckRise: BY_RULE,
  nameServers: BY_RULE,
};

/**
 * A DAG as the balancers see it: its members (Exchange servers), the DNS names that clients use for Exchange, and the
 * services to balance. The construct creates no Terraform resource.
 *
 * @throws if a name, host, weight or the number of members is invalid
 * @example
 * new ExchangeDag(this, "Dag", {
 *   clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
 *   members: [
 *     { name: "exch01", host: "10.12.8.21" },
 *     { name: "exch02", host: "10.12.8.22", state: MemberState.DRAIN },
 *   ],
 * });
 */
export class ExchangeDag extends Construct {
  /** The DNS names that clients use for Exchange. */
  public readonly clientNames: string[];
  /** The members, in the same order as in haproxy.cfg. */
  public readonly members: DagMember[];
  /** The virtual directories that are served. */
  public readonly virtualDirectories: VirtualDirectory[];
  /** The mail protocols that are served beside HTTPS. */
  public readonly mailProtocols: MailProtocol[];
  /** The time between two health checks of a member. */
  public readonly healthCheckInterval: Duration;
  /** The time between two health checks while HAProxy is about to mark a member up or down. */
  public readonly healthCheckFastInterval: Duration;
  /** How many checks in a row must fail before a member is down. */
  public readonly healthCheckFall: number;
  /** How many checks in a row must succeed before a member is up again. */
  public readonly healthCheckRise: number;
  /** The name servers that HAProxy asks while it runs. */
  public readonly nameServers: string[];
  /** @internal */
  public readonly _checks: Checks;
  /**
   * Set if the construct `BorderProxy` created this object. `members` are then the servers behind the border proxy.
   * @internal
   */
  public _border: BorderSide | undefined;

  public constructor(scope: Construct, id: string, props: ExchangeDagProps) {
    super(scope, id);
    checkStruct(this.node.path, "props", props, EXCHANGE_DAG);
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
    this._checks.list("virtualDirectories", this.virtualDirectories, 1, 100, "at least one directory (leave the prop out to get the eight default directories)");
    this._checks.different("virtualDirectories", this.virtualDirectories.map(({ name }) => name));
    this._checks.different("virtualDirectories' path", this.virtualDirectories.map(({ path }) => path), ANY_CASE);
    this.mailProtocols = props.mailProtocols ?? [MailProtocol.smtp(), MailProtocol.imap()];
    this._checks.list("mailProtocols", this.mailProtocols, 0, 100, "at most 100");
    this._checks.different("mailProtocols' port or role", this.mailProtocols.map(({ name }) => name));
    this.checkPlaces();
    this.virtualDirectories.forEach(({ _allow: list }, index) => this.checkList(`virtualDirectories[${index}].allow`, list));
    this.mailProtocols.forEach(({ _allow: list }, index) => this.checkList(`mailProtocols[${index}].allow`, list));
    this.healthCheckInterval = props.healthCheckInterval ?? Duration.seconds(15);
    this._checks.millis("healthCheckInterval", this.healthCheckInterval.toMilliseconds(), 100, 3_600_000);
    const fast = Math.min(2000, this.healthCheckInterval.toMilliseconds());
    this.healthCheckFastInterval = props.healthCheckFastInterval ?? Duration.millis(fast);
    this._checks.millis("healthCheckFastInterval", this.healthCheckFastInterval.toMilliseconds(), 100, 3_600_000);
    this.healthCheckFall = this._checks.integer("healthCheckFall", props.healthCheckFall ?? 3, 1, 100);
    this.healthCheckRise = this._checks.integer("healthCheckRise", props.healthCheckRise ?? 2, 1, 100);
    this._checks.list("nameServers", props.nameServers ?? [], 0, 10, "at most 10 addresses");
    this.nameServers = (props.nameServers ?? []).map((address, index) => this._checks.text(`nameServers[${index}]`, address, ADDRESS));
  }

  private checkList(prop: string, list: string[] | undefined): void {
    if (list !== undefined) checkAllowList(this, this._checks, prop, list);
  }

  /** Checks that no two services use the same port on the same address. */
  private checkPlaces(): void {
    const everywhere = this.mailProtocols.filter(({ _address: address }) => address === undefined);
    this._checks.different("mailProtocols' port", ["80", "443", ...everywhere.map(({ port }) => String(port))]);
    this.mailProtocols.forEach(({ port, _address: address }, index) => {
      if (address === undefined) return;
      this._checks.text(`mailProtocols[${index}].address`, address, SERVED_ADDRESS);
      if (port === 80 || port === 443) throw invalid(this.node.path, `mailProtocols[${index}].port`, "a port other than 80 and 443, which the balancer uses for HTTP and HTTPS", port);
    });
    for (const port of new Set(this.mailProtocols.map((protocol) => protocol.port))) {
      this._checks.different(`mailProtocols' address on port ${port}`, this.mailProtocols.flatMap(({ port: own, _address: address }) => (own === port && address !== undefined ? [address] : [])), SAME_HOST);
    }
  }

  private checkClientNames(names: string[]): string[] {
    this._checks.list("clientNames", names, 1, 100, "1 to 100 DNS names");
    const checked = names.map((name, index) => this._checks.text(`clientNames[${index}]`, name, DNS_NAME));
    this._checks.different("clientNames", checked, ANY_CASE);
    return checked;
  }

  private checkMembers(members: DagMember[]): DagMember[] {
    this._checks.list("members", members, 1, 16, "1 to 16 Exchange servers (the limit of a DAG)");
    const checked = members.map(({ name, host, weight, state, verifyName, backup }, index) => {
      return {
        name: this._checks.text(`members[${index}].name`, name, CONFIG_NAME),
        host: this._checks.text(`members[${index}].host`, host, OTHER_HOST),
        weight: this._checks.integer(`members[${index}].weight`, weight ?? 100, 0, 256),
        state: state ?? MemberState.READY,
        backup: backup ?? false,
        verifyName: verifyName === undefined ? this.clientNames[0] : this._checks.text(`members[${index}].verifyName`, verifyName, DNS_NAME),
      };
    });
    this._checks.different("members' name", checked.map(({ name }) => name), ANY_CASE);
    this._checks.different("members' host", checked.map(({ host }) => host), SAME_HOST);
    if (checked.every(({ weight }) => weight === 0)) {
      throw wrong(this.node.path, "members' weight", "above 0 for at least one member", "0 for all");
    }
    if (checked.every(({ backup }) => backup)) {
      throw wrong(this.node.path, "members' backup", "false for at least one member", "true for all");
    }
    if (!checked.some(({ weight, state }) => weight > 0 && state === MemberState.READY)) {
      throw wrong(this.node.path, "members' state", "ready for at least one member whose weight is above 0", checked.map(({ state }) => state).join(", "));
    }
    return checked;
  }
}
