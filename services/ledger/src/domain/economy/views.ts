import { potOf, stakeOf } from '../book/account.ts';
import { countedStake } from '../children/inherit.ts';
import { immuneUntil } from '../life/eviction-order.ts';
import type { RegistrationInterval } from './burn-interval.ts';
import { burnPriceAt, registrationInterval } from './burn-price.ts';
import { poolTotal } from './delegation.ts';
import type { Ledger } from './ledger.ts';
import type { Neuron } from './neuron.ts';
import { nextEpochBlock, type Subnet } from './subnet.ts';
import { takeOf } from './take.ts';

/** A subnet with what is computed from accounts and rules: the shape that wires and events carry. */
export interface SubnetView extends Subnet {
  readonly asset: string;
  readonly nextEpochBlock: number;
  /** Rao. */
  readonly registrationCost: bigint;
  /** Where intervals move that cost: how far the one is that runs. */
  readonly registrationInterval?: RegistrationInterval;
  /** Rao that has accrued for the next epoch. */
  readonly pot: bigint;
  /** Newcomers that wait for a place; absent where none do. */
  readonly pendingEvictions?: number;
}

/** A neuron with its stake and the block until which it cannot be evicted. */
export interface NeuronView extends Neuron {
  readonly asset: string;
  /** Rao that lies on it: its owner's, and what others delegated. */
  readonly stake: bigint;
  /** Rao of it that others delegated. */
  readonly delegated: bigint;
  /** What the owner keeps of their dividends, of 65535. */
  readonly takeU16: number;
  /** Rao by which it counts: the stake and what root behind it counts for, less what it gives to children, with what parents give. */
  readonly stakeWeight: bigint;
  readonly immuneUntilBlock: number;
}

export function subnetView(ledger: Ledger, subnet: Subnet): SubnetView {
  const interval = registrationInterval(subnet, ledger.block);
  const pendingEvictions = ledger.challenges.get(String(subnet.netuid))?.length;
  return {
    ...subnet,
    ...(pendingEvictions === undefined ? {} : { pendingEvictions }),
    asset: ledger.asset,
    nextEpochBlock: nextEpochBlock(subnet),
    registrationCost: burnPriceAt(subnet, ledger.block),
    ...(interval === undefined ? {} : { registrationInterval: interval }),
    pot: ledger.book.posted(ledger.asset, potOf(subnet.netuid)),
  };
}

export function neuronView(ledger: Ledger, neuron: Neuron): NeuronView {
  const subnet = ledger.subnet(neuron.netuid);
  const stake = stakeView(ledger, neuron);
  return {
    ...neuron,
    asset: ledger.asset,
    ...stake,
    stakeWeight: countedStake(ledger, neuron),
    immuneUntilBlock: subnet === undefined ? neuron.registeredAtBlock : immuneUntil(neuron, subnet),
  };
}

/** What lies on a neuron and counts. */
export function stakeView(
  ledger: Ledger,
  { netuid, hotkey, coldkey }: Neuron,
): Pick<NeuronView, 'stake' | 'delegated' | 'takeU16'> {
  const delegated = poolTotal(ledger, { netuid, hotkey });
  const own = ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey));
  return { stake: own + delegated, delegated, takeU16: takeOf(ledger, hotkey) };
}
