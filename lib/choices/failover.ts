import { InstanceModel, KeepalivedModel } from "../keepalived/model";
import { invalid, wrong } from "../validation/errors";
import { BY_RULE, FLAG, Shape, checkStruct } from "../validation/shape";
import { DURATION, Duration } from "./duration";

/** Options for `Failover.fast()` and `Failover.lan()`, the profiles with VRRPv3. */
export interface FailoverOptions {
  /**
   * The time between two advertisements (`advert_int`): 10 ms to 40.95 s in steps of 10 ms (the unit of VRRPv3, RFC
   * 5798). The other node takes over if no advertisement arrives for three intervals plus Skew_Time. If the interval is
   * shorter than 100 ms, a pause of the VM (a snapshot, a live migration, a busy host) looks like a dead node.
   *
   * @default - 100 ms with `Failover.fast()`, 30 ms with `Failover.lan()`
   */
  readonly advertisementInterval?: Duration;

  /**
   * The time between two checks of haproxy, 1 to 255 whole seconds (`interval`). keepalived before 2.3 cannot check
   * more often than every second. So if the value is 1 s, the check on the node that holds the address asks haproxy
   * every 0.2 s until the next check begins, and the pair notices a hung haproxy within 0.65 s. If the value is longer
   * than 1 s, the pair notices a hung haproxy within `checkInterval` plus 0.45 s.
   *
   * @default Duration.seconds(1)
   */
  readonly checkInterval?: Duration;

  /**
   * Whether the preferred node takes its addresses back when it is healthy again. With `false`, the addresses stay on
   * the other node until the other node fails (`nopreempt`).
   *
   * @default true
   */
  readonly preempt?: boolean;

  /**
   * How long the preferred node must be healthy before it takes its addresses back, 1 to 1000 whole seconds
   * (`preempt_delay`). So if haproxy on the preferred node fails again and again, the addresses move to the other node
   * once and stay there. If the other node is down, the preferred node does not wait.
   *
   * @default Duration.seconds(10)
   */
  readonly preemptDelay?: Duration;

  /**
   * Whether advertisements are sent by multicast (224.0.0.18) instead of directly to the other node. Switches and VM
   * port groups often filter multicast.
   *
   * @default false
   */
  readonly multicast?: boolean;

  /**
   * Whether the addresses move if only the other node reaches Exchange: no Exchange server passes the health checks of
   * the node that holds the addresses, but at least one server passes the health checks of the other node. The
   * addresses move after `preemptDelay`. If no server passes the health checks of either node, the addresses stay.
   *
   * @default false
   */
  readonly yieldWithoutMembers?: boolean;

  /**
   * How many gratuitous ARP packets announce that an address has moved, 1 to 100 (`garp_master_repeat`). keepalived
   * sends the packets immediately, and sends them again after 5 s.
   *
   * @default 5
   */
  readonly garpRepeat?: number;

  /**
   * How often the node that holds the addresses announces them again, in whole seconds, up to one day
   * (`garp_master_refresh`). The announcements correct wrong entries in switches and clients, for example after a
   * paused VM has continued.
   *
   * @default Duration.minutes(1)
   */
  readonly garpRefresh?: Duration;
}

/** Options for `Failover.article()`. */
export interface ArticleFailoverOptions {
  /**
   * The VRRP password, 1 to 8 characters, because keepalived cuts longer passwords. Must be a token, because a literal
   * would be in cdk.tf.json.
   *
   * The password keeps two pairs with the same router id apart. The password does not protect against attackers, because
   * VRRP sends passwords unencrypted.
   */
  readonly authPass: string;

  /**
   * The time between two advertisements, in whole seconds (`advert_int`). The backup node takes over if no
   * advertisement arrives for three intervals plus Skew_Time.
   *
   * @default Duration.seconds(1)
   */
  readonly advertisementInterval?: Duration;

  /**
   * The time between two checks of haproxy, in whole seconds (`interval`).
   *
   * @default Duration.seconds(5)
   */
  readonly checkInterval?: Duration;
}

/**
 * For each kind of fault: how long a virtual address is unavailable at most, in milliseconds, according to the
 * intervals. Real takeovers take 10 to 60 ms longer than these computed times (measured, docs/failover.md).
 */
export interface TakeoverTimes {
  /**
   * Milliseconds until the other node takes over if keepalived is stopped, or the node shuts down and announces this to
   * the other node.
   */
  readonly planned: number;
  /** Milliseconds until the other node takes over if haproxy is stopped, is killed, or crashes. */
  readonly haproxyKilled: number;
  /** Milliseconds until the other node takes over if haproxy runs but does not answer. */
  readonly haproxyHung: number;
  /** Milliseconds until the other node takes over if the node or its link fails suddenly. */
  readonly nodeLost: number;
}

/** How VRRPv3 is set up. @internal */
export interface FastModel {
  readonly preempt: boolean;
  readonly preemptDelaySeconds: number;
  readonly multicast: boolean;
  readonly yieldWithoutMembers: boolean;
  readonly garpRepeat: number;
  readonly garpRefreshSeconds: number;
}

