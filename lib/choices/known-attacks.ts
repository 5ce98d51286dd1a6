import { Token } from "cdktf";
import { ATTACK_CATALOGUE, CATALOGUE_DATE } from "../haproxy/attack-catalogue";
import { AttackModel } from "../haproxy/attacks";
import { LIST_ENTRY, invalid, isListEntry, wrong } from "../validation/errors";
import { ATTACK_NAME, ATTACK_TEXT, HEADER_NAME, METHOD_NAME } from "../validation/rules";
import type { Rule } from "../validation/rule";
import { Shape, TEXTS, checkStruct, instanceOf, listOf } from "../validation/shape";

/** An entry of the catalogue of published attacks. */
export interface KnownAttackEntry {
  /** The entry's name. The log line of a refused request contains `rule=attack-NAME`. */
  readonly name: string;
  /** The CVE numbers, or `none`. */
  readonly cve: string;
  /** The day on which the entry was added or last changed, such as `2026-11-26`. */
  readonly since: string;
  /** Which requests the entry refuses. */
  readonly matches: string;
  /** Which harmless requests the entry might also refuse. */
  readonly costs: string;
  /** When you can leave the entry out. */
  readonly mayGo: string;
}

/**
 * Your own pattern of an attack, for the days between an advisory and the update of Exchange. A pattern is plain data:
 * a pattern contains no regular expression and no HAProxy configuration.
 *
 * @example
 * const also = [AttackPattern.url("cve-2027-0001", ["/owa/", "frobnicate"]), AttackPattern.header("cve-2027-0002", "X-Frob")];
 */
export class AttackPattern {
  /**
   * Matches requests whose URL (path and query) contains all of these texts in this order. Upper and lower case make no
   * difference. Percent-encoded characters also match, even if they are encoded several times.
   *
   * @param name the pattern's name: 1 to 32 lower-case letters, digits and dashes; the log has `rule=attack-NAME`
   * @param texts one or more texts of printable ASCII without blanks: each text has at least 3 characters, and all
   * texts together have at most 40
   * @throws if `name` or `texts` is invalid
   */
  public static url(name: string, texts: string[]): AttackPattern {
    const where = "AttackPattern.url";
    if (!Array.isArray(texts) || Token.isUnresolved(texts) || texts.length === 0) throw invalid(where, "texts", "a list of at least one text, known at synthesis", texts);
    texts.forEach((text, index) => known(where, `texts[${index}]`, text, ATTACK_TEXT));
    const length = texts.join("").length;
    // A line of haproxy.cfg can hold 2048 bytes, and each character of the pattern takes about 40 bytes there.
    if (length > 40) throw wrong(where, "texts", "at most 40 characters in total", String(length));
    return new AttackPattern(where, name, { url: texts });
  }

  /**
   * Matches requests with a header of this name. Dashes and underscores are treated as the same character.
   *
   * @throws if `name` or `header` is invalid
   */
  public static header(name: string, header: string): AttackPattern {
    return new AttackPattern("AttackPattern.header", name, { headers: [known("AttackPattern.header", "header", header, HEADER_NAME)] });
  }

  /**
   * Matches requests with a cookie of this name. Upper and lower case make no difference.
   *
   * @throws if `name` or `cookie` is invalid
   */
  public static cookie(name: string, cookie: string): AttackPattern {
    return new AttackPattern("AttackPattern.cookie", name, { cookie: known("AttackPattern.cookie", "cookie", cookie, HEADER_NAME) });
  }

  /**
   * Matches requests with this method, such as `PROPFIND`.
   *
   * @throws if `name` or `method` is invalid
   */
  public static method(name: string, method: string): AttackPattern {
    return new AttackPattern("AttackPattern.method", name, { methods: [known("AttackPattern.method", "method", method, METHOD_NAME)] });
  }

  /** @internal */
  public readonly _model: AttackModel;

