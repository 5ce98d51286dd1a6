import { GuessesModel } from "../haproxy/guesses";
import { invalid, wrong } from "../validation/errors";
import { BY_RULE, Shape, checkStruct, instanceOf } from "../validation/shape";
import { DURATION, Duration } from "./duration";

/** Options for `PasswordGuessing.stop()`. */
export interface PasswordGuessingOptions {
  /**
   * How long an address, or a name, from which or for which passwords were guessed gets no further passwords to
   * Exchange but those that Exchange has taken before. From 1 minute to 1 day.
   *
   * @default Duration.minutes(5)
   */
  readonly banTime?: Duration;

  /**
   * Networks whose passwords are neither counted nor refused: a border in front of this balancer, which sends all its
   * clients by its own address, or a service that logs in for many. IP addresses and CIDR networks; entries, and the list as
   * a whole, may be tokens.
   *
   * @default - none
   */
  readonly exceptions?: string[];

  /**
   * The TCP port on which the nodes of a pair tell each other of bans, and a node its next process. The firewall
   * lets in the other node alone; where it is not managed, open this port between the nodes and to nobody else: what comes
   * there is believed. User names and addresses cross it in clear.
   *
   * @default 8406
   */
  readonly peerPort?: number;
}

/**
 * What a balancer does about people who guess passwords over HTTPS.
 *
 * @example
 * const mode = BalancingMode.sslBridge({ cert, passwordGuessing: PasswordGuessing.stop({ exceptions: ["10.8.7.1"] }) });
 */
export class PasswordGuessing {
  /**
   * Lets at most ten refused passwords a minute through to Exchange, of each client address and for each user name, by
   * Basic, NTLM (also inside Negotiate), Digest and OWA's form; further ones are answered 429. Passwords that Exchange has taken
   * within a day always pass, so that colleagues behind one address, and the owner of a name, go on. docs/guards.md has the whole of it.
   *
   * @throws if an option is not as it says
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

/** Where the exceptions lie on a host. */
export const EXCEPTIONS_FILE = "/etc/haproxy/haproxy_guard_exceptions.lst";

const OPTIONS: Shape<PasswordGuessingOptions> = { banTime: DURATION, exceptions: BY_RULE, peerPort: BY_RULE };

/** What a prop of this type may hold. */
export const PASSWORD_GUESSING = instanceOf("a PasswordGuessing, such as PasswordGuessing.stop()", PasswordGuessing);
