import { create } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import type { Delegation } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { type Neuron, NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from './command-context.ts';
import { usageFailure } from './failure.ts';
import { findNeuron, neuronName } from './neuron-finder.ts';
import { raoOf } from './number-text.ts';
import { raoOfOption } from './token-amount.ts';
import { readWallet } from './wallet-store.ts';
import { readTokenNames } from './token-names.ts';

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
  /** Of it what does not count yet: it comes back at once, whatever time stake takes to leave. */
  readonly waiting: bigint;
  /** What the token is called. */
  readonly asset: string;
}

export async function stakeOn(context: CommandContext, wallet: string, question: NeuronQuestion): Promise<StakeOn> {
  const { address } = readWallet(context.walletDir, wallet);
  const ledger = await context.market.ledger();
  const { delegations } = await ledger.listDelegations({ coldkey: address });
  const { own: asset } = await readTokenNames(context);
  const neuron = await findNeuron(context.market, { ...question, kind: 'Neuron' }).then(
    (found) => found.neuron,
    (error: unknown) => goneNeuron(delegations, question) ?? rethrow(error),
  );
  if (neuron.coldkey === address) return { neuron, isOwn: true, stake: ownStake(neuron), waiting: 0n, asset };
  const here = delegations.find(({ netuid, hotkey }) => netuid === neuron.netuid && hotkey === neuron.hotkey);
  const waiting = raoOf(here?.waiting?.amount);
  return { neuron, isOwn: false, stake: raoOf(here?.worth?.amount) + waiting, waiting, asset };
}

/** A neuron that is not registered any more, and still holds what the wallet has delegated: its hotkey names it. */
function goneNeuron(delegations: readonly Delegation[], { name, netuid }: NeuronQuestion): Neuron | undefined {
  const [here, other] = delegations.filter(
    (each) => each.hotkey === name && (netuid === undefined || each.netuid === netuid),
  );
  if (here === undefined || other !== undefined) return undefined;
  const { netuid: subnet, hotkey, worth } = here;
  return create(NeuronSchema, {
    netuid: subnet,
    hotkey,
    ...(worth === undefined ? {} : { stake: worth, delegated: worth }),
  });
}

function rethrow(error: unknown): never {
  throw error;
}

export function ownStake(neuron: Neuron): bigint {
  return raoOf(neuron.stake?.amount) - raoOf(neuron.delegated?.amount);
}

/** Of what a wallet has on a neuron, so much; all of it where nothing is said. */
export function takenOf(target: StakeOn, amount: string | undefined): bigint {
  const { neuron, stake } = target;
  const taken = amount === undefined ? stake : raoOfOption('--amount', amount);
  if (taken > 0n && taken <= stake) return taken;
  throw usageFailure(
    `the wallet has ${tokens(target, stake)} on ${neuronName(neuron)}: ${tokens(target, taken)} cannot be taken off`,
  );
}

export function tokens({ asset }: Pick<StakeOn, 'asset'>, units: bigint): string {
  return amountText({ asset, units });
}
