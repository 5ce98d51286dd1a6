import { GuessesModel } from "../haproxy/guesses";
import { invalid, wrong } from "../validation/errors";
import { BY_RULE, Shape, checkStruct, instanceOf } from "../validation/shape";
import { DURATION, Duration } from "./duration";

/** Options for `PasswordGuessing.stop()`. */
export interface PasswordGuessingOptions {
  /**
   * How long an address or a user name is banned: 1 minute to 1 day. During a ban, only passwords that Exchange has
   * accepted within the last day reach Exchange.
   *
   * @default Duration.minutes(5)
   */
  readonly banTime?: Duration;

  /**
   * Networks whose logins are neither counted nor refused: IP addresses and CIDR networks. Use this for a proxy in
   * front of this balancer that hides the clients' addresses, and for a service that logs in for many users. An entry
   * may be a token, and the whole list may be a token.
   *
   * @default - none
   */
  readonly exceptions?: string[];

  /**
   * The TCP port on which a node receives bans from the other node, and from its own old process after a reload. The
   * firewall lets in only the other node. With `HostFirewallMode.UNMANAGED`, open the port between the nodes and to
   * nobody else, because a node trusts everything that arrives there. User names and addresses are sent unencrypted.
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
   * Lets at most ten wrong passwords a minute reach Exchange from each client address, and for each user name. This
   * covers Basic, NTLM (also inside Negotiate), Digest and OWA's form. Further attempts are answered 429. A password
   * that Exchange has accepted within the last day always passes. So other users at the same address, and the owner of
   * the user name, can continue to work. docs/guards.md has the details.
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

/** The shape of a prop of this type. */
export const PASSWORD_GUESSING = instanceOf("a PasswordGuessing, such as PasswordGuessing.stop()", PasswordGuessing);
