import { isIP } from "node:net";
import { Token } from "cdktf";
import { networkOf, overlap } from "../validation/networks";
import { Publication } from "../choices/publication";
import { guards } from "../haproxy-node/guards";
import { HaproxyNode } from "../haproxy-node/haproxy-node";
import { BorderProxyProps } from "./props";

/**
 * Warnings about settings of the border proxy that do not fit the settings of the inner nodes (the nodes of `inner`).
 * For example, the border proxy publishes a service for clients that an allow list of the inner nodes does not contain.
 * The inner nodes then refuse these clients, because the inner nodes apply their allow lists also to clients of the
 * border proxy.
 */
export function insideWarnings({ inner, publish, mode, master, backup }: BorderProxyProps): readonly string[] {
  const [node] = inner?._nodes ?? [];
  if (node === undefined) return [];
  const { addresses = [] } = node._border ?? {};
  return [
    ...publish.flatMap((publication) => [...closedInside(publication, node), ...notServedInside(publication, node)]),
    ...(mode._balancing._sslBridge !== undefined || node._props.mode._sslBridge === undefined || !serves(node, "/ecp") || guards(node._props).some(({ name }) => name === "ecp")
      ? []
      : ["all virtual directories of the inner nodes are published, and allow.ecp of the inner nodes is not set. So everyone outside can open the Exchange admin center"]),
    ...[master, backup].flatMap((host) =>
      host === undefined || covered(host.host, addresses)
        ? []
        : [`border.addresses of the inner nodes does not contain ${host.host}, so the inner nodes refuse connections from this address. Add the address, or ignore this warning if the border proxy connects from another address`],
    ),
  ];
}

function closedInside({ name, _allow, _directories, _mail, _more }: Publication, { _props }: HaproxyNode): readonly string[] {
  const published = _mail === undefined ? _directories.map(({ directory }) => directory.name) : _more.edgeServers === undefined ? [_mail.name] : [];
  return guards(_props).flatMap(({ name: list, entries }) => {
    if (!published.includes(list) || Token.isUnresolved(entries) || Token.isUnresolved(_allow)) return [];
    const missing = (_allow ?? ["0.0.0.0/0"]).find((entry) => !covered(entry, entries));
    if (missing === undefined) return [];
    const who = _allow === undefined ? "everyone" : missing;
    return [`${name} is published for ${who}, but the inner nodes refuse some of these clients, because the inner nodes' allow list for ${list} does not contain all of them`];
  });
}

function notServedInside({ name, _directories }: Publication, node: HaproxyNode): readonly string[] {
  if (node._props.mode._sslBridge === undefined) return [];
  const missing = _directories.find(({ directory }) => !serves(node, directory.path));
  return missing === undefined ? [] : [`${missing.directory.path} (in ${name}) is published, but the inner nodes do not serve this directory. Add the directory to virtualDirectories of the inner nodes' DAG`];
}

/** Whether the node's DAG has a virtual directory with this path. Compares without regard to case, as Exchange does. */
function serves({ _props: { dag } }: HaproxyNode, path: string): boolean {
  return dag.virtualDirectories.some((served) => served.path.toLowerCase() === path.toLowerCase());
}

/**
 * Whether an entry of `list` contains the address or network `entry`. Also true if `entry` or `list` contains a token
 * or a DNS name, because synthesis then cannot compare the addresses.
 */
function covered(entry: string, list: readonly string[]): boolean {
  const known = (text: string): boolean => !Token.isUnresolved(text) && isIP(text.replace(/[/].*/, "")) !== 0;
  if (!known(entry) || !list.every(known)) return true;
  return list.some((other) => {
    if (entry.includes(":") || other.includes(":")) return entry.toLowerCase() === other.toLowerCase();
    const [own, theirs] = [networkOf(entry, 32), networkOf(other, 32)];
    return theirs.prefix <= own.prefix && overlap(own, theirs);
  });
}
