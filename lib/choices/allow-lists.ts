import { Annotations, Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { invalid, wrong } from "../validation/errors";
import { NETWORK } from "../validation/rules";
import { BY_RULE, Shape } from "../validation/shape";

/**
 * Who may connect, in short: IP addresses and CIDR networks. Entries, and a list as a
 * whole, may be tokens. A list that is left out lets everyone in. Each virtual directory
 * and each mail service also takes a list of its own (`allow` in their options), which then
 * stands in place of the list here. A list that guards nothing is refused.
 */
export interface AllowLists {
  /**
   * The hosts that may send by SMTP: each `MailProtocol.smtp()`, and each other mail service
   * with port 25 on the balancers or on the members. To Exchange every client has the
   * balancer's address, so a relay connector that is bound to addresses means
   * nothing behind a balancer: this list takes its place.
   *
   * @default - everyone, with a warning
   */
  readonly smtp?: string[];

  /**
   * The clients that may open the Exchange admin center (`/ecp`), with SSL bridging and offloading.
   *
   * @default - everyone, with a warning
   */
  readonly ecp?: string[];

  /**
   * The clients that may open Outlook on the web (`/owa`), with SSL bridging and offloading.
   *
   * @default - everyone
   */
  readonly owa?: string[];
}

export const ALLOW_LISTS: Shape<AllowLists> = { smtp: BY_RULE, ecp: BY_RULE, owa: BY_RULE };

/** Checks an allow list: now what is known of it, the rest by Terraform. */
export function checkAllowList(scope: Construct, checks: Checks, prop: string, entries: string[]): void {
  if (typeof entries !== "string" && Token.isUnresolved(entries)) {
    checks.terraform({
      values: [Token.asString(entries)],
      condition: (list: string) => `length(${list}) >= 1 && alltrue([for entry in ${list} : ${NETWORK.condition("entry")}])`,
      errorMessage: `${prop} must be a list of at least one entry, each ${NETWORK.expected} [${scope.node.path}]`,
    });
    return;
  }
  if (!Array.isArray(entries)) throw invalid(scope.node.path, prop, "a list of IP addresses and CIDR networks", entries);
  if (entries.length === 0) {
    throw wrong(scope.node.path, prop, "at least one entry (an empty list locks everyone out; leave it out to let everyone in)", "none");
  }
  // By index: map passes over holes.
  Array.from(entries).forEach((entry, index) => checks.text(`${prop}[${index}]`, entry, NETWORK));
  const known = entries.filter((entry) => !Token.isUnresolved(entry));
  const twice = known.find((entry, index) => known.indexOf(entry) !== index);
  if (twice !== undefined) {
    Annotations.of(scope).addWarning(`${prop} has ${twice} more than once [${scope.node.path}]`);
  }
}

/** The text of an allow list's file, an entry a line. */
export function allowListText(entries: string[]): string {
  return Token.isUnresolved(entries) ? `${Fn.join("\n", entries)}\n` : entries.map((entry) => `${entry}\n`).join("");
}
