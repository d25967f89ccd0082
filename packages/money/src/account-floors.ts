/** How far below zero billing accounts may be, as the journal's entries say. */
export class AccountFloors {
  readonly #floors = new Map<string, bigint>();

  /** Takes the next entry; those that change no account are passed over. */
  take({ kind, payloadJson }: { readonly kind: string; readonly payloadJson: string }): void {
    if (kind !== 'AccountOpened' && kind !== 'AccountLimits') return;
    const { account, floor } = JSON.parse(payloadJson) as { readonly account?: unknown; readonly floor?: unknown };
    if (typeof account === 'string' && typeof floor === 'string' && /^-?[0-9]{1,39}$/.test(floor)) {
      this.#floors.set(account, BigInt(floor));
    }
  }

  of(account: string): bigint {
    return this.#floors.get(account) ?? 0n;
  }
}
