import { Duration } from "./duration";

/** Options for `Failover.article()`. */
export interface ArticleFailoverOptions {
  /**
   * The VRRP password, 1 to 8 characters: keepalived cuts it there, which is why
   * the article's `Mypassword` cannot be used. Must be a token: a literal would
   * stand in cdk.tf.json.
   *
   * It keeps two pairs with one router id apart; it is no protection, since VRRP
   * sends it in clear.
   */
  readonly authPass: string;

  /**
   * The time between two advertisements, in whole seconds (`advert_int`). A
   * backup takes over after three of them and a bit.
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

/** How the nodes of a pair find out that one is gone. */
export class Failover {
  /**
   * The article's: VRRPv2 with a password, an advertisement a second, haproxy
   * checked every 5 seconds. Measured until clients are served again: 4.5 s when
   * haproxy dies, 3 s when the node does, 0.7 s when keepalived is stopped.
   *
   * @throws if an interval is not a whole number of seconds from 1 to 255
   */
  public static article(options: ArticleFailoverOptions): Failover {
    return new Failover(
      options.authPass,
      wholeSeconds("advertisementInterval", options.advertisementInterval ?? Duration.seconds(1)),
      wholeSeconds("checkInterval", options.checkInterval ?? Duration.seconds(5)),
    );
  }

  private constructor(
    /** @internal */
    public readonly _authPass: string,
    /** @internal */
    public readonly _advertInt: number,
    /** @internal */
    public readonly _checkInterval: number,
  ) {}
}

// VRRPv2 counts advertisements in whole seconds, in one byte (RFC 3768).
function wholeSeconds(prop: string, value: Duration): number {
  const seconds = value.toMilliseconds() / 1000;
  if (!Number.isInteger(seconds) || seconds > 255) {
    throw new Error(`${prop} must be a whole number of seconds from 1 to 255 (VRRPv2), got ${value.toMilliseconds()} ms [Failover.article]`);
  }
  return seconds;
}
