import { potOf, stakeOf } from '../book/account.ts';
import { burnPriceAt } from './burn-price.ts';
import type { Ledger } from './ledger.ts';
import type { Neuron } from './neuron.ts';
import { nextEpochBlock, type Subnet } from './subnet.ts';

/** A subnet with what is computed from accounts and rules: the shape that wires and events carry. */
export interface SubnetView extends Subnet {
  readonly asset: string;
  readonly nextEpochBlock: number;
  /** Rao. */
  readonly registrationCost: bigint;
  /** Rao that has accrued for the next epoch. */
  readonly pot: bigint;
}

/** A neuron with its stake and the block until which it cannot be evicted. */
export interface NeuronView extends Neuron {
  readonly asset: string;
  /** Rao. */
  readonly stake: bigint;
  readonly immuneUntilBlock: number;
}

export function subnetView(ledger: Ledger, subnet: Subnet): SubnetView {
  return {
    ...subnet,
    asset: ledger.asset,
    nextEpochBlock: nextEpochBlock(subnet),
    registrationCost: burnPriceAt(subnet, ledger.block),
    pot: ledger.book.posted(ledger.asset, potOf(subnet.netuid)),
  };
}

export function neuronView(ledger: Ledger, neuron: Neuron): NeuronView {
  const immunity = ledger.subnet(neuron.netuid)?.active.policy.hyperparameters.immunityPeriodBlocks ?? 0;
  return {
    ...neuron,
    asset: ledger.asset,
    stake: ledger.book.posted(ledger.asset, stakeOf(neuron.netuid, neuron.hotkey, neuron.coldkey)),
    immuneUntilBlock: neuron.registeredAtBlock + immunity,
  };
}
