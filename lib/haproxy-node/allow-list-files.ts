import { Construct } from "constructs";
import { allowListText, checkAllowList } from "../choices/allow-lists";
import { AllowModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { guards } from "./guards";
import { HaproxyNodeProps } from "./props";

/** An allow list of something that is served, and its file. */
export interface AllowListFile extends AllowModel {
  /** What it guards. */
  readonly name: string;
  readonly content: string;
}

/** The article's names. A colon is in no directory's name, so no other ACL is called as any of the rest. */
const ACLS = new Map([["smtp", "smtp_networks"], ["ecp", "admins_network"], ["owa", "users_networks"]]);

/** The lists that something served asks for. */
export function allowListFiles(scope: Construct, checks: Checks, props: HaproxyNodeProps): readonly AllowListFile[] {
  if (props.dag._border !== undefined) {
    return props.dag._border.lists.map(({ prop, entries, ...list }) => {
      checkAllowList(scope, checks, prop, entries);
      return { ...list, content: allowListText(entries) };
    });
  }
  const all = guards(props);
  const short = new Map(all.flatMap(({ prop, entries }) => (prop === undefined ? [] : [[prop, entries] as const])));
  for (const [prop, entries] of short) checkAllowList(scope, checks, prop, entries);
  return all.map(({ name, entries }) => ({
    name,
    acl: ACLS.get(name) ?? `allow:${name}`,
    file: `/etc/haproxy/haproxy_${name}_whitelist.lst`,
    content: allowListText(entries),
  }));
}
