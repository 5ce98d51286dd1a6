import { Construct } from "constructs";
import { allowListText } from "../choices/allow-lists";
import { AllowModel } from "../haproxy/model";
import { Checks } from "../validation/checks";
import { HaproxyNodeProps } from "./props";

/** An allow list of something that is served, and its file. */
export interface AllowListFile extends AllowModel {
  /** What it guards. */
  readonly name: string;
  readonly content: string;
}

/** The lists that something served asks for. */
export function allowListFiles(scope: Construct, checks: Checks, { dag, mode, allow = {} }: HaproxyNodeProps): readonly AllowListFile[] {
  if (dag._border !== undefined) {
    return dag._border.lists.map(({ prop, entries, ...list }) => ({ ...list, content: allowListText(scope, checks, prop, entries) }));
  }
  const bridge = mode._sslBridge !== undefined;
  const directory = (name: string): boolean => bridge && dag.virtualDirectories.some((served) => served.name === name);
  const lists: (AllowListFile | undefined)[] = [
    allowList(scope, checks, "smtp", "smtp_networks", dag.mailProtocols.some(({ name }) => name === "smtp"), allow.smtp),
    allowList(scope, checks, "ecp", "admins_network", directory("ecp"), allow.ecp),
    allowList(scope, checks, "owa", "users_networks", directory("owa"), allow.owa),
  ];
  return lists.filter((list) => list !== undefined);
}

function allowList(scope: Construct, checks: Checks, name: string, acl: string, served: boolean, entries: string[] | undefined): AllowListFile | undefined {
  if (entries === undefined) return undefined;
  // Checked even where nothing asks for it: it will, when the mode is switched.
  const content = allowListText(scope, checks, `allow.${name}`, entries);
  return served ? { name, acl, file: `/etc/haproxy/haproxy_${name}_whitelist.lst`, content } : undefined;
}
