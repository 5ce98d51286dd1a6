import { Token } from "cdktf";
import { Construct } from "constructs";
import { LATER_LIST, LIST_ENTRY, LIST_NO_ENTRY, duration, invalid, isListEntry, refused, wrong } from "./errors";
import { checkFramework } from "./framework";
import { Rule } from "./rules";
import { AS_IT_IS, SAME_HOST, Sameness } from "./sameness";

/**
 * A check of tokens, which becomes a Terraform precondition. Terraform makes the check as soon as it knows the values of
 * the tokens.
 */
export interface TokenCheck {
  /** The values to check: tokens, or text that contains tokens. */
  readonly values: readonly string[];
  /** Receives the values as Terraform expressions. Returns an expression that is true if the values are right. */
  readonly condition: (...values: string[]) => string;
  readonly errorMessage: string;
}

/** A relation between two values, as a JavaScript function and as Terraform code. */
export interface Relation {
  readonly known: (value: string, other: string) => boolean;
  readonly token: (value: string, other: string) => string;
}

/** Checks values, and collects the checks of tokens for Terraform. */
export class Checks {
  private readonly collected: TokenCheck[] = [];

  public constructor(private readonly where: string) {}

  /** The checks of a construct. @throws if the construct's stack and this package are for different frameworks */
  public static of(scope: Construct): Checks {
    checkFramework(scope);
    return new Checks(scope.node.path);
  }

  /** Checks text at synthesis. If the text is a token, Terraform checks it later. */
  public text(prop: string, value: string, rule: Rule): string {
    if (typeof value === "string" && isListEntry(value)) throw wrong(this.where, prop, rule.expected, LIST_ENTRY);
    // This branch is only for text tokens. A token for a number or a list is not a string, and is refused below.
    if (typeof value === "string" && Token.isUnresolved(value)) {
      this.collected.push({
        values: [value],
        condition: rule.condition,
        // The message does not contain the value. Terraform shows the value beside the message, unless it is sensitive.
        errorMessage: `${prop} must be ${rule.expected} [${this.where}]`,
      });
      return value;
    }
    if (typeof value !== "string" && Token.isUnresolved(value)) throw wrong(this.where, prop, rule.expected, Array.isArray(value) ? LIST_NO_ENTRY : "a token that does not stand for text (Token.asString() turns it into text)");
    if (typeof value !== "string" || !rule.test(value)) throw invalid(this.where, prop, rule.expected, value);
    return value;
  }

  /** Checks text that must be known at synthesis, such as a name or a path. Refuses tokens. */
  public known(prop: string, value: string, rule: Rule): string {
    if (typeof value === "string" && Token.isUnresolved(value)) throw wrong(this.where, prop, `${rule.expected}, known at synthesis`, "a token");
    return this.text(prop, value, rule);
  }

  /**
   * Checks that a value is a list, and checks its length. Entries may be tokens. The list must not be a token, because
   * the number of entries determines the structure of a config.
   */
  public list(prop: string, value: readonly unknown[], min: number, max: number, expected: string): void {
    const expectedList = "a list whose length is known at synthesis; its entries may be tokens";
    if (Token.isUnresolved(value)) throw wrong(this.where, prop, expectedList, LATER_LIST);
    if (!Array.isArray(value)) throw invalid(this.where, prop, expectedList, value);
    // Array.from() also visits the holes of a list, which forEach() and map() would skip.
    const hole = Array.from(value).findIndex((_, index) => !(index in value));
    if (hole !== -1) throw invalid(this.where, `${prop}[${hole}]`, "an entry", undefined);
    if (value.length < min || value.length > max) {
      throw wrong(this.where, prop, expected, value.length === 0 ? "none" : String(value.length));
    }
  }

  /**
   * Checks that all values are different. If one of two values is a token, Terraform compares these two. `same` decides
   * whether two spellings mean the same value.
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

  /** Checks that `value` and `other` are different. If one of these values is a token, Terraform compares them. */
  public apart(prop: string, value: string, whose: string, other: string, same: Sameness = SAME_HOST): void {
    this.between(prop, value, [other], `different from ${whose}`, {
      known: (one, another) => same.known(one) !== same.known(another),
      token: (one, another) => `${same.token(one)} != ${same.token(another)}`,
    });
  }

  /** Checks that `relation` is true for `value` and at least one entry of `others`. `expected` describes the relation. */
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
   * Checks a secret. It must be a token, because a literal would be readable in cdk.tf.json. No message shows the
   * value.
   */
  public secret(prop: string, value: string, rule?: Rule): string {
    if (typeof value !== "string" || !Token.isUnresolved(value)) {
      throw refused(
        this.where,
        `${prop} must be a token, such as the stringValue of a sensitive TerraformVariable: ` +
          "a literal would be readable in cdk.tf.json",
      );
    }
    if (rule !== undefined) {
      this.collected.push({
        values: [value],
        condition: rule.condition,
        errorMessage: `${prop} must be ${rule.expected}; the value is secret, so it is not shown [${this.where}]`,
      });
    }
    return value;
  }

  /** Checks a number. It must not be a token, because it determines the structure of a config. */
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

  /** Adds a check for Terraform that does not come from a `Rule`. */
  public terraform(check: TokenCheck): void {
    this.collected.push(check);
  }

  public get tokenChecks(): readonly TokenCheck[] {
    return this.collected;
  }
}
