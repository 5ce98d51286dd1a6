/** The settings with which HAProxy connects to the members from the clients' addresses. */
export interface TransparentModel {
  /** The members' IPv6 addresses, in the order of the members. Empty if the balancers serve only IPv4 clients. */
  readonly ipv6Hosts: readonly string[];
}

/**
 * The suffix of the backends for IPv6 clients. IPv6 clients need separate backends, because HAProxy can connect from a
 * client's address only to a server address of the same IP family.
 */
export const IPV6_BACKEND = "_ipv6";

/** Returns a backend in which HAProxy connects to Exchange from the client's IPv4 address. */
export function fromClients(backend: string): string {
  return asClients(backend, "", "source 0.0.0.0 usesrc clientip");
}

/** Returns a backend for IPv6 clients, in which HAProxy connects to Exchange from the client's IPv6 address. */
export function fromIpv6Clients(backend: string): string {
  return asClients(backend, IPV6_BACKEND, "source [::] usesrc clientip");
}

function asClients(backend: string, ending: string, source: string): string {
  return backend.replace(/^(backend be_exch2019_\S+)\n/, `$1${ending}\n    # Exchange sees the client's address, and answers through its gateway, which is a virtual address of the balancers\n    ${source}\n\n`);
}

/** Returns a frontend that sends IPv6 clients to the IPv6 backends, and IPv4 clients to the other backends. */
export function choosingByFamily(frontend: string): string {
  if (!/_backend be_exch2019_/.test(frontend)) return frontend;
  return frontend
    .replace(/^( *)use_backend (be_exch2019_\S+) (if .*)$/gm, `$1use_backend $2${IPV6_BACKEND} $3 !from_ipv4\n$&`)
    .replace(/^( *)default_backend (be_exch2019_\S+)$/gm, `$1use_backend $2${IPV6_BACKEND} if !from_ipv4\n$&`)
    .replace(/^( *)(use_backend be_exch2019_)/m, "$1acl from_ipv4 src 0.0.0.0/0\n$1$2");
}
