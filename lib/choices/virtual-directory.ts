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
   * How requests are distributed over the members.
   *
   * @default - `SOURCE` for autodiscover, mapi, rpc and ews, `ROUNDROBIN` for the others
   */
  readonly balance?: Balance;

  /**
   * How long a member may take to answer (`timeout server`).
   *
   * @default - 30 s for autodiscover; 2 min for mapi, where Exchange sends a sign of life
   * every 30 s (X-PendingPeriod, MS-OXCMAPIHTTP); 60 min for ActiveSync, whose heartbeats last
   * up to 59 min (Exchange's web.config); 35 min for ews, whose notification streams last up to
   * 30 min; for the others `HaproxyTimeouts.server`
   */
  readonly serverTimeout?: Duration;

  /**
   * How long the connection to a member may take (`timeout connect`).
   *
   * @default - 4 s for autodiscover and mapi; for the others `HaproxyTimeouts.connect`
   */
  readonly connectTimeout?: Duration;

  /**
   * The page by which a member's directory is checked. It is healthy if the page answers 200.
   *
   * @default - `healthcheck.htm` in the directory, where Managed Availability has it. No
   * documentation was found that `/PowerShell` and directories by `of` have one
   */
  readonly healthPath?: string;

  /**
   * The clients that may use the directory, with SSL bridging and offloading: IP addresses and
   * CIDR networks. Others get 403. Each entry may be a token, and so may the whole list. For
   * `/ecp` and `/owa` it replaces `AllowLists.ecp` and `AllowLists.owa`; `0.0.0.0/0` and `::/0` mean everyone.
   *
   * @default - everyone, with a warning for the admin center and for `/PowerShell`
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
 * A virtual directory of Exchange's IIS. Each has a backend of its own, so if one fails on a
 * member, the member's other directories stay in service.
 *
 * Only directories in `ExchangeDagProps.virtualDirectories` are served.
 *
 * @example
 * const virtualDirectories = [VirtualDirectory.owa(), VirtualDirectory.mapi({ serverTimeout: Duration.minutes(5) }), VirtualDirectory.of("/API")];
 */
export class VirtualDirectory {
  /** `/Autodiscover`: how Outlook and phones find their settings. */
  public static autodiscover(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("autodiscover", "autodiscover", "/Autodiscover", "/Autodiscover/HealthCheck.htm", options, {
      balance: Balance.SOURCE,
      serverTimeout: TIMEOUTS.autodiscover,
      connectTimeout: TIMEOUTS.quickConnect,
    });
  }

  /** `/mapi`: MAPI over HTTP, today's Outlook. */
  public static mapi(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("mapi", "mapi", "/mapi", "/mapi/healthcheck.htm", options, {
      balance: Balance.SOURCE,
      serverTimeout: TIMEOUTS.mapi,
      connectTimeout: TIMEOUTS.quickConnect,
    });
  }

  /** `/rpc`: RPC over HTTP (Outlook Anywhere), Outlook before 2013 SP1. */
  public static rpc(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("rpc", "rpc", "/rpc", "/rpc/healthcheck.htm", options, { balance: Balance.SOURCE });
  }

  /** `/owa`: Outlook on the web. It also gets `/`. */
  public static owa(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("owa", "owa", "/owa", "/owa/healthcheck.htm", options);
  }

  /** `/Microsoft-Server-ActiveSync`: phones. */
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

  /** `/PowerShell`: remote administration. Not among the defaults. */
  public static powerShell(options: VirtualDirectoryOptions = {}): VirtualDirectory {
    return new VirtualDirectory("powerShell", "powershell", "/PowerShell", "/powershell/healthcheck.htm", options);
  }

  /**
   * Another directory at the root of Exchange's web site, such as `/API` (REST). If the path has a factory of its own, such as
   * `/ecp` in upper or lower case, the result is that directory, with its defaults, name and allow list.
   *
   * @param path the directory, one segment; upper and lower case are the same
   * @throws if `path` or the path of the health page is invalid
   */
  public static of(path: string, options: VirtualDirectoryOptions = {}): VirtualDirectory {
    if (typeof path !== "string" || !DIRECTORY_PATH.test(path)) throw invalid("VirtualDirectory.of", "path", DIRECTORY_PATH.expected, path);
    const factory = Object.entries(FACTORIES).find(([known]) => known === path.toLowerCase())?.[1];
    if (factory !== undefined) return factory(options);
    // With a beginning of its own, so that no section or ACL of another meaning has the same name.
    return new VirtualDirectory("of", `dir_${path.slice(1).toLowerCase()}`, path, `${path}/healthcheck.htm`, options);
  }

  private constructor(
    factory: string,
    /** The directory's short name, the end of its backend's name in haproxy.cfg. */
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

  /** Who may use it, as given; none: what `AllowLists` says. @internal */
  public readonly _allow: string[] | undefined;

  private readonly healthPath: string;
  private readonly balance: Balance;
  private readonly serverTimeout: Duration | undefined;
  private readonly connectTimeout: Duration | undefined;

  /** The directory as HAProxy serves it, guarded by `allow` where there is a list for it. @internal */
  public _toModel(allow: AllowModel | undefined): VirtualDirectoryModel {
    return {
      name: this.name,
      path: this.path,
      healthPath: this.healthPath,
      balance: BALANCE_MODEL[this.balance],
      serverTimeout: this.serverTimeout?._toHaproxy(),
      connectTimeout: this.connectTimeout?._toHaproxy(),
      allow,
      // `/` belongs to Outlook on the web.
      root: this.name === "owa",
    };
  }
}

/** The directories that have a factory, by their path in lower case. */
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
