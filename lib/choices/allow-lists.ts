import { Annotations, Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { inCallersWords, invalid, wrong } from "../validation/errors";
import { NETWORK } from "../validation/rules";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * The clients that may connect: IP addresses and CIDR networks. An entry may be a token, and a whole list may be a
 * token. If you do not set a list, everyone may connect.
 *
 * Each virtual directory and each mail service also has its own `allow` option. If you set that option, it replaces the
 * list here. Synthesis refuses a list that has no effect.
 */
export interface AllowLists {
  /**
   * The hosts that may send by SMTP. The list applies to every `MailProtocol.smtp()`, and to every other mail service
   * that uses port 25 on the balancers or on the members. Without `transparentProxy`, Exchange sees the balancer's
   * address for every client, so a receive connector cannot restrict clients by their addresses. Use this list instead.
   *
   * @default - everyone may send; synthesis warns
   */
  readonly smtp?: string[];

  /**
   * The clients that may open the Exchange admin center (`/ecp`). Do not set this list in TCP mode.
   *
   * @default - everyone may open it; synthesis warns
   */
  readonly ecp?: string[];

  /**
   * The clients that may open Outlook on the web (`/owa`). Do not set this list in TCP mode.
   *
   * @default - everyone may open it
   */
  readonly owa?: string[];
}

export const ALLOW_LISTS: Shape<AllowLists> = { smtp: BY_RULE, ecp: BY_RULE, owa: BY_RULE };

/** Checks an allow list. Terraform checks the entries that are tokens. */
export function checkAllowList(scope: Construct, checks: Checks, prop: string, entries: string[]): void {
  if (typeof entries === "number" && Token.isUnresolved(entries)) throw wrong(scope.node.path, prop, "a list of IP addresses and CIDR networks", "a token for a number");
  if (typeof entries !== "string" && Token.isUnresolved(entries)) {
    checks.terraform({
      values: [Token.asString(entries)],
      condition: (list: string) => `length(${list}) >= 1 && alltrue([for entry in ${list} : ${NETWORK.condition("entry")}])`,
      errorMessage: `${prop} must be a list of at least one entry, each ${NETWORK.expected} [${scope.node.path}]`,
    });
    return;
  }
  if (Token.isUnresolved(entries)) throw wrong(scope.node.path, prop, "a list of IP addresses and CIDR networks", "a token for text (use Token.asList(), for example on the result of Fn.concat(), to get a list)");
  if (!Array.isArray(entries)) throw invalid(scope.node.path, prop, "a list of IP addresses and CIDR networks", entries);
  if (entries.length === 0) {
    throw wrong(scope.node.path, prop, "a list with at least one entry (an empty list would refuse everyone; to admit everyone, leave the prop out)", "none");
  }
  // Array.from() also visits the holes of a sparse list; map() and forEach() skip them.
  Array.from(entries).forEach((entry, index) => checks.text(`${prop}[${index}]`, entry, NETWORK));
  const known = entries.filter((entry) => !Token.isUnresolved(entry));
  const twice = known.find((entry, index) => known.indexOf(entry) !== index);
  if (twice !== undefined) {
    Annotations.of(scope).addWarning(`${inCallersWords(prop)} has ${twice} more than once [${scope.node.path}]`);
  }
}

/** The text of an allow list's file, with one entry on each line. */
export function allowListText(entries: string[]): string {
  return Token.isUnresolved(entries) ? `${Fn.join("\n", entries)}\n` : entries.map((entry) => `${entry}\n`).join("");
}