  private constructor(where: string, name: string, sign: AttackModel["signs"][number]) {
    known(where, "name", name, ATTACK_NAME);
    if (ATTACK_CATALOGUE.some((entry) => entry.name === name)) throw invalid(where, "name", "a name that the catalogue does not use", name);
    this._model = { name, signs: [sign] };
  }
}

/** Options for `KnownAttacks.catalogue()`. */
export interface KnownAttacksOptions {
  /**
   * The names of entries to leave out.
   *
   * @default - none
   */
  readonly without?: string[];

  /**
   * Your own patterns, in addition to the catalogue.
   *
   * @default - none
   */
  readonly also?: AttackPattern[];
}

/**
 * Refuses requests that have the form of a published attack on Exchange. This guard is neither a web application
 * firewall nor a patch: an attack in another form is not refused. docs/guards.md describes the limits.
 *
 * @example
 * const mode = BalancingMode.sslBridge({ cert, knownAttacks: KnownAttacks.catalogue({ without: ["tabshell"] }) });
 */
export class KnownAttacks {
  /** The day on which the catalogue was last reviewed. */
  public static readonly CATALOGUE_DATE: string = CATALOGUE_DATE;

  /** All entries of this release's catalogue. */
  public static get entries(): KnownAttackEntry[] {
    return ATTACK_CATALOGUE.map(({ name, cve, since, matches, costs, mayGo }) => ({ name, cve, since, matches, costs, mayGo }));
  }

  /**
   * Refuses the attacks in this release's catalogue.
   *
   * @throws if an option is invalid
   */
  public static catalogue(options: KnownAttacksOptions = {}): KnownAttacks {
    const where = "KnownAttacks.catalogue";
    checkStruct(where, "options", options, OPTIONS);
    const { without = [], also = [] } = options;
    const names = ATTACK_CATALOGUE.map(({ name }) => name);
    without.forEach((name, index) => {
      if (!names.includes(name)) throw invalid(where, `without[${index}]`, `one of ${names.join(", ")}`, name);
    });
    return new KnownAttacks([...ATTACK_CATALOGUE.filter(({ name }) => !without.includes(name)), ...own(where, also)]);
  }

  /**
   * Refuses requests that match the patterns in `also`. Does not use the catalogue.
   *
   * @throws if two patterns have the same name
   */
  public static only(also: AttackPattern[]): KnownAttacks {
    const where = "KnownAttacks.only";
    checkStruct(where, "options", { also }, { also: OPTIONS.also });
    return new KnownAttacks(own(where, also));
  }

  /** Turns this guard off: HAProxy does not check requests for known attacks. */
  public static none(): KnownAttacks {
    return new KnownAttacks([]);
  }

  private constructor(
    /** @internal */
    public readonly _model: readonly AttackModel[],
  ) {}
}

const OPTIONS: Shape<KnownAttacksOptions> = {
  without: TEXTS,
  also: listOf(instanceOf('an AttackPattern, such as AttackPattern.url("cve-2027-0001", ["frobnicate"])', AttackPattern)),
};

/** The check for a prop of this type. */
export const KNOWN_ATTACKS = instanceOf("a KnownAttacks, such as KnownAttacks.catalogue()", KnownAttacks);

function own(where: string, patterns: readonly AttackPattern[]): readonly AttackModel[] {
  const models = patterns.map(({ _model }) => _model);
  const twice = models.find(({ name }, index) => models.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw wrong(where, "also", "patterns with different names", `${twice.name} twice`);
  return models;
}

function known(where: string, prop: string, value: unknown, rule: Rule): string {
  if (typeof value === "string" && isListEntry(value)) throw wrong(where, prop, `${rule.expected}, known at synthesis`, LIST_ENTRY);
  if (typeof value !== "string" || Token.isUnresolved(value) || !rule.test(value)) throw invalid(where, prop, `${rule.expected}, known at synthesis`, value);
  return value;
}
