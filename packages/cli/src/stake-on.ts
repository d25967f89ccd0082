import { create } from '@bufbuild/protobuf';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { amountText } from '@subnetes/money/amount';
import type { Delegation } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { type Neuron, NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from './command-context.ts';
import { usageFailure } from './failure.ts';
import { findNeuron, neuronName, ROOT_NETUID } from './neuron-finder.ts';
import { raoOf } from './number-text.ts';
import { raoOfOption } from './token-amount.ts';
import { readWallet } from './wallet-store.ts';
import { readTokenNames } from './token-names.ts';

/** Which neuron: by resource name, hotkey, or uid with a netuid; and whether what is on its hotkey on root is meant. */
export interface NeuronQuestion {
  readonly isOnRoot?: boolean;
  readonly name: string;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

/** A neuron and what a wallet has on it, in rao: waiting money counts too. */
export interface StakeOn {
  readonly neuron: Neuron;
  /** As people call the place. */
  readonly name: string;
  readonly isOwn: boolean;
  readonly stake: bigint;
  /** Of it what does not count yet: it comes back at once, whatever time stake takes to leave. */
  readonly waiting: bigint;
  /** What the token is called. */
  readonly asset: string;
}

export async function stakeOn(context: CommandContext, wallet: string, question: NeuronQuestion): Promise<StakeOn> {
  if (question.isOnRoot === true) return stakeOnRoot(context, wallet, question);
  const { address } = readWallet(context.walletDir, wallet);
  const ledger = await context.market.ledger();
  const { delegations } = await ledger.listDelegations({ coldkey: address });
  const { own: asset } = await readTokenNames(context);
  const neuron = await findNeuron(context.market, { ...question, kind: 'Neuron' }).then(
    (found) => found.neuron,
    (error: unknown) => goneNeuron(delegations, question) ?? rethrow(error),
  );
  const name = neuronName(neuron);
  if (neuron.coldkey === address) return { neuron, name, isOwn: true, stake: ownStake(neuron), waiting: 0n, asset };
  const here = delegations.find(({ netuid, hotkey }) => netuid === neuron.netuid && hotkey === neuron.hotkey);
  const waiting = raoOf(here?.waiting?.amount);
  return { neuron, name, isOwn: false, stake: raoOf(here?.worth?.amount) + waiting, waiting, asset };
}

/**
 * On root a hotkey has one pool, whatever subnet it is named by, and a wallet's part of it is a delegation also on its own hotkey.
 * A member of the root network is a neuron there as elsewhere.
 */
async function stakeOnRoot(context: CommandContext, wallet: string, question: NeuronQuestion): Promise<StakeOn> {
  const { market, walletDir } = context;
  const { address } = readWallet(walletDir, wallet);
  const { own: asset } = await readTokenNames(context);
  const found = await hotkeyOf(market, question);
  const root = await (await market.root()).getRootStake({ hotkey: found.hotkey });
  if (root.seat && root.coldkey === address) {
    throw usageFailure(
      `${found.hotkey} has a seat in the root network and is the wallet’s own`,
      'its stake there counts as stake on root: name it with --netuid 0 instead of --root',
    );
  }
  const { delegations } = await (await market.ledger()).listDelegations({ coldkey: address });
  const here = delegations.find(({ netuid, hotkey }) => netuid === ROOT_NETUID && hotkey === found.hotkey);
  const neuron = create(NeuronSchema, {
    netuid: ROOT_NETUID,
    hotkey: found.hotkey,
    coldkey: root.coldkey,
    takeU16: root.takeU16,
    ...(root.stake === undefined ? {} : { stake: root.stake }),
    ...(root.delegated === undefined ? {} : { delegated: root.delegated }),
  });
  const waiting = raoOf(here?.waiting?.amount);
  return {
    neuron,
    name: `${found.name} on root`,
    isOwn: false,
    stake: raoOf(here?.worth?.amount) + waiting,
    waiting,
    asset,
  };
}

/** Whose stake on root is meant: a hotkey may stand for itself, registered or not. */
export async function hotkeyOf(
  market: CommandContext['market'],
  question: NeuronQuestion,
): Promise<{ readonly hotkey: string; readonly name: string }> {
  if (publicKeyOf(question.name) !== undefined) {
    return { hotkey: question.name, name: `${question.name.slice(0, 8)}…` };
  }
  const { neuron } = await findNeuron(market, { ...question, kind: 'Neuron' });
  return { hotkey: neuron.hotkey, name: neuronName(neuron) };
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
  const { name, stake } = target;
  const taken = amount === undefined ? stake : raoOfOption('--amount', amount);
  if (taken > 0n && taken <= stake) return taken;
  throw usageFailure(
    `the wallet has ${tokens(target, stake)} on ${name}: ${tokens(target, taken)} cannot be taken off`,
  );
}

export function tokens({ asset }: Pick<StakeOn, 'asset'>, units: bigint): string {
  return amountText({ asset, units });
}
