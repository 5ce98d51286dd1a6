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

  /**
   * Whether it takes new sessions.
   *
   * @default MemberState.READY
   */
  readonly state?: MemberState;

  /**
   * Whether it serves only while no other member does: for the members of a second site. All such
   * members then share the sessions, and give them back as soon as another member is up. To hold
   * them there until somebody says otherwise, set the others' `state` to `drain`.
   *
   * @default false
   */
  readonly backup?: boolean;

  /**
   * The name that its certificate must carry. May be a token. With an address as
   * `host` the balancers need no DNS at all.
   *
   * @default - the first of `clientNames`
   */
  readonly verifyName?: string;
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
   * (`inter`): from 100 ms to 1 hour. In all modes, and for each mail protocol.
   *
   * A member that refuses, answers another status than 200 or presents a wrong
   * certificate leaves rotation within healthCheckInterval + (healthCheckFall - 1) x
   * healthCheckFastInterval, 19 s by default. One that stays mute leaves it within
   * that time + healthCheckFall x `HaproxyTimeouts.check`, 49 s by default. It is back
   * within healthCheckInterval + (healthCheckRise - 1) x healthCheckFastInterval after
   * it healed, 17 s by default (and a mute check that was under way).
   *
   * @default Duration.seconds(15)
   */
  readonly healthCheckInterval?: Duration;

  /**
   * The same while a member is on its way up or down (`fastinter`).
   *
   * @default - 2 s, or `healthCheckInterval` where that is shorter
   */
  readonly healthCheckFastInterval?: Duration;

  /**
   * How many checks in a row must fail before a member gets nothing more (`fall`): from 1 to 100.
   *
   * @default 3
   */
  readonly healthCheckFall?: number;

  /**
   * How many checks in a row must succeed before a member is back (`rise`): from 1 to 100.
   *
   * @default 2
   */
  readonly healthCheckRise?: number;

  /**
   * Name servers that HAProxy itself asks for members whose `host` is a name, while
   * it runs: IPv4 or IPv6 addresses, which may be tokens. It then starts with DNS
   * dead (up to HAProxy 2.4 not without a route to them), and takes each member in as soon
   * as its name is answered; an address that was once answered is kept when DNS dies,
   * until the next reload.
   *
   * @default - the system looks names up, once, at HAProxy's start, which fails
   * where it cannot. Addresses as `host` need neither.
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
  /** The same while a member is on its way up or down. */
  public readonly healthCheckFastInterval: Duration;
  /** How many checks in a row must fail. */
  public readonly healthCheckFall: number;
  /** How many checks in a row must succeed. */
  public readonly healthCheckRise: number;
  /** The name servers that HAProxy itself asks. */
  public readonly nameServers: string[];
  /** @internal */
  public readonly _checks: Checks;
  /** Set where the members are what stands behind a border proxy. @internal */
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
    this._checks.list("virtualDirectories", this.virtualDirectories, 1, 100, "at least one (leave it out for the article's eight)");
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

  /** Each service is reached by a port or an address of its own. */
  private checkPlaces(): void {
    const everywhere = this.mailProtocols.filter(({ _address: address }) => address === undefined);
    this._checks.different("mailProtocols' port", ["80", "443", ...everywhere.map(({ port }) => String(port))]);
    this.mailProtocols.forEach(({ port, _address: address }, index) => {
      if (address === undefined) return;
      this._checks.text(`mailProtocols[${index}].address`, address, SERVED_ADDRESS);
      if (port === 80 || port === 443) throw invalid(this.node.path, `mailProtocols[${index}].port`, "another than 80 and 443, which are HTTPS's", port);
    });
    for (const port of new Set(this.mailProtocols.map((protocol) => protocol.port))) {
      this._checks.different(`address of the mailProtocols on port ${port}`, this.mailProtocols.flatMap(({ port: own, _address: address }) => (own === port && address !== undefined ? [address] : [])), SAME_HOST);
    }
  }

  private checkClientNames(names: string[]): string[] {
    this._checks.list("clientNames", names, 1, 100, "1 to 100 DNS names");
    return names.map((name, index) => this._checks.text(`clientNames[${index}]`, name, DNS_NAME));
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
