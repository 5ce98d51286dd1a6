import { isIP } from "node:net";
import { Token } from "cdktf";
import { networkOf, overlap } from "../validation/networks";
import { Publication } from "../choices/publication";
import { guards } from "../haproxy-node/guards";
import { HaproxyNode } from "../haproxy-node/haproxy-node";
import { BorderProxyProps } from "./props";

/**
 * Warnings about services that are published, but that the inner nodes refuse. The inner nodes' allow lists also apply
 * to clients outside.
 */
export function insideWarnings({ inner, publish, mode, master, backup }: BorderProxyProps): readonly string[] {
  const [node] = inner?._nodes ?? [];
  if (node === undefined) return [];
  const { addresses = [] } = node._border ?? {};
  return [
    ...publish.flatMap((publication) => [...closedInside(publication, node), ...notServedInside(publication, node)]),
    ...(mode._balancing._sslBridge !== undefined || node._props.mode._sslBridge === undefined || guards(node._props).some(({ name }) => name === "ecp")
      ? []
      : ["publish has all virtual directories of the inner nodes, and the inner nodes' allow.ecp is not set, so everyone outside may open the Exchange admin center"]),
    ...[master, backup].flatMap((host) =>
      host === undefined || covered(host.host, addresses)
        ? []
        : [`the inner nodes' border.addresses does not contain ${host.host}, so the inner nodes refuse this host, unless this host connects from another address`],
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
    return [`publish has ${name} for ${who}, but the inner nodes' list for ${list}, which also applies to clients outside, does not contain all of these clients`];
  });
}

function notServedInside({ name, _directories }: Publication, { _props: { dag, mode } }: HaproxyNode): readonly string[] {
  if (mode._sslBridge === undefined) return [];
  const missing = _directories.find(({ directory }) => !dag.virtualDirectories.some((served) => served.path.toLowerCase() === directory.path.toLowerCase()));
  return missing === undefined ? [] : [`publish has ${missing.directory.path} for ${name}, but the inner nodes do not serve it. Add it to the DAG's virtualDirectories`];
}

/** False only if it is known that no entry of the list contains the address or network. */
function covered(entry: string, list: readonly string[]): boolean {
  const known = (text: string): boolean => !Token.isUnresolved(text) && isIP(text.replace(/[/].*/, "")) !== 0;
  if (!known(entry) || !list.every(known)) return true;
  return list.some((other) => {
    if (entry.includes(":") || other.includes(":")) return entry.toLowerCase() === other.toLowerCase();
    const [own, theirs] = [networkOf(entry, 32), networkOf(other, 32)];
    return theirs.prefix <= own.prefix && overlap(own, theirs);
  });
}
