import { AllowModel, VirtualDirectoryModel } from "../haproxy/model";
import { invalid } from "../validation/errors";
import { DIRECTORY_PATH, HEALTH_PATH } from "../validation/rules";
import { BY_RULE, Shape, checkStruct, choice } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/** Options for the factories of `VirtualDirectory`. */
export interface VirtualDirectoryOptions {
  /**
   * How HAProxy distributes requests over the members.
   *
   * @default - `SOURCE` for autodiscover, mapi, rpc and ews, `ROUNDROBIN` for the other directories
   */
  readonly balance?: Balance;

  /**
   * How long a member may take to answer (`timeout server`).
   *
   * @default - autodiscover: 30 s. mapi: 2 min, because Exchange sends a sign of life every 30 s (X-PendingPeriod,
   * MS-OXCMAPIHTTP). activeSync: 60 min, because its heartbeats last up to 59 min (Exchange's web.config). ews: 35 min,
   * because its notification streams last up to 30 min. Other directories: `HaproxyTimeouts.server`
   */
  readonly serverTimeout?: Duration;

  /**
   * How long HAProxy waits for a connection to a member (`timeout connect`).
   *
   * @default - 4 s for autodiscover and mapi; `HaproxyTimeouts.connect` for the other directories
   */
  readonly connectTimeout?: Duration;

  /**
   * The health page of the directory. The directory is healthy on a member if the page answers 200.
   *
   * @default - `healthcheck.htm` in the directory, the page of Managed Availability. (For `/PowerShell` and for
   * directories from `of()`, no documentation of this page was found.)
   */
  readonly healthPath?: string;

  /**
   * The clients that may use the directory: IP addresses and CIDR networks. Other clients get 403. Do not set this prop
   * in TCP mode. An entry may be a token, and the whole list may be a token. For `/ecp` and `/owa`, this list replaces
   * `AllowLists.ecp` and `AllowLists.owa`; `0.0.0.0/0` and `::/0` mean everyone.
   *
   * @default - everyone; for the admin center and for `/PowerShell`, synthesis warns
   */
  readonly allow?: string[];
}

const OPTIONS: Shape<VirtualDirectoryOptions> = {
  balance: choice(Balance),
  serverTimeout: DURATION,
  connectTimeout: DURATION,
  healthPath: BY_RULE,
  allow: BY_RULE,
};

/**
 * A virtual directory of Exchange's IIS. Each directory has its own backend in HAProxy. So if a directory fails on a
 * member, the member's other directories stay in service.
 *
 * HAProxy serves only the directories in `ExchangeDagProps.virtualDirectories`.
 *
 * @example
 * const virtualDirectories = [VirtualDirectory.owa(), VirtualDirectory.mapi({ serverTimeout: Duration.minutes(5) }), VirtualDirectory.of("/API")];
 */
export class VirtualDirectory {
  /** `/Autodiscover`: Outlook and phones find their settings here. */
  public static autodiscover(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("autodiscover", "autodiscover", "/Autodiscover", "/Autodiscover/HealthCheck.htm", options, {
      balance: Balance.SOURCE,
      serverTimeout: TIMEOUTS.autodiscover,
      connectTimeout: TIMEOUTS.quickConnect,
    });
  }

  /** `/mapi`: MAPI over HTTP, for current Outlook versions. */
  public static mapi(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("mapi", "mapi", "/mapi", "/mapi/healthcheck.htm", options, {
      balance: Balance.SOURCE,
      serverTimeout: TIMEOUTS.mapi,
      connectTimeout: TIMEOUTS.quickConnect,
    });
  }

  /** `/rpc`: RPC over HTTP (Outlook Anywhere), for Outlook before 2013 SP1. */
  public static rpc(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("rpc", "rpc", "/rpc", "/rpc/healthcheck.htm", options, { balance: Balance.SOURCE });
  }

  /** `/owa`: Outlook on the web. Requests for `/` also go to this directory. */
  public static owa(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("owa", "owa", "/owa", "/owa/healthcheck.htm", options);
  }

  /** `/Microsoft-Server-ActiveSync`: ActiveSync, for phones. */
  public static activeSync(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory(
      "activeSync",
      "eas",
      "/Microsoft-Server-ActiveSync",
      "/microsoft-server-activesync/healthcheck.htm",
      options,
      { serverTimeout: TIMEOUTS.activeSync },
    );
  }

