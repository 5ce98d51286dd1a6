/**
 * Where a frontend listens: on all addresses, or on one. `transparent`: HAProxy starts although the host does not have
 * the address just now, as a backup does not have the virtual ones.
 */
export function bindLine(port: number, address: string | undefined): string {
  return address === undefined ? `bind *:${port}` : `bind ${address}:${port} transparent`;
}
