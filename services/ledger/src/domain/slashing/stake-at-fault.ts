import { delegatedOf, INSURANCE, stakeOf, unbondingOf } from '../book/account.ts';
import { accept, type Decision } from '../book/refusal.ts';
import { seizeDelegation } from '../economy/delegation.ts';
import { type Place, poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { neuronAt } from '../keys/pool-name.ts';
import { type MovedBond, placeText, type Unbonding } from '../unbonding/bond.ts';
import type { Offence } from './slash.ts';
import { endedLately } from './ended-registrations.ts';
import { answersFor } from './slash-table.ts';

type Fault = Pick<Offence, 'netuid' | 'hotkey' | 'registrationId' | 'offenceBlock'>;

/** Rao that answer for an offence, by where they are. */
export interface StakeAtFault {
  readonly own: bigint;
  readonly pool: bigint;
  readonly unbonding: readonly Unbonding[];
  readonly moved: readonly MovedBond[];
  readonly total: bigint;
}

/** What a slash took, by where it was. Rao. */
export interface Seized {
  readonly own: bigint;
  readonly pool: bigint;
  readonly unbonding: bigint;
  readonly moved: bigint;
  readonly total: bigint;
  /** Neurons to which some had been moved. */
  readonly places: readonly Place[];
}

/**
 * What answers for an offence: the owner's stake on the registration at fault, what is delegated to the hotkey, and what left
 * both since. Of a registration that is over the owner has nothing there any more: what is unbonding answers.
 */
export function stakeAtFault(ledger: Ledger, fault: Fault): StakeAtFault {
  const { netuid, registrationId } = fault;
  const { book, asset } = ledger;
  const place = poolAt(ledger, fault);
  const neuron = neuronAt(ledger, netuid, fault.hotkey);
  const isActive = neuron?.registrationId === registrationId;
  const own = isActive ? book.posted(asset, stakeOf(netuid, neuron.hotkey, neuron.coldkey)) : 0n;
  const pool = book.posted(asset, delegatedOf(netuid, place.hotkey));
  const unbonding = ledger.unbondings.find(`place/${placeText(place)}`).filter((row) => answersFor(row, fault));
  const moved = ledger.movedBonds.find(`from/${placeText(place)}`).filter((row) => answersFor(row, fault));
  const left = [...unbonding, ...moved].reduce((sum, { amount }) => sum + amount, 0n);
  return { own, pool, unbonding, moved, total: own + pool + left };
}

/**
 * Takes `amount` of it into the insurance account, from each in proportion and floored: nobody pays for the rounding. What
 * was moved and is not there any more is not made up for by others.
 */
export function seize(
  ledger: Ledger,
  fault: Fault,
  { stake, amount }: { readonly stake: StakeAtFault; readonly amount: bigint },
): Decision<Seized> {
  const { netuid, hotkey } = poolAt(ledger, fault);
  const partOf = (rao: bigint): bigint => (stake.total === 0n ? 0n : (rao * amount) / stake.total);
  const neuron = neuronAt(ledger, netuid, hotkey);
  const [own, pool] = [partOf(stake.own), partOf(stake.pool)];
  const paid = payAll(ledger, [
    [stakeOf(netuid, neuron?.hotkey ?? '', neuron?.coldkey ?? ''), own],
    [delegatedOf(netuid, hotkey), pool],
  ]);
  if (!paid.ok) return paid;
  let unbonding = 0n;
  for (const row of stake.unbonding) unbonding += cut(ledger, row, partOf(row.amount));
  const took = payAll(ledger, [[unbondingOf(netuid, hotkey), unbonding]]);
  if (!took.ok) return took;
  let moved = 0n;
  for (const row of stake.moved) {
    const seized = seizeMoved(ledger, row, partOf(row.amount));
    if (!seized.ok) return seized;
    moved += seized.value;
  }
  const places = stake.moved.map(({ to }) => to);
  return accept({ own, pool, unbonding, moved, total: own + pool + unbonding + moved, places });
}

/** Out of what the wallet has where it moved to, and then out of what it has taken off there since. Answers what there was. */
function seizeMoved(ledger: Ledger, row: MovedBond, wanted: bigint): Decision<bigint> {
  if (wanted === 0n) return accept(0n);
  const { wallet, to } = row;
  const isSame = placeText(to) === placeText(row);
  const neuron = neuronAt(ledger, to.netuid, to.hotkey);
  let left = wanted;
  if (neuron?.coldkey === wallet && !isSame) {
    const from = stakeOf(to.netuid, neuron.hotkey, wallet);
    const rao = smaller(ledger.book.posted(ledger.asset, from), left);
    const paid = payAll(ledger, [[from, rao]]);
    if (!paid.ok) return paid;
    left -= rao;
  }
  // What was put on again at the same neuron and counts already answers with the pool.
  const seized = seizeDelegation(ledger, wallet, { ...to, wanted: left, onlyWaiting: isSame, into: INSURANCE });
  if (!seized.ok) return seized;
  left -= seized.value;
  if (!isSame) {
    const since = ledger.unbondings
      .find(`place/${placeText(to)}`)
      .filter((each) => each.wallet === wallet && each.startedAtBlock >= row.startedAtBlock);
    for (const each of since) {
      const rao = cut(ledger, each, smaller(each.amount, left));
      const paid = payAll(ledger, [[unbondingOf(to.netuid, to.hotkey), rao]]);
      if (!paid.ok) return paid;
      left -= rao;
    }
  }
  const still = row.amount - (wanted - left);
  if (still > 0n) ledger.movedBonds.put(String(row.id), { ...row, amount: still });
  else ledger.movedBonds.remove(String(row.id));
  return accept(wanted - left);
}

function cut(ledger: Ledger, row: Unbonding, rao: bigint): bigint {
  if (rao === row.amount) ledger.unbondings.remove(String(row.id));
  else if (rao > 0n) ledger.unbondings.put(String(row.id), { ...row, amount: row.amount - rao });
  return rao;
}

function payAll(ledger: Ledger, payments: readonly (readonly [from: string, amount: bigint])[]): Decision<undefined> {
  for (const [from, amount] of payments) {
    if (amount === 0n) continue;
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: INSURANCE, amount }] });
    if (!paid.ok) return paid;
  }
  return accept(undefined);
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

/** Whether a registration is there, or is over for so short a time that stake of it may still be unbonding. */
export function isKnownRegistration(ledger: Ledger, { netuid, hotkey, registrationId }: Fault): boolean {
  if (neuronAt(ledger, netuid, hotkey)?.registrationId === registrationId) return true;
  return endedLately(ledger, { netuid, hotkey }).some((each) => each.registrationId === registrationId);
}
