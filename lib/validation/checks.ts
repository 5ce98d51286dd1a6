import { Token } from "cdktf";
import { Construct } from "constructs";
import { LATER_LIST, LIST_ENTRY, LIST_NO_ENTRY, duration, invalid, isListEntry, refused, wrong } from "./errors";
import { checkFramework } from "./framework";
import { Rule } from "./rules";
import { AS_IT_IS, SAME_HOST, Sameness } from "./sameness";

/** A check of a token, to be made by Terraform once the value is known. Whoever writes Terraform's text puts the two together. */
export interface TokenCheck {
  /** The values that are looked at: tokens, or text that holds some. */
  readonly values: readonly string[];
  /** Gets the values as code of Terraform's, and gives code that is true where all is well. */
  readonly condition: (...values: string[]) => string;
  readonly errorMessage: string;
}

/** What must hold between two values, in JavaScript and as Terraform's code. */
export interface Relation {
  readonly known: (value: string, other: string) => boolean;
  readonly token: (value: string, other: string) => string;
}

/** Collects what Terraform has to check because it was a token at synthesis. */
export class Checks {
  private readonly collected: TokenCheck[] = [];

  public constructor(private readonly where: string) {}

  /** The checks of a construct. @throws if its stack is not of the framework that this package is for */
  public static of(scope: Construct): Checks {
    checkFramework(scope);
    return new Checks(scope.node.path);
  }

  /** Checks text now, or leaves the check to Terraform if it is a token. */
  public text(prop: string, value: string, rule: Rule): string {
    if (typeof value === "string" && isListEntry(value)) throw wrong(this.where, prop, rule.expected, LIST_ENTRY);
    // A token that is no text, such as a number's or a list's, stands for no text either.
    if (typeof value === "string" && Token.isUnresolved(value)) {
      this.collected.push({
        values: [value],
        condition: rule.condition,
        // Not the value: Terraform shows it beside the message, unless it is sensitive.
        errorMessage: `${prop} must be ${rule.expected} [${this.where}]`,
      });
      return value;
    }
    if (typeof value !== "string" && Token.isUnresolved(value)) throw wrong(this.where, prop, rule.expected, Array.isArray(value) ? LIST_NO_ENTRY : "a token that stands for no text (Token.asString() makes text of it)");
    if (typeof value !== "string" || !rule.test(value)) throw invalid(this.where, prop, rule.expected, value);
    return value;
  }

  /** Checks text that may not be a token, because it is part of a name or a path that Terraform must know. */
  public known(prop: string, value: string, rule: Rule): string {
    if (typeof value === "string" && Token.isUnresolved(value)) throw wrong(this.where, prop, `${rule.expected}, known at synthesis`, "a token");
    return this.text(prop, value, rule);
  }

  /** Checks that a list is one, and how long it is. Its entries may be tokens; the list itself may not: its length decides a config's structure. */
  public list(prop: string, value: readonly unknown[], min: number, max: number, expected: string): void {
    const expectedList = "a list whose length is known at synthesis; its entries may be tokens";
    if (Token.isUnresolved(value)) throw wrong(this.where, prop, expectedList, LATER_LIST);
    if (!Array.isArray(value)) throw invalid(this.where, prop, expectedList, value);
    // forEach and map pass over holes.
    const hole = Array.from(value).findIndex((_, index) => !(index in value));
    if (hole !== -1) throw invalid(this.where, `${prop}[${hole}]`, "an entry", undefined);
    if (value.length < min || value.length > max) {
      throw wrong(this.where, prop, expected, value.length === 0 ? "none" : String(value.length));
    }
  }

  /**
   * Checks that no two of some values are one: now where both are known, by
   * Terraform where one is a token. `same` makes alike what counts as one.
   */
  public different(prop: string, values: readonly string[], same: Sameness = AS_IT_IS): void {
    values.forEach((value, index) => {
      for (const other of values.slice(0, index)) {
        if (!Token.isUnresolved(value) && !Token.isUnresolved(other)) {
          if (same.known(value) === same.known(other)) throw wrong(this.where, prop, "different for each entry", `${value} twice`);
        } else {
          this.collected.push({
            values: [value, other],
            condition: (one: string, another: string) => `${same.token(one)} != ${same.token(another)}`,
            errorMessage: `${prop} must be different for each entry [${this.where}]`,
          });
        }
      }
    });
  }

  /** Checks that a value is not another one: now where both are known, by Terraform where one is a token. */
  public apart(prop: string, value: string, whose: string, other: string, same: Sameness = SAME_HOST): void {
    this.between(prop, value, [other], `different from ${whose}`, {
      known: (one, another) => same.known(one) !== same.known(another),
      token: (one, another) => `${same.token(one)} != ${same.token(another)}`,
    });
  }

  /** Checks a relation between a value and at least one of others. `expected` says it. */
  public between(prop: string, value: string, others: readonly string[], expected: string, relation: Relation): void {
    if ([value, ...others].some((one) => Token.isUnresolved(one))) {
      this.collected.push({
        values: [value, ...others],
        condition: (code, ...codes) => codes.map((other) => relation.token(code, other)).join(" || "),
        errorMessage: `${prop} must be ${expected} [${this.where}]`,
      });
    } else if (!others.some((other) => relation.known(value, other))) {
      throw invalid(this.where, prop, expected, value);
    }
  }

  /**
   * Checks a secret, which must be a token: a literal would stand in cdk.tf.json
   * for all to read. The value is in no message.
   */
  public secret(prop: string, value: string, rule?: Rule): string {
    if (typeof value !== "string" || !Token.isUnresolved(value)) {
      throw refused(
        this.where,
        `${prop} must be a token, such as the stringValue of a sensitive TerraformVariable: ` +
          "a literal would be written to cdk.tf.json in clear",
      );
    }
    if (rule !== undefined) {
      this.collected.push({
        values: [value],
        condition: rule.condition,
        errorMessage: `${prop} must be ${rule.expected}; the value received is secret and not shown [${this.where}]`,
      });
    }
    return value;
  }

  /** Checks a number, which may not be a token: it decides the structure of a config. */
  public integer(prop: string, value: number, min: number, max: number): number {
    const expected = `an integer from ${min} to ${max}`;
    if (Token.isUnresolved(value)) throw invalid(this.where, prop, `${expected}, known at synthesis`, value);
    if (!Number.isInteger(value) || value < min || value > max) throw invalid(this.where, prop, expected, value);
    return value;
  }

  /** Checks a length of time, given in milliseconds. */
  public millis(prop: string, value: number, min: number, max: number): number {
    if (value < min || value > max) throw wrong(this.where, prop, `from ${duration(min)} to ${duration(max)}`, duration(value));
    return value;
  }

  /** A condition of Terraform's own, for what no rule covers. */
  public terraform(check: TokenCheck): void {
    this.collected.push(check);
  }

  public get tokenChecks(): readonly TokenCheck[] {
    return this.collected;
  }
}
