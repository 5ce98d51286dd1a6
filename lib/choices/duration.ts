import { failure, shown } from "../validation/errors";
import { Kind, instanceOf } from "../validation/shape";

/**
 * A length of time with its unit. The unit is explicit because HAProxy counts in milliseconds and keepalived in
 * seconds.
 *
 * @example
 * const idle = Duration.minutes(60);
 * const advertisement = Duration.millis(100);
 */
export class Duration {
  /**
   * A length in milliseconds.
   *
   * @param amount a whole number, at least 1, for a time of at most 24.8 days
   * @throws if `amount` is not a whole number or is out of this range
   */
  public static millis(amount: number): Duration {
    return new Duration("millis", amount, 1);
  }

  /**
   * A length in seconds.
   *
   * @param amount a whole number, at least 1, for a time of at most 24.8 days
   * @throws if `amount` is not a whole number or is out of this range
   */
  public static seconds(amount: number): Duration {
    return new Duration("seconds", amount, 1000);
  }

  /**
   * A length in minutes.
   *
   * @param amount a whole number, at least 1, for a time of at most 24.8 days
   * @throws if `amount` is not a whole number or is out of this range
   */
  public static minutes(amount: number): Duration {
    return new Duration("minutes", amount, 60_000);
  }

  /**
   * A length in hours.
   *
   * @param amount a whole number, at least 1, for a time of at most 24.8 days
   * @throws if `amount` is not a whole number or is out of this range
   */
  public static hours(amount: number): Duration {
    return new Duration("hours", amount, 3_600_000);
  }

  private readonly milliseconds: number;

  private constructor(unit: string, amount: number, factor: number) {
    // HAProxy stores a time as milliseconds in 31 bits, so the longest time is 24.8 days.
    if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 1 || amount * factor > 2_147_483_647) {
      throw failure(`Duration.${unit} must be a whole number, at least 1 and at most 24.8 days, got ${shown(amount)}`);
    }
    this.milliseconds = amount * factor;
  }

  /** The length in milliseconds. */
  public toMilliseconds(): number {
    return this.milliseconds;
  }

  /**
   * The length in HAProxy's notation (section 2.5 of the manual): a whole number and a unit (m, s or ms). The unit is
   * the longest of these three for which the number is whole: 90 seconds are `90s`, 120 seconds are `2m`.
   *
   * @internal
   */
  public _toHaproxy(): string {
    if (this.milliseconds % 60_000 === 0) return `${this.milliseconds / 60_000}m`;
    if (this.milliseconds % 1000 === 0) return `${this.milliseconds / 1000}s`;
    return `${this.milliseconds}ms`;
  }
}

/** The check for a prop of this type. */
export const DURATION: Kind = instanceOf("a Duration, such as Duration.seconds(15)", Duration);
