import { accept, type Decision, refuse } from '../book/refusal.ts';
import { hasOwnInPool, isRootPlace } from '../root/stake-on-root.ts';
import { type Leaving, moveRefusal, TO_WALLET } from '../unbonding/leave-stake.ts';
import { delegate, undelegate } from './delegation.ts';
import { type Place, poolAt } from './delegation-rows.ts';
import type { Ledger } from './ledger.ts';
import { writeRegistration } from './registration.ts';
import { addStake, removeStake } from './stake.ts';

/** Stake of a wallet on any neuron: its own, or another's to which it delegates. Money in rao. */
export type StakeOrder =
  | ({ readonly type: 'AddStake'; readonly amount: bigint } & Place)
  | ({ readonly type: 'RemoveStake' } & StakeTaken)
  | ({ readonly type: 'MoveStake'; readonly toNetuid: number; readonly toHotkey: string } & StakeTaken);

/** Part of the stake on a neuron, or all of it where no amount is named. */
export interface StakeTaken extends Place {
  readonly amount: bigint | undefined;
}

/** Answers the amount that was put, taken or moved. */
export function changeStake(ledger: Ledger, wallet: string, order: StakeOrder): Decision<bigint> {
  switch (order.type) {
    case 'AddStake':
      return put(ledger, wallet, order);
    case 'RemoveStake':
      return take(ledger, wallet, order);
    case 'MoveStake': {
      const to = { netuid: order.toNetuid, hotkey: order.toHotkey };
      if (to.netuid === order.netuid && poolAt(ledger, to).hotkey === poolAt(ledger, order).hotkey) {
        return refuse('INVALID_ARGUMENT', `${to.hotkey} has this stake already: name another neuron to move it to`);
      }
      const early = moveRefusal(ledger, wallet, order);
      if (early !== undefined) return early;
      const taken = take(ledger, wallet, order, { to: 'Neuron', place: to });
      return taken.ok ? put(ledger, wallet, { ...to, amount: taken.value }) : taken;
    }
  }
}

function put(ledger: Ledger, wallet: string, { netuid, hotkey, amount }: Place & { readonly amount: bigint }) {
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (isRootPlace(ledger, { netuid, hotkey })) {
    const staked = delegate(ledger, wallet, { netuid, hotkey, amount });
    return staked.ok ? accept(amount) : staked;
  }
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  const done =
    neuron.coldkey === wallet
      ? addStake(ledger, { netuid, hotkey, payer: wallet, amount })
      : delegate(ledger, wallet, { netuid, hotkey, amount });
  return done.ok ? accept(amount) : done;
}

/** What was delegated comes back also when the neuron is not registered any more. */
function take(
  ledger: Ledger,
  wallet: string,
  { netuid, hotkey, amount }: StakeTaken,
  leaving: Leaving = TO_WALLET,
): Decision<bigint> {
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron?.coldkey === wallet && !hasOwnInPool(ledger, wallet, neuron)) {
    return removeStake(ledger, neuron, { wanted: amount, leaving });
  }
  const taken = undelegate(ledger, wallet, { netuid, hotkey, amount, leaving });
  if (taken.ok && neuron !== undefined) writeRegistration(ledger, neuron, 'StakeChanged');
  return taken;
}
