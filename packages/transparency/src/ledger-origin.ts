/** The origin of a ledger's log, and the name of its key: one for each network. @param networkId 64 hex digits */
export function ledgerOrigin(networkId: string): string {
  if (!/^[0-9a-f]{64}$/.test(networkId)) throw new RangeError(`${networkId} is no network's id`);
  return `subnetes.io/ledger/${networkId}`;
}
