import { unbondingOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { type Place, poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type MovedBond, movedToGroup, type Unbonding } from './bond.ts';

/** Where stake goes that leaves a neuron. */
export type Leaving = { readonly to: 'Wallet' } | { readonly to: 'Neuron'; readonly place: Place };

export const TO_WALLET: Leaving = { to: 'Wallet' };

/** Stake that leaves a neuron, on its own or a pool's account; the hotkey may be any that the neuron has had. */
export interface LeavingStake extends Place {
  readonly from: string;
  readonly wallet: string;
  readonly amount: bigint;
  readonly leaving: Leaving;
  /** Hex, of the registration whose owner's stake it is; empty: it was delegated. */
  readonly registrationId: string;
  /** A registration ends: this must not fail for a limit. */
  readonly isForced?: boolean;
}

/** Of one wallet at once: what is unbonding, and what was moved and still answers for where it was. */
export const UNBONDINGS_MAX = 64;

/** Blocks that stake takes to leave; 0 where it leaves at once. */
export function unbondingBlocks(ledger: Ledger): number {
  return ledger.network.genesis.unbondingBlocks ?? 0;
}

/** Takes stake off its account: to the wallet at once, or by way of the time in which it still answers for the neuron. */
export function payLeaving(ledger: Ledger, stake: LeavingStake): Decision<undefined> {
  const { leaving, wallet, amount, from } = stake;
  if (unbondingBlocks(ledger) === 0) return payTo(ledger, from, { to: wallet, amount });
  const full = stake.isForced === true ? undefined : countRefusal(ledger, wallet);
  if (full !== undefined) return full;
  if (leaving.to === 'Wallet') return unbond(ledger, stake);
  const paid = payTo(ledger, from, { to: wallet, amount });
  if (paid.ok) trackMove(ledger, { ...stake, to: leaving.place, endBlock: ledger.block + unbondingBlocks(ledger) });
  return paid;
}

/** Whether stake that a wallet has at a place came from elsewhere so shortly before that it answers for there as well. */
export function hasMovedTo(ledger: Ledger, wallet: string, place: Place): boolean {
  return ledger.movedBonds.has(movedToGroup(wallet, poolAt(ledger, place)));
}

/** From there it cannot be moved on at once: who moves on and on would be out of reach. */
export function moveRefusal(ledger: Ledger, wallet: string, place: Place): Decision<never> | undefined {
  const last = ledger.movedBonds.find(movedToGroup(wallet, poolAt(ledger, place))).at(-1);
  if (last === undefined) return undefined;
  return refuse(
    'MOVES_ON_LATER',
    `what ${wallet} moved to ${place.hotkey} can be moved on from block ${last.endBlock} on; it can be taken off at any time`,
  );
}

export function trackMove(ledger: Ledger, move: Omit<MovedBond, 'id' | 'startedAtBlock'>): void {
  const { wallet, amount, endBlock, registrationId } = move;
  const id = ledger.lastMovedBond + 1;
  ledger.lastMovedBond = id;
  ledger.movedBonds.put(String(id), {
    id,
    ...poolAt(ledger, move),
    wallet,
    to: poolAt(ledger, move.to),
    amount,
    startedAtBlock: ledger.block,
    endBlock,
    registrationId,
  });
}

function unbond(ledger: Ledger, { wallet, amount, from, registrationId, ...given }: LeavingStake): Decision<undefined> {
  const { netuid, hotkey } = poolAt(ledger, given);
  const paid = payTo(ledger, from, { to: unbondingOf(netuid, hotkey), amount });
  if (!paid.ok) return paid;
  const began = {
    netuid,
    hotkey,
    wallet,
    amount,
    startedAtBlock: ledger.block,
    releaseBlock: ledger.block + unbondingBlocks(ledger),
    registrationId,
  };
  const entry = ledger.journal.write({ block: ledger.block, kind: 'UnbondingStarted', payload: began });
  const row: Unbonding = { id: entry.sequence, ...began };
  ledger.unbondings.put(String(row.id), row);
  return accept(undefined);
}

/** Why a wallet cannot have one more amount under way. */
export function countRefusal(ledger: Ledger, wallet: string): Decision<never> | undefined {
  const open = ledger.unbondings.count(`wallet/${wallet}`) + ledger.movedBonds.count(`wallet/${wallet}`);
  if (open < UNBONDINGS_MAX) return undefined;
  return refuse('UNBONDING_COUNT', `${wallet} has ${UNBONDINGS_MAX} amounts that are unbonding or moved: wait for one`);
}

function payTo(ledger: Ledger, from: string, part: { readonly to: string; readonly amount: bigint }) {
  const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [part] });
  return paid.ok ? accept(undefined) : paid;
}
