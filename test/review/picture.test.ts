import { BalancingMode, MailProtocol, MemberState } from "cdktf-exchange-balancer";
import { trafficPicture } from "../../lib/review/mermaid";
import { reviewModels } from "../support/review-models";
import { Case, articleBridge, balancerStack } from "../support/site";

/**
 * The lines of the picture that `show` draws of the article's balancer. `one` contains the changes to this balancer.
 */
function picture(one: Case): readonly string[] {
  const [model] = reviewModels(() => balancerStack(one).stack);
  if (model === undefined) throw new Error("nothing to draw");
  return trafficPicture(model).split("\n");
}

const [exch01, exch02] = [{ name: "exch01", host: "10.12.8.21", weight: 75 }, { name: "exch02", host: "10.12.8.22", weight: 25 }];
const members = [exch01, exch02];
const SITE: Case = { dag: { members, mailProtocols: [MailProtocol.smtp(), MailProtocol.imap()] } };
const dag = (change: Case["dag"]): Case => ({ dag: { ...SITE.dag, ...change } });
const balancer = (change: Case["balancer"]): Case => ({ ...SITE, balancer: change });

test.each<[string, number, Case]>([
  ["a member's weight", 1, dag({ members: [exch01, { ...exch02, weight: 50 }] })],
  ["a member's address", 1, dag({ members: [{ ...exch01, host: "10.12.8.29" }, exch02] })],
  ["a member's state", 1, dag({ members: [{ ...exch01, state: MemberState.DRAIN }, exch02] })],
  ["the members (a new first member)", 1, dag({ members: [{ name: "exch00", host: "10.12.8.20" }, ...members] })],
  ["the members (one member fewer)", 1, dag({ members: [exch02] })],
  ["the client names (one name more)", 1, dag({ clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local", "webmail.mydomain.local"] })],
  ["the mail services (a new first service)", 3, dag({ mailProtocols: [MailProtocol.submission(), MailProtocol.smtp(), MailProtocol.imap()] })],
  ["the mail services (one service fewer)", 3, dag({ mailProtocols: [MailProtocol.smtp()] })],
  ["the port of a mail service on the members", 1, dag({ mailProtocols: [MailProtocol.smtp({ memberPort: 2525 }), MailProtocol.imap()] })],
  ["an allow list", 1, balancer({ allow: { smtp: ["10.8.5.18/32"], ecp: ["10.8.5.0/24"], owa: ["10.0.0.0/8"] } })],
  ["the virtual address", 1, balancer({ virtualAddresses: ["10.12.8.16"] })],
  ["a node's address", 1, balancer({ backup: { host: "10.12.8.13" } })],
  ["maxconn", 0, balancer({ maxconn: 12_000 })],
  ["the router id", 0, balancer({ virtualRouterId: 17 })],
])("a change of %s changes as many lines of the traffic picture as expected: %i", (_, lines, one) => {
  const [before, after] = [picture(SITE), picture(one)];
  const changed = (from: readonly string[], to: readonly string[]): number => to.filter((line) => !from.includes(line)).length;
  expect(Math.max(changed(before, after), changed(after, before))).toBe(lines);
});

test.each([["SSL bridging", articleBridge], ["TCP mode", () => BalancingMode.tcp()]])("with %s, the picture of a site with 16 members, six mail protocols, eight other hosts and two virtual addresses has at most 60 boxes", (_, mode) => {
  const many = Array.from({ length: 16 }, (__, index) => ({ name: `exch${index + 1}`, host: `10.12.8.${index + 21}` }));
  const mailProtocols = [MailProtocol.smtp(), MailProtocol.submission(), MailProtocol.imap(), MailProtocol.imaps(), MailProtocol.pop3(), MailProtocol.pop3s()];
  const otherHosts = Array.from({ length: 8 }, (__, index) => ({ name: `site${index}`, hostNames: [`site${index}.mydomain.local`], servers: ["10.12.8.80"] }));
  const drawn = picture({
    dag: { members: many, mailProtocols },
    balancer: (stack) => ({ mode: mode(stack), allow: { smtp: ["10.8.5.17/32"] }, otherHosts, activeActive: { virtualAddresses: ["10.12.8.16"], virtualRouterId: 234 } }),
  }).filter((line) => /^ +\w+[[(]/.test(line));
  expect(drawn.length).toBeGreaterThan(16 + 8 + 6);
  expect(drawn.length).toBeLessThanOrEqual(60);
});
