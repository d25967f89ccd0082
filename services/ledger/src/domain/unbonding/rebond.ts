import { stakeOf, unbondingOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { delegate } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import { neuronAt } from '../keys/pool-name.ts';
import { isRootPlace } from '../root/stake-on-root.ts';
import type { Unbonding } from './bond.ts';
import { countRefusal, trackMove } from './leave-stake.ts';

export interface RebondOrder {
  readonly unbondingId: number;
  /** Rao; undefined: all of it. */
  readonly amount: bigint | undefined;
}

/** Puts what is unbonding on again, on the same registration. Delegated stake counts from the next seal on, as any that comes. */
export function rebond(ledger: Ledger, wallet: string, order: RebondOrder): Decision<bigint> {
  const row = ledger.unbondings.get(String(order.unbondingId));
  if (row === undefined || row.wallet !== wallet) {
    return refuse('UNBONDING_UNKNOWN', `${wallet} has nothing unbonding under ${order.unbondingId}`);
  }
  const neuron = neuronAt(ledger, row.netuid, row.hotkey);
  const isOnRoot = row.registrationId === '' && isRootPlace(ledger, row);
  if (neuron === undefined ? !isOnRoot : row.registrationId !== '' && row.registrationId !== neuron.registrationId) {
    return refuse('NOT_REGISTERED', `the registration of ${row.hotkey} that this left is over: wait for its release`);
  }
  const amount = order.amount ?? row.amount;
  if (amount > row.amount) {
    return refuse('INSUFFICIENT_STAKE', `${row.amount} rao are unbonding under ${row.id}, not ${amount}`);
  }
  const full = amount < row.amount ? countRefusal(ledger, wallet) : undefined;
  if (full !== undefined) return full;
  const put =
    neuron !== undefined && row.registrationId !== ''
      ? putOwn(ledger, neuron, { row, amount })
      : putDelegated(ledger, row, amount);
  if (!put.ok) return put;
  if (amount === row.amount) ledger.unbondings.remove(String(row.id));
  else ledger.unbondings.put(String(row.id), { ...row, amount: row.amount - amount });
  if (neuron !== undefined) writeRegistration(ledger, neuron, 'StakeChanged');
  return accept(amount);
}

function putOwn(
  ledger: Ledger,
  { netuid, hotkey, coldkey }: Neuron,
  { row, amount }: { readonly row: Unbonding; readonly amount: bigint },
) {
  const parts = [{ to: stakeOf(netuid, hotkey, coldkey), amount }];
  return ledger.book.pay({ asset: ledger.asset, from: unbondingOf(netuid, row.hotkey), parts });
}

function putDelegated(ledger: Ledger, row: Unbonding, amount: bigint) {
  const { netuid, hotkey, wallet } = row;
  const from = unbondingOf(netuid, hotkey);
  const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [{ to: wallet, amount }] });
  if (!paid.ok) return paid;
  const delegated = delegate(ledger, wallet, { netuid, hotkey, amount });
  if (!delegated.ok) return delegated;
  // It waits for a seal and could be taken back at once: it goes on answering for what it answered for.
  const endBlock = row.releaseBlock;
  trackMove(ledger, { netuid, hotkey, wallet, to: { netuid, hotkey }, amount, endBlock, registrationId: '' });
  return accept(amount);
}
