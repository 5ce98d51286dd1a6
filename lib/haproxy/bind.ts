/**
 * The address on which a frontend listens: all addresses, or one address. `transparent`: HAProxy starts even if the
 * host does not have the address, as a backup node without the virtual addresses.
 */
export function bindLine(port: number, address: string | undefined): string {
  return address === undefined ? `bind *:${port}` : `bind ${address}:${port} transparent`;
}
