import { failure, shown } from "../validation/errors";
import { Kind, instanceOf } from "../validation/shape";

/**
 * A length of time, with its unit in the name, so that nobody has to remember
 * whether HAProxy or keepalived counts in milliseconds or seconds.
 */
export class Duration {
  /**
   * @param amount a whole number of milliseconds, at least 1
   * @throws if `amount` is not such a number
   */
  public static millis(amount: number): Duration {
    return new Duration("millis", amount, 1);
  }

  /**
   * @param amount a whole number of seconds, at least 1
   * @throws if `amount` is not such a number
   */
  public static seconds(amount: number): Duration {
    return new Duration("seconds", amount, 1000);
  }

  /**
   * @param amount a whole number of minutes, at least 1
   * @throws if `amount` is not such a number
   */
  public static minutes(amount: number): Duration {
    return new Duration("minutes", amount, 60_000);
  }

  /**
   * @param amount a whole number of hours, at least 1
   * @throws if `amount` is not such a number
   */
  public static hours(amount: number): Duration {
    return new Duration("hours", amount, 3_600_000);
  }

  private readonly milliseconds: number;

  private constructor(unit: string, amount: number, factor: number) {
    // 24 days: HAProxy keeps times in 31 bits of milliseconds.
    if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 1 || amount * factor > 2_147_483_647) {
      throw failure(`Duration.${unit} must be a whole number from 1 up to 24 days, got ${shown(amount)}`);
    }
    this.milliseconds = amount * factor;
  }

  /** The length in milliseconds. */
  public toMilliseconds(): number {
    return this.milliseconds;
  }

  /**
   * As HAProxy's manual writes times (section 2.5): a number with a unit, the
   * largest unit that divides it, minutes at the most, as the article has them.
   *
   * @internal
   */
  public _toHaproxy(): string {
    if (this.milliseconds % 60_000 === 0) return `${this.milliseconds / 60_000}m`;
    if (this.milliseconds % 1000 === 0) return `${this.milliseconds / 1000}s`;
    return `${this.milliseconds}ms`;
  }
}

/** What a prop of this type may hold. */
export const DURATION: Kind = instanceOf("a Duration, such as Duration.seconds(15)", Duration);