  /** `/ecp`: the Exchange admin center, and the settings pages of Outlook on the web. */
  public static ecp(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("ecp", "ecp", "/ecp", "/ecp/healthcheck.htm", options);
  }

  /** `/EWS`: Exchange Web Services. */
  public static ews(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("ews", "ews", "/EWS", "/ews/healthcheck.htm", options, {
      balance: Balance.SOURCE,
      serverTimeout: TIMEOUTS.ews,
    });
  }

  /** `/OAB`: the offline address book. */
  public static oab(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("oab", "oab", "/OAB", "/oab/healthcheck.htm", options);
  }

  /** `/PowerShell`: remote administration. By default, this directory is not served. */
  public static powerShell(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("powerShell", "powershell", "/PowerShell", "/powershell/healthcheck.htm", options);
  }

  /**
   * Another directory at the root of Exchange's web site, such as `/API` (REST). If the directory has its own factory,
   * such as `ecp()` for `/ecp`, the result is the same as from that factory.
   *
   * @param path the directory: one path segment, such as `/API` (upper and lower case make no difference)
   * @throws if `path` or the path of the health page is invalid
   */
  public static of(path: string, options: VirtualDirectoryOptions = {}): VirtualDirectory {
    if (typeof path !== "string" || !DIRECTORY_PATH.test(path)) throw invalid("VirtualDirectory.of", "path", DIRECTORY_PATH.expected, path);
    const factory = Object.entries(FACTORIES).find(([known]) => known === path.toLowerCase())?.[1];
    if (factory !== undefined) return factory(options);
    // With the prefix dir_, the name differs from all other names of sections and ACLs.
    return new VirtualDirectory("of", `dir_${path.slice(1).toLowerCase()}`, path, `${path}/healthcheck.htm`, options);
  }

  private constructor(
    factory: string,
    /**
     * The directory's short name, such as `owa`. The name of the directory's backend in haproxy.cfg ends with this
     * short name.
     */
    public readonly name: string,
    /** The directory's path in IIS. */
    public readonly path: string,
    healthPath: string,
    options: VirtualDirectoryOptions,
    defaults: VirtualDirectoryOptions = {},
  ) {
    const where = `VirtualDirectory.${factory}`;
    checkStruct(where, "options", options, OPTIONS);
    this.healthPath = options.healthPath === undefined ? healthPath : options.healthPath;
    if (typeof this.healthPath !== "string" || !HEALTH_PATH.test(this.healthPath)) {
      throw invalid(where, "healthPath", HEALTH_PATH.expected, this.healthPath);
    }
    this.balance = options.balance ?? defaults.balance ?? Balance.ROUNDROBIN;
    this.serverTimeout = options.serverTimeout ?? defaults.serverTimeout;
    this.connectTimeout = options.connectTimeout ?? defaults.connectTimeout;
    this._allow = options.allow;
  }

  /** The directory's own allow list, as the user gave it. If undefined, `AllowLists` applies. @internal */
  public readonly _allow: string[] | undefined;

  private readonly healthPath: string;
  private readonly balance: Balance;
  private readonly serverTimeout: Duration | undefined;
  private readonly connectTimeout: Duration | undefined;

  /** Makes HAProxy's model of the directory. `allow` is the directory's allow list, if there is one. @internal */
  public _toModel(allow: AllowModel | undefined): VirtualDirectoryModel {
    return {
      name: this.name,
      path: this.path,
      healthPath: this.healthPath,
      balance: BALANCE_MODEL[this.balance],
      serverTimeout: this.serverTimeout?._toHaproxy(),
      connectTimeout: this.connectTimeout?._toHaproxy(),
      allow,
      // Requests for `/` go to Outlook on the web.
      root: this.name === "owa",
    };
  }
}

/** The factory for each known directory, by the directory's path in lower case. */
const FACTORIES: Readonly<Record<string, (options: VirtualDirectoryOptions) => VirtualDirectory>> = {
  "/autodiscover": (options) => VirtualDirectory.autodiscover(options),
  "/mapi": (options) => VirtualDirectory.mapi(options),
  "/rpc": (options) => VirtualDirectory.rpc(options),
  "/owa": (options) => VirtualDirectory.owa(options),
  "/microsoft-server-activesync": (options) => VirtualDirectory.activeSync(options),
  "/ecp": (options) => VirtualDirectory.ecp(options),
  "/ews": (options) => VirtualDirectory.ews(options),
  "/oab": (options) => VirtualDirectory.oab(options),
  "/powershell": (options) => VirtualDirectory.powerShell(options),
};
