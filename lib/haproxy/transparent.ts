/** HAProxy connects to the members from its clients' addresses. */
export interface TransparentModel {
  /** The members' IPv6 addresses in the members' order, for IPv6 clients; none: IPv4 alone is served. */
  readonly ipv6Hosts: readonly string[];
}

/** The end of the names of backends that take IPv6 clients: an address can only be used towards one of its own family. */
export const IPV6_BACKEND = "_ipv6";

/** A backend of Exchange's that shows its clients' addresses. */
export function fromClients(backend: string): string {
  return asClients(backend, "", "source 0.0.0.0 usesrc clientip");
}

/** The same for IPv6 clients. */
export function fromIpv6Clients(backend: string): string {
  return asClients(backend, IPV6_BACKEND, "source [::] usesrc clientip");
}

function asClients(backend: string, ending: string, source: string): string {
  return backend.replace(/^(backend be_exch2019_\S+)\n/, `$1${ending}\n    # Exchange sees the client's address; its answers come back here because a virtual address is its gateway\n    ${source}\n\n`);
}

/** A frontend's choice of Exchange's backends by the client's family. */
export function choosingByFamily(frontend: string): string {
  if (!/_backend be_exch2019_/.test(frontend)) return frontend;
  return frontend
    .replace(/^( *)use_backend (be_exch2019_\S+) (if .*)$/gm, `$1use_backend $2${IPV6_BACKEND} $3 !from_ipv4\n$&`)
    .replace(/^( *)default_backend (be_exch2019_\S+)$/gm, `$1use_backend $2${IPV6_BACKEND} if !from_ipv4\n$&`)
    .replace(/^( *)(use_backend be_exch2019_)/m, "$1acl from_ipv4 src 0.0.0.0/0\n$1$2");
}
