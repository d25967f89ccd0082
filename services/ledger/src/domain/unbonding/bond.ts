import type { Place } from '../economy/delegation-rows.ts';

/**
 * Stake that has left a neuron and is not the wallet's yet: what the neuron did before can still be slashed. Its money lies
 * on the account `unbonding:<netuid>:<hotkey>`. The hotkey of this row and of the others here is the one under which the pool
 * lies: a swap changes none of them.
 */
export interface Unbonding extends Place {
  /** Sequence of the entry that began it. */
  readonly id: number;
  /** SS58 of whom it is released to. */
  readonly wallet: string;
  /** Rao. */
  readonly amount: bigint;
  readonly startedAtBlock: number;
  readonly releaseBlock: number;
  /** Hex, of the registration whose owner's stake it was; empty: it was delegated, and answers for the hotkey. */
  readonly registrationId: string;
}

/**
 * Stake that went from one neuron straight to another. It earns there, and answers until `endBlock` for what the first one
 * did before. From a neuron to itself: it was unbonding and was put on again.
 */
export interface MovedBond extends Place {
  /** Counts up. */
  readonly id: number;
  readonly wallet: string;
  readonly to: Place;
  /** Rao that still answer. */
  readonly amount: bigint;
  readonly startedAtBlock: number;
  readonly endBlock: number;
  /** As of what is unbonding. */
  readonly registrationId: string;
}

/** Whose neuron's earnings are staked, while this registration lasts. */
export interface AutoStake extends Place {
  /** SS58. */
  readonly owner: string;
  /** Hex. */
  readonly registrationId: string;
}

export function autoStakeGroups({ owner }: AutoStake): readonly string[] {
  return [`owner/${owner}`];
}

export function placeText({ netuid, hotkey }: Place): string {
  return `${netuid}/${hotkey}`;
}

export function unbondingGroups(row: Unbonding): readonly string[] {
  const { wallet, registrationId, releaseBlock } = row;
  const groups = [`wallet/${wallet}`, `place/${placeText(row)}`, `due/${releaseBlock}`];
  return registrationId === '' ? groups : [...groups, `registration/${registrationId}`];
}

export function movedGroups(row: MovedBond): readonly string[] {
  return [`wallet/${row.wallet}`, `from/${placeText(row)}`, movedToGroup(row.wallet, row.to), `due/${row.endBlock}`];
}

/** What a wallet has moved to a place. */
export function movedToGroup(wallet: string, to: Place): string {
  return `to/${wallet}/${placeText(to)}`;
}