/** What a failover profile must know about one node of the pair to make keepalived's model for this node. @internal */
export interface FailoverContext {
  /** The first words of each check command: the program and the port on which haproxy answers. */
  readonly checkCommand: string;
  /** A file that contains 0 while haproxy runs, and 1 after haproxy has ended. */
  readonly eventFile: string;
  /** The file with the VRRP password. */
  readonly authFile: string;
  /** The other node's VRRP address. */
  readonly peer: string;
  /** Two priorities: first the preferred node's, then the other node's. */
  readonly priorities: readonly [number, number];
}

/** The part of keepalived's model that the failover profile determines. @internal */
export type FailoverModel = Pick<KeepalivedModel, "notes" | "check" | "eventFile" | "members" | "advertInt" | "vrrp"> & {
  /** The initial state of the VRRP instance on its preferred node. */
  readonly preferredState: InstanceModel["state"];
};

const FAILOVER_OPTIONS: Shape<FailoverOptions> = {
  advertisementInterval: DURATION,
  checkInterval: DURATION,
  preempt: FLAG,
  preemptDelay: DURATION,
  multicast: FLAG,
  yieldWithoutMembers: FLAG,
  garpRepeat: BY_RULE,
  garpRefresh: DURATION,
};

const ARTICLE_OPTIONS: Shape<ArticleFailoverOptions> = {
  authPass: BY_RULE,
  advertisementInterval: DURATION,
  checkInterval: DURATION,
};

/**
 * How the nodes of a pair notice that one of them has failed, and how long this takes.
 *
 * @example
 * const often = Failover.fast({ advertisementInterval: Duration.millis(500) }); // VMs that are migrated often
 * const bareMetal = Failover.lan();
 */
export class Failover {
  /**
   * VRRPv3 between the two nodes, with an advertisement every 0.1 s. This is the default. As soon as haproxy ends,
   * systemd tells keepalived. Time until clients are served again (measured, docs/failover.md): 0.1 s if haproxy dies,
   * 0.3 s if the node or its link fails, less than 0.1 s for a planned move, 0.6 s if haproxy hangs.
   *
   * VRRPv3 has no password. The firewall and keepalived accept VRRP only from the other node's address.
   *
   * @throws if an option is out of its range
   */
  public static fast(options: FailoverOptions = {}): Failover {
    return Failover.v3("Failover.fast", Duration.millis(100), options);
  }

  /**
   * The same as `fast()`, but with an advertisement every 0.03 s. Use this profile only if the LAN is quiet and the two
   * nodes are never paused: bare metal, or VMs that are neither migrated nor snapshotted while they run. Time until
   * clients are served again (measured, docs/failover.md): 0.04 s if haproxy dies, 0.08 s if the link fails, less than
   * 0.02 s for a planned move (on a quiet machine).
   *
   * @throws if an option is out of its range
   */
  public static lan(options: FailoverOptions = {}): Failover {
    return Failover.v3("Failover.lan", Duration.millis(30), options);
  }

  /**
   * VRRPv2 by multicast with a password, an advertisement every second, and a check of haproxy every 5 seconds. This is
   * the setup of the article on which this library is based (docs/article.md). Time until clients are served again
   * (measured): 4.5 s if haproxy dies, 3 s if the node dies, 0.7 s if keepalived is stopped.
   *
   * @throws if an interval is not a whole number of seconds from 1 to 255
   */
  public static article(options: ArticleFailoverOptions): Failover {
    const where = "Failover.article";
    checkStruct(where, "options", options, ARTICLE_OPTIONS);
    return new Failover(
      wholeSeconds(where, "advertisementInterval", options.advertisementInterval ?? Duration.seconds(1), 255, " (VRRPv2)") * 1000,
      wholeSeconds(where, "checkInterval", options.checkInterval ?? Duration.seconds(5), 255),
      { authPass: options.authPass },
      undefined,
    );
  }

  private static v3(where: string, interval: Duration, options: FailoverOptions): Failover {
    checkStruct(where, "options", options, FAILOVER_OPTIONS);
    const advertMillis = (options.advertisementInterval ?? interval).toMilliseconds();
    if (advertMillis % 10 !== 0 || advertMillis > 40_950) {
      throw wrong(where, "advertisementInterval", "10 ms to 40.95 s in steps of 10 ms (VRRPv3)", `${advertMillis} ms`);
    }
    const garpRepeat = options.garpRepeat ?? 5;
    if (!Number.isInteger(garpRepeat) || garpRepeat < 1 || garpRepeat > 100) {
      throw invalid(where, "garpRepeat", "an integer from 1 to 100", garpRepeat);
    }
    const preempt = options.preempt ?? true;
    const yieldWithoutMembers = options.yieldWithoutMembers ?? false;
    if (!preempt && options.preemptDelay !== undefined) {
      throw wrong(where, "preemptDelay", "left out if preempt is false", `${options.preemptDelay.toMilliseconds()} ms`);
    }
    if (!preempt && yieldWithoutMembers) {
      throw wrong(where, "yieldWithoutMembers", "false if preempt is false, because without preemption the other node cannot take the addresses from a running node", "true");
    }
    const checkSeconds = wholeSeconds(where, "checkInterval", options.checkInterval ?? Duration.seconds(1), 255);
    return new Failover(advertMillis, checkSeconds, undefined, {
      preempt,
      preemptDelaySeconds: wholeSeconds(where, "preemptDelay", options.preemptDelay ?? Duration.seconds(10), 1000),
      multicast: options.multicast ?? false,
      yieldWithoutMembers,
      garpRepeat,
      garpRefreshSeconds: wholeSeconds(where, "garpRefresh", options.garpRefresh ?? Duration.minutes(1), 86_400),
    });
  }

