/**
 * How far a subnet's end has come. Announced: everything goes on until `atBlock`. Settling: no epoch is sealed any more, and block by
 * block everybody gets theirs. Dissolved: only the row is left; neither netuid nor handle is ever given out again.
 */
export interface Dissolution {
  readonly phase: 'Announced' | 'Settling' | 'Dissolved';
  readonly announcedAtBlock: number;
  readonly atBlock: number;
  /** By block so much a sealed epoch may still be paid. Once settling. */
  readonly settleByBlock?: number;
  /** Lists of delegations that are still to be given back. Once settling. */
  readonly slices?: number;
  readonly endedAtBlock?: number;
}

/** What an owner has locked for a subnet. Rao. */
export interface SubnetLock {
  readonly rao: bigint;
  /** Owner's cuts that were paid since; the refund is less by them. */
  readonly ownerReceived: bigint;
}

/** Whether a subnet still lives: seals epochs, takes part in emission. */
export function takesPart({ dissolution }: { readonly dissolution?: Dissolution }): boolean {
  return dissolution === undefined || dissolution.phase === 'Announced';
}
