/** Enough of an address to tell it from its neighbours. */
export function shortKey(address: string): string {
  return address.length <= 12 ? address : `${address.slice(0, 8)}…`;
}
