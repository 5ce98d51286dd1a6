/** Set if HAProxy connects to the members from its clients' addresses. */
export interface TransparentModel {
  /** The members' IPv6 addresses in the members' order, for IPv6 clients; empty if only IPv4 is served. */
  readonly ipv6Hosts: readonly string[];
}

/**
 * The suffix of the backends for IPv6 clients. They are separate, because HAProxy can use a client's address only
 * towards members of the same IP family.
 */
export const IPV6_BACKEND = "_ipv6";

/** Makes a backend connect to Exchange from its clients' addresses. */
export function fromClients(backend: string): string {
  return asClients(backend, "", "source 0.0.0.0 usesrc clientip");
}

/** The same for IPv6 clients. */
export function fromIpv6Clients(backend: string): string {
  return asClients(backend, IPV6_BACKEND, "source [::] usesrc clientip");
}

function asClients(backend: string, ending: string, source: string): string {
  return backend.replace(/^(backend be_exch2019_\S+)\n/, `$1${ending}\n    # Exchange sees the client's address. Its answers come back here, because a virtual address is Exchange's gateway\n    ${source}\n\n`);
}

/** Makes a frontend choose Exchange's backends by the client's IP family. */
export function choosingByFamily(frontend: string): string {
  if (!/_backend be_exch2019_/.test(frontend)) return frontend;
  return frontend
    .replace(/^( *)use_backend (be_exch2019_\S+) (if .*)$/gm, `$1use_backend $2${IPV6_BACKEND} $3 !from_ipv4\n$&`)
    .replace(/^( *)default_backend (be_exch2019_\S+)$/gm, `$1use_backend $2${IPV6_BACKEND} if !from_ipv4\n$&`)
    .replace(/^( *)(use_backend be_exch2019_)/m, "$1acl from_ipv4 src 0.0.0.0/0\n$1$2");
}
