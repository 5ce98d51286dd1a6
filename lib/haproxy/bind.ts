/**
 * The address on which a frontend listens: all addresses, or one address. With `transparent`, HAProxy starts even if
 * the host does not have the address. For example, a backup node does not hold the virtual addresses.
 */
export function bindLine(port: number, address: string | undefined): string {
  return address === undefined ? `bind *:${port}` : `bind ${address}:${port} transparent`;
}
