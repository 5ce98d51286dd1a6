import { Annotations, Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { inCallersWords, invalid, wrong } from "../validation/errors";
import { NETWORK } from "../validation/rules";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * The clients that may connect: IP addresses and CIDR networks. An entry may be a token, and a whole list may be a
 * token. If you leave a list out, everyone may connect.
 *
 * Each virtual directory and each mail service has its own `allow` option, which replaces the list here. Synthesis
 * refuses a list that protects nothing.
 */
export interface AllowLists {
  /**
   * The hosts that may send by SMTP. The list applies to each `MailProtocol.smtp()`, and to each other mail service
   * with port 25 on the balancers or on the members. Without `transparentProxy`, Exchange sees the balancer's address
   * for every client. So a receive connector that is limited to the addresses of clients has no effect behind a
   * balancer. Use this list instead.
   *
   * @default - everyone may send; synthesis warns
   */
  readonly smtp?: string[];

  /**
   * The clients that may open the Exchange admin center (`/ecp`), with SSL bridging and offloading.
   *
   * @default - everyone may open it; synthesis warns
   */
  readonly ecp?: string[];

  /**
   * The clients that may open Outlook on the web (`/owa`), with SSL bridging and offloading.
   *
   * @default - everyone may open it
   */
  readonly owa?: string[];
}

export const ALLOW_LISTS: Shape<AllowLists> = { smtp: BY_RULE, ecp: BY_RULE, owa: BY_RULE };

/** Checks an allow list. Entries that are tokens are checked by Terraform. */
export function checkAllowList(scope: Construct, checks: Checks, prop: string, entries: string[]): void {
  if (typeof entries === "number" && Token.isUnresolved(entries)) throw wrong(scope.node.path, prop, "a list of IP addresses and CIDR networks", "a token that stands for a number");
  if (typeof entries !== "string" && Token.isUnresolved(entries)) {
    checks.terraform({
      values: [Token.asString(entries)],
      condition: (list: string) => `length(${list}) >= 1 && alltrue([for entry in ${list} : ${NETWORK.condition("entry")}])`,
      errorMessage: `${prop} must be a list of at least one entry, each ${NETWORK.expected} [${scope.node.path}]`,
    });
    return;
  }
  if (Token.isUnresolved(entries)) throw wrong(scope.node.path, prop, "a list of IP addresses and CIDR networks", "a token that stands for text (Token.asList() turns it into a list, for example the result of Fn.concat())");
  if (!Array.isArray(entries)) throw invalid(scope.node.path, prop, "a list of IP addresses and CIDR networks", entries);
  if (entries.length === 0) {
    throw wrong(scope.node.path, prop, "at least one entry (an empty list locks everyone out; leave it out to let everyone in)", "none");
  }
  // By index, because map() skips the holes of a list.
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
