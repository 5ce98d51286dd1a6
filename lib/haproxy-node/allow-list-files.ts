import { Construct } from "constructs";
import { allowListText, checkAllowList } from "../choices/allow-lists";
import { AllowModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { guards } from "./guards";
import { HaproxyNodeProps } from "./props";

/** The allow list of a service or directory, and the list's file. */
export interface AllowListFile extends AllowModel {
  /** The name of the service or directory. */
  readonly name: string;
  readonly content: string;
}

/**
 * The ACL names of three allow lists, as in docs/article.md. The ACL names of all other allow lists begin with
 * `allow:`. No directory's name contains a colon, so all ACL names are different.
 */
const ACLS = new Map([["smtp", "smtp_networks"], ["ecp", "admins_network"], ["owa", "users_networks"]]);

/** The allow lists of all served services and directories. */
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