  private constructor(
    private readonly advertMillis: number,
    private readonly checkSeconds: number,
    /** @internal */
    public readonly _article: { readonly authPass: string } | undefined,
    /** @internal */
    public readonly _fast: FastModel | undefined,
  ) {}

  /** Translates the profile to keepalived's model for one node. @internal */
  public _toModel(at: FailoverContext): FailoverModel {
    const advertInt = String(this.advertMillis / 1000);
    const fast = this._fast;
    if (fast === undefined) {
      return {
        notes: [],
        // keepalived ends a hung check before the next check begins.
        check: { command: at.checkCommand, interval: this.checkSeconds, timeout: Math.min(3, this.checkSeconds) },
        advertInt,
        vrrp: { version: 2, authFile: at.authFile },
        preferredState: "MASTER",
      };
    }
    const [high, low] = at.priorities;
    const { planned, haproxyKilled, haproxyHung, nodeLost } = this._takeoverTimes(low);
    return {
      notes: [
        `With these intervals, the other node takes over within ${planned} ms if this node is stopped,`,
        `${haproxyKilled} ms if haproxy ends, ${nodeLost} ms if the node or its link fails, ${haproxyHung} ms if haproxy hangs.`,
      ],
      check: { command: `${at.checkCommand} ${at.eventFile}${this.asksOften ? " often" : ""}`, interval: this.checkSeconds, timeout: 2 },
      eventFile: at.eventFile,
      members: fast.yieldWithoutMembers
        ? { command: `${at.checkCommand} members`, interval: this.checkSeconds, weight: -(high - low + 1) }
        : undefined,
      advertInt,
      vrrp: {
        version: 3,
        preemptDelay: fast.preempt ? fast.preemptDelaySeconds : undefined,
        unicastPeer: fast.multicast ? undefined : at.peer,
        garpRepeat: fast.garpRepeat,
        garpRefresh: fast.garpRefreshSeconds,
      },
      // keepalived accepts preempt_delay and nopreempt only if both nodes begin as BACKUP.
      preferredState: "BACKUP",
    };
  }

  /**
   * Whether a check sends haproxy a question every 0.2 s until the next check begins. True only with VRRPv3 and a
   * `checkInterval` of 1 s. Otherwise, each check sends one question.
   */
  private get asksOften(): boolean {
    return this._fast !== undefined && this.checkSeconds === 1;
  }

  /** The default priorities of the master and the backup node. @internal */
  public get _priorities(): readonly [number, number] {
    // A higher priority makes the backup node take over sooner (shorter Skew_Time), so both priorities are high.
    // Failover.article() keeps the article's priorities.
    return this._fast === undefined ? [100, 75] : [250, 240];
  }

  /** @internal */
  public _takeoverTimes(backupPriority: number): TakeoverTimes {
    // The unit of Skew_Time is 1/256 s in RFC 3768, and 1/256 of the advertisement interval in RFC 5798.
    const skew = ((256 - backupPriority) * (this._fast === undefined ? 1000 : this.advertMillis)) / 256;
    const hung = (this.asksOften ? OFTEN_MILLIS : this.checkSeconds * 1000) + PATIENCE_MILLIS + skew;
    const ms = Math.ceil;
    return {
      planned: ms(skew),
      haproxyKilled: ms(this._fast === undefined ? this.checkSeconds * 1000 + skew : skew),
      haproxyHung: ms(hung),
      nodeLost: ms(3 * this.advertMillis + skew),
    };
  }
}

/** How long haproxy-check waits for haproxy's answer, in milliseconds. */
const PATIENCE_MILLIS = 450;

/** The time between two questions to haproxy if haproxy-check has the argument `often`, in milliseconds. */
const OFTEN_MILLIS = 200;

function wholeSeconds(where: string, prop: string, value: Duration, max: number, why = ""): number {
  const seconds = value.toMilliseconds() / 1000;
  if (!Number.isInteger(seconds) || seconds > max) {
    throw wrong(where, prop, `a whole number of seconds from 1 to ${max}${why}`, `${value.toMilliseconds()} ms`);
  }
  return seconds;
}
