import { delegatedOf, delegatingOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { poolHolderOf, poolNameOf } from '../keys/pool-name.ts';
import { joinRefusal } from '../slashing/slash-table.ts';
import { hasMovedTo, type Leaving, payLeaving, TO_WALLET } from '../unbonding/leave-stake.ts';
import { takesPart } from '../life/subnet-life.ts';
import {
  listPlace,
  type Place,
  poolAt,
  poolOf,
  positionKey,
  positionOf,
  putPool,
  putPosition,
  roundKey,
} from './delegation-rows.ts';
import type { Ledger } from './ledger.ts';
import { type Position, sharesFor, sharesOff, worthOf } from './share-pool.ts';

/** Less is not worth its row. As on the chain: DefaultMinStake. */
export const DELEGATION_MIN = 2_000_000n;

/** What a wallet has delegated to a hotkey, in rao. */
export interface Delegation extends Place {
  /** What it is worth now, and counts. */
  readonly worth: bigint;
  /** What counts from the next seal on. */
  readonly waiting: bigint;
}

/** Puts money of a wallet on another's neuron. It counts, and earns, from the subnet's next seal on. */
export function delegate(
  ledger: Ledger,
  wallet: string,
  { amount, ...given }: Place & { readonly amount: bigint },
): Decision<undefined> {
  const place = poolAt(ledger, given);
  if (amount < DELEGATION_MIN) {
    return refuse('STAKE_TOO_SMALL', `a delegation is ${DELEGATION_MIN} rao at least, not ${amount}`);
  }
  const barred = joinRefusal(ledger, place);
  if (barred !== undefined) return barred;
  const subnet = ledger.subnet(place.netuid);
  if (subnet !== undefined && !takesPart(subnet)) {
    return refuse('SUBNET_DISSOLVING', `subnet ${subnet.handle} ends: nothing is delegated in it any more`);
  }
  const listed = listPlace(ledger, wallet, place);
  if (!listed.ok) return listed;
  const [pool, position] = [poolOf(ledger, place), positionOf(ledger, wallet, place)];
  const to = delegatingOf(place.netuid, place.hotkey);
  const paid = ledger.book.pay({ asset: ledger.asset, from: wallet, parts: [{ to, amount }] });
  if (!paid.ok) return paid;
  putPool(ledger, place, { ...pool, waiting: pool.waiting + amount });
  putPosition(ledger, wallet, place, {
    ...position,
    waiting: position.waiting + amount,
    waitsFor: pool.round + 1,
  });
  return accept(undefined);
}

/**
 * Gives a wallet back what it delegated, in part or all of it: first what does not count yet. What an epoch that is sealed and not
 * paid will bring stays with those who stay. What has counted answers for the neuron until it has left.
 */
export function undelegate(
  ledger: Ledger,
  wallet: string,
  {
    amount: wanted,
    leaving = TO_WALLET,
    ...given
  }: Place & {
    readonly amount: bigint | undefined;
    readonly leaving?: Leaving;
  },
): Decision<bigint> {
  const place = poolAt(ledger, given);
  const [pool, position] = [poolOf(ledger, place), positionOf(ledger, wallet, place)];
  const total = poolTotal(ledger, place);
  const worth = worthOf(position.shares, pool, total);
  const all = worth + position.waiting;
  const amount = wanted ?? all;
  if (amount === 0n || amount > all) {
    return refuse('INSUFFICIENT_STAKE', `${wallet} has ${all} rao on ${place.hotkey}, not ${amount}`);
  }
  if (all - amount > 0n && all - amount < DELEGATION_MIN) {
    return refuse('STAKE_TOO_SMALL', `${all - amount} rao would be left, less than ${DELEGATION_MIN}: take all of it`);
  }
  const { unused, sold } = takeOut(ledger, wallet, { place, position, amount });
  if (unused > 0n) {
    const from = delegatingOf(place.netuid, place.hotkey);
    const leave = { ...place, from, wallet, amount: unused, leaving, registrationId: '' };
    const paid = hasMovedTo(ledger, wallet, place)
      ? payLeaving(ledger, leave)
      : ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: wallet, amount: unused }] });
    if (!paid.ok) return paid;
  }
  if (sold > 0n) {
    const from = delegatedOf(place.netuid, place.hotkey);
    const paid = payLeaving(ledger, { ...place, from, wallet, amount: sold, leaving, registrationId: '' });
    if (!paid.ok) return paid;
  }
  return accept(amount);
}

/** Takes from a wallet's delegation, as far as there is any, into another account: what waits first. Answers how much. */
export function seizeDelegation(
  ledger: Ledger,
  wallet: string,
  {
    wanted,
    onlyWaiting,
    into,
    ...given
  }: Place & { readonly wanted: bigint; readonly onlyWaiting: boolean; readonly into: string },
): Decision<bigint> {
  const place = poolAt(ledger, given);
  const position = positionOf(ledger, wallet, place);
  const worth = onlyWaiting ? 0n : worthOf(position.shares, poolOf(ledger, place), poolTotal(ledger, place));
  const all = worth + position.waiting;
  const amount = wanted < all ? wanted : all;
  if (amount === 0n) return accept(0n);
  const { unused, sold } = takeOut(ledger, wallet, { place, position, amount });
  for (const [from, rao] of [
    [delegatingOf(place.netuid, place.hotkey), unused],
    [delegatedOf(place.netuid, place.hotkey), sold],
  ] as const) {
    if (rao === 0n) continue;
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: into, amount: rao }] });
    if (!paid.ok) return paid;
  }
  return accept(amount);
}

