import { GuessesModel } from "../haproxy/guesses";
import { invalid, wrong } from "../validation/errors";
import { BY_RULE, Shape, checkStruct, instanceOf } from "../validation/shape";
import { DURATION, Duration } from "./duration";

/** Options for `PasswordGuessing.stop()`. */
export interface PasswordGuessingOptions {
  /**
   * How long an address or a user name is banned: 1 minute to 1 day. During a ban, HAProxy passes a login on only if
   * Exchange has accepted the login's password within the last day.
   *
   * @default Duration.minutes(5)
   */
  readonly banTime?: Duration;

  /**
   * The clients whose logins HAProxy neither counts nor refuses: IP addresses and CIDR networks. List each proxy that
   * stands in front of this balancer and hides the clients' addresses, and each service that logs in for many users. An
   * entry may be a token, and the whole list may be a token.
   *
   * @default - none
   */
  readonly exceptions?: string[];

  /**
   * The TCP port on which HAProxy on a node receives bans from the other node. After a reload, the new HAProxy process
   * of a node also receives the bans of the old process on this port. The firewall admits only the other node to this
   * port. With `HostFirewallMode.UNMANAGED`, open the port only between the two nodes, because a node trusts everything
   * that arrives on this port. User names and addresses are sent unencrypted.
   *
   * @default 8406
   */
  readonly peerPort?: number;
}

/**
 * How a balancer stops password guessing over HTTPS.
 *
 * @example
 * const mode = BalancingMode.sslBridge({ cert, passwordGuessing: PasswordGuessing.stop({ exceptions: ["10.8.7.1"] }) });
 */
export class PasswordGuessing {
  /**
   * Lets at most ten wrong passwords a minute reach Exchange from each client address, and at most ten for each user
   * name. Both limits cover Basic, NTLM (also inside Negotiate), Digest and OWA's form. HAProxy answers further
   * attempts with 429. A password that Exchange has accepted within the last day always passes. So other users at the
   * same address can continue to work, and so can the owner of the user name. docs/guards.md has the details.
   *
   * @throws if an option is invalid
   */
  public static stop(options: PasswordGuessingOptions = {}): PasswordGuessing {
    const where = "PasswordGuessing.stop";
    checkStruct(where, "options", options, OPTIONS);
    const { banTime = Duration.minutes(5), exceptions, peerPort = 8406 } = options;
    const length = banTime.toMilliseconds();
    if (length < 60_000 || length > 86_400_000) throw wrong(where, "banTime", "from 1 minute to 1 day", banTime._toHaproxy());
    if (!Number.isInteger(peerPort) || peerPort < 1 || peerPort > 65535) throw invalid(where, "peerPort", "an integer from 1 to 65535, known at synthesis", peerPort);
    return new PasswordGuessing({ banTime, exceptions, peerPort });
  }

  private constructor(
    /** @internal */
    public readonly _options: ResolvedPasswordGuessing,
  ) {}

  /** @internal */
  public _toModel(): GuessesModel {
    const { banTime, exceptions } = this._options;
    return { banTime: banTime._toHaproxy(), exceptions: exceptions === undefined ? undefined : EXCEPTIONS_FILE };
  }
}

/** The options with their defaults. @internal */
export interface ResolvedPasswordGuessing {
  readonly banTime: Duration;
  readonly exceptions?: string[];
  readonly peerPort: number;
}

/** The path of the exceptions file on a host. */
export const EXCEPTIONS_FILE = "/etc/haproxy/haproxy_guard_exceptions.lst";

const OPTIONS: Shape<PasswordGuessingOptions> = { banTime: DURATION, exceptions: BY_RULE, peerPort: BY_RULE };

/** The check for a prop of this type. */
export const PASSWORD_GUESSING = instanceOf("a PasswordGuessing, such as PasswordGuessing.stop()", PasswordGuessing);
