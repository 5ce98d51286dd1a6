/**
 * The bind line of a frontend, for one address or, without `address`, for all addresses. With the word `transparent`,
 * HAProxy starts even if the host does not hold the address. For example, a backup node does not hold the virtual
 * addresses.
 */
export function bindLine(port: number, address: string | undefined): string {
  return address === undefined ? `bind *:${port}` : `bind ${address}:${port} transparent`;
}