/** Lowers pool and position by what is about to be paid out of their accounts. */
function takeOut(
  ledger: Ledger,
  wallet: string,
  { place, position, amount }: { readonly place: Place; readonly position: Position; readonly amount: bigint },
): { readonly unused: bigint; readonly sold: bigint } {
  const [pool, total] = [poolOf(ledger, place), poolTotal(ledger, place)];
  const unused = amount < position.waiting ? amount : position.waiting;
  const sold = amount - unused;
  const isAll = sold === worthOf(position.shares, pool, total);
  const shares = isAll ? position.shares : sharesOff(sold, pool, total);
  putPool(ledger, place, { ...pool, denominator: pool.denominator - shares, waiting: pool.waiting - unused });
  putPosition(ledger, wallet, place, {
    ...position,
    shares: position.shares - shares,
    waiting: position.waiting - unused,
  });
  return { unused, sold };
}

/**
 * Gives a wallet back all that it has delegated to a hotkey, however little it is and however much of it is under way already; what has
 * counted answers for the neuron until it has left, as any that leaves. Answers how much.
 */
export function returnDelegation(ledger: Ledger, wallet: string, place: Place): Decision<bigint> {
  const [pool, position] = [poolOf(ledger, place), positionOf(ledger, wallet, place)];
  const worth = worthOf(position.shares, pool, poolTotal(ledger, place));
  for (const [from, amount, answers] of [
    [delegatingOf(place.netuid, place.hotkey), position.waiting, hasMovedTo(ledger, wallet, place)],
    [delegatedOf(place.netuid, place.hotkey), worth, true],
  ] as const) {
    if (amount === 0n) continue;
    const leave = { ...place, from, wallet, amount, leaving: TO_WALLET, registrationId: '', isForced: true };
    const paid = answers
      ? payLeaving(ledger, leave)
      : ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: wallet, amount }] });
    if (!paid.ok) return paid;
  }
  putPool(ledger, place, {
    ...pool,
    denominator: pool.denominator - position.shares,
    waiting: pool.waiting - position.waiting,
  });
  putPosition(ledger, wallet, place, { ...position, shares: 0n, waiting: 0n });
  return accept(worth + position.waiting);
}

/** What waited for a seal becomes shares at the price of this moment. Answers what it came to, for the journal. */
export function countDelegations(
  ledger: Ledger,
  given: Place,
): Decision<{ readonly hotkey: string; readonly waited: bigint; readonly shares: bigint } | undefined> {
  const place = poolAt(ledger, given);
  const pool = poolOf(ledger, place);
  const { waiting: waited, round } = pool;
  if (waited === 0n) return accept(undefined);
  const shares = sharesFor(waited, pool, poolTotal(ledger, place));
  const paid = ledger.book.pay({
    asset: ledger.asset,
    from: delegatingOf(place.netuid, place.hotkey),
    parts: [{ to: delegatedOf(place.netuid, place.hotkey), amount: waited }],
  });
  if (!paid.ok) return paid;
  ledger.shareRounds.put(roundKey(place, round + 1), { waited, shares });
  putPool(ledger, place, { denominator: pool.denominator + shares, waiting: 0n, round: round + 1 });
  return accept({ hotkey: given.hotkey, waited, shares });
}

/** Rao that others than its owner have on a hotkey and that count. */
export function poolTotal(ledger: Ledger, { netuid, hotkey }: Place): bigint {
  return ledger.book.posted(ledger.asset, delegatedOf(netuid, poolNameOf(ledger, netuid, hotkey)));
}

/** Rao that others delegated since the last seal. */
export function waitingOf(ledger: Ledger, place: Place): bigint {
  return poolOf(ledger, place).waiting;
}

/** Whether there is anybody to whom a payment into the pool would go. */
export function hasDelegations(ledger: Ledger, place: Place): boolean {
  return poolOf(ledger, poolAt(ledger, place)).denominator > 0n;
}

/** All that a wallet has delegated, ascending by place. */
export function delegationsOf(ledger: Ledger, wallet: string): readonly Delegation[] {
  return (ledger.delegationLists.get(wallet) ?? []).map((place) => delegationOf(ledger, wallet, place));
}

/** What a wallet has delegated to one hotkey, by whatever name it is known. */
export function delegationOf(ledger: Ledger, wallet: string, { netuid, hotkey }: Place): Delegation {
  const place = poolAt(ledger, { netuid, hotkey });
  const position = positionOf(ledger, wallet, place);
  return {
    netuid,
    hotkey: poolHolderOf(ledger, netuid, place.hotkey),
    worth: worthOf(position.shares, poolOf(ledger, place), poolTotal(ledger, place)),
    waiting: position.waiting,
  };
}

/** Puts all that a wallet has delegated in another's name, which has delegated nothing itself. */
export function moveDelegations(ledger: Ledger, from: string, to: string): void {
  const places = ledger.delegationLists.get(from);
  if (places === undefined) return;
  for (const place of places) {
    const position = ledger.delegations.get(positionKey(from, place));
    if (position === undefined) continue;
    ledger.delegations.remove(positionKey(from, place));
    ledger.delegations.put(positionKey(to, place), position);
  }
  ledger.delegationLists.remove(from);
  ledger.delegationLists.put(to, places);
}
