import { amountText } from '@subnetes/money/amount';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from './command-context.ts';
import { usageFailure } from './failure.ts';
import { findNeuron, neuronName } from './neuron-finder.ts';
import { raoOf } from './number-text.ts';
import { raoOfOption } from './token-amount.ts';
import { readWallet } from './wallet-store.ts';

/** Which neuron: by resource name, hotkey, or uid with a netuid. */
export interface NeuronQuestion {
  readonly name: string;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

/** A neuron and what a wallet has on it, in rao: waiting money counts too. */
export interface StakeOn {
  readonly neuron: Neuron;
  readonly isOwn: boolean;
  readonly stake: bigint;
}

export async function stakeOn(context: CommandContext, wallet: string, question: NeuronQuestion): Promise<StakeOn> {
  const { address } = readWallet(context.walletDir, wallet);
  const { neuron } = await findNeuron(context.market, { ...question, kind: 'Neuron' });
  if (neuron.coldkey === address) return { neuron, isOwn: true, stake: ownStake(neuron) };
  const ledger = await context.market.ledger();
  const { delegations } = await ledger.listDelegations({ coldkey: address });
  const here = delegations.find(({ netuid, hotkey }) => netuid === neuron.netuid && hotkey === neuron.hotkey);
  return { neuron, isOwn: false, stake: raoOf(here?.worth?.amount) + raoOf(here?.waiting?.amount) };
}

export function ownStake(neuron: Neuron): bigint {
  return raoOf(neuron.stake?.amount) - raoOf(neuron.delegated?.amount);
}

/** Of what a wallet has on a neuron, so much; all of it where nothing is said. */
export function takenOf({ neuron, stake }: StakeOn, amount: string | undefined): bigint {
  const taken = amount === undefined ? stake : raoOfOption('--amount', amount);
  if (taken > 0n && taken <= stake) return taken;
  throw usageFailure(
    `the wallet has ${tokens(neuron, stake)} on ${neuronName(neuron)}: ${tokens(neuron, taken)} cannot be taken off`,
  );
}

export function tokens(neuron: Neuron, units: bigint): string {
  return amountText({ asset: neuron.stake?.asset ?? 'TAO', units });
}
