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
  /** Of the token, where the subnet has one. Once all delegations are given back. */
  readonly buyout?: Buyout;
  readonly endedAtBlock?: number;
  /** Absent where its owner wants it: the new subnet that waits for the place, and the rao that it has locked. */
  readonly newcomer?: { readonly netuid: number; readonly price: bigint };
}

/** How far holders of a token that ends have been paid. */
export interface Buyout {
  /** Units that were held when it began. */
  readonly tokens: bigint;
  /** Rao that all of them get. */
  readonly tao: bigint;
  /** Units of them that are paid. */
  readonly bought: bigint;
  /** Lists of holders that are still to be paid. */
  readonly slices: number;
}

/** What an owner has locked for a subnet. Rao. */
export interface SubnetLock {
  readonly rao: bigint;
  /** Owner's cuts that were paid since; the refund is less by them. */
  readonly ownerReceived: bigint;
}

/** Whether a subnet lives: seals epochs, takes part in emission. */
export function takesPart({
  dissolution,
  waitsFor,
}: {
  readonly dissolution?: Dissolution;
  readonly waitsFor?: number;
}): boolean {
  return waitsFor === undefined && (dissolution === undefined || dissolution.phase === 'Announced');
}
