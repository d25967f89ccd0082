import { readFileSync } from 'node:fs';
import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { CreateSubnetOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import {
  EmissionState,
  type Policy,
  PolicySchema,
  RegistrationMode,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { findNeuron, findSubnet, neuronName } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import type { NeuronQuestion } from '../stake-on.ts';
import { raoOfOption } from '../token-amount.ts';
import { signOrder } from '../wallet-order.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { lifeText } from './subnet-list.ts';
import { notConfirmed } from './wallet.ts';

interface Signing {
  readonly wallet: string;
  readonly yes: boolean;
  /** Shows the exact effect and asks for nothing. */
  readonly dryRun: boolean;
}

/** `subnetes subnet match`: pays what a newcomer paid for the place of a neuron, which stays. */
export async function matchEviction(
  context: CommandContext,
  options: Signing & { readonly neuron: NeuronQuestion; readonly maxCost: string | undefined },
): Promise<void> {
  const { neuron } = await findNeuron(context.market, { ...options.neuron, kind: 'Neuron' });
  const notice = neuron.evictionNotice;
  if (notice === undefined) {
    throw new Failure({
      code: 'EVICTION_NOT_ANNOUNCED',
      message: `${neuronName(neuron)} has no notice: there is nothing to match`,
      exitCode: EXIT.refused,
      remedy: `subnetes subnet evictions ${neuron.netuid} shows who has`,
    });
  }
  const price = raoOf(notice.priceRao);
  const maxCost = options.maxCost === undefined ? price : raoOfOption('--max-cost', options.maxCost);
  if (maxCost < price) throw usageFailure(`staying costs ${price} rao, --max-cost is ${maxCost}`);
  const text = amountText({ asset: neuron.stake?.asset ?? 'TAO', units: price });
  const { netuid, hotkey } = neuron;
  await carryOut(context, options, {
    line: `${neuronName(neuron)} stays as uid ${neuron.uid} of subnet ${netuid} for exactly ${text}, burned, and is immune as if it had registered anew; without that it goes in block ${notice.dueBlock}`,
    question: 'Pay it',
    told: { netuid, hotkey, costRao: price, dueBlock: notice.dueBlock },
    order: {
      case: 'matchEviction',
      value: {
        $typeName: 'subnetes.ledger.v1.MatchEvictionOrder',
        netuid,
        hotkey,
        maxCostRao: maxCost.toString(),
      },
    },
  });
}

/** `subnetes subnet dissolve`: announces the end of a subnet. */
export async function dissolveSubnet(
  context: CommandContext,
  options: Signing & { readonly subnet: string; readonly atBlock: number | undefined },
): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  const { netuid, handle } = subnet;
  const atBlock = BigInt(options.atBlock ?? 0);
  const when = atBlock === 0n ? 'as soon as the notice allows' : `in block ${atBlock}`;
  await carryOut(context, options, {
    line: `${handle} (netuid ${netuid}) ends ${when}: its ${subnet.neurons} neurons leave, all stake and all delegations go back to their wallets, what no epoch has paid is burned, the lock comes back less the owner's cuts. Neither its netuid nor its handle is ever given out again`,
    question: 'Announce it',
    told: { netuid, handle, neurons: subnet.neurons, lockedRao: subnet.lockedRao },
    order: {
      case: 'dissolveSubnet',
      value: { $typeName: 'subnetes.ledger.v1.DissolveSubnetOrder', netuid, atBlock },
    },
  });
}

/** `subnetes subnet keep`: a subnet whose end is announced goes on. */
export async function keepSubnet(
  context: CommandContext,
  options: Signing & { readonly subnet: string; readonly maxCost: string | undefined },
): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  const { netuid, handle, dissolution } = subnet;
  const price = raoOf(dissolution?.newcomerLockRao);
  const maxCost = options.maxCost === undefined ? price : raoOfOption('--max-cost', options.maxCost);
  if (maxCost < price) throw usageFailure(`staying costs ${price} rao, --max-cost is ${maxCost}`);
  const text = amountText({ asset: subnet.registrationCost?.asset ?? 'TAO', units: price });
  await carryOut(context, options, {
    line: `${handle} (netuid ${netuid}) ${lifeText(subnet)}; it goes on${price === 0n ? '' : ` for ${text}, which is added to its lock`}`,
    question: 'Keep it',
    told: { netuid, handle, costRao: price },
    order: {
      case: 'keepSubnet',
      value: {
        $typeName: 'subnetes.ledger.v1.KeepSubnetOrder',
        netuid,
        maxCostRao: maxCost === 0n ? '' : maxCost.toString(),
      },
    },
  });
}

/** `subnetes subnet create`: a subnet by its owner's own order. */
export async function createSubnet(
  context: CommandContext,
  options: Signing & {
    readonly handle: string;
    readonly policyFile: string;
    readonly held: boolean;
    readonly maxCost: string | undefined;
  },
): Promise<void> {
  const policy = readPolicy(options.policyFile);
  const [ledger, lifecycle] = await Promise.all([context.market.ledger(), context.market.lifecycle()]);
  const [{ symbol: asset }, { costRao }] = await Promise.all([ledger.getNetwork({}), lifecycle.getCreationCost({})]);
  const cost = raoOf(costRao);
  const maxCost = options.maxCost === undefined ? cost : raoOfOption('--max-cost', options.maxCost);
  if (maxCost < cost) throw usageFailure(`a subnet costs ${cost} rao, --max-cost is ${maxCost}`);
  const price = cost === 0n ? 'nothing' : `${amountText({ asset, units: cost })}, locked for as long as it lives`;
  await carryOut(context, options, {
    line: `A subnet ${options.handle} costs ${price}; a handle never changes and is never given out again`,
    question: 'Create it',
    told: { handle: options.handle, costRao: cost },
    order: {
      case: 'createSubnet',
      value: create(CreateSubnetOrderSchema, {
        handle: options.handle,
        policy,
        emission: options.held ? EmissionState.HELD : EmissionState.STARTED,
        registration: RegistrationMode.OPEN,
        maxCostRao: maxCost === 0n ? '' : maxCost.toString(),
      }),
    },
  });
}

function readPolicy(path: string): Policy {
  try {
    return fromJson(PolicySchema, JSON.parse(readFileSync(path, 'utf8')) as JsonValue);
  } catch (error) {
    throw usageFailure(
      `${path} is no policy: ${error instanceof Error ? error.message : String(error)}`,
      'it is JSON of the message subnetes.ledger.v1.Policy, as docs/guides/lifecycle.md shows it',
    );
  }
}

interface Plan {
  readonly line: string;
  readonly question: string;
  readonly told: Record<string, unknown>;
  readonly order: WalletOrder['order'];
}

async function carryOut(context: CommandContext, options: Signing, plan: Plan): Promise<void> {
  const file = readWallet(context.walletDir, options.wallet);
  if (options.dryRun) {
    const lines = [plan.line, 'Nothing was changed.'];
    return print(context, { value: { dryRun: true, ...plan.told }, lines });
  }
  if (!options.yes && !(await context.io.confirm(`${plan.line}.\n${plan.question}?`))) throw notConfirmed();
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(file, passphrase);
  const signed = signOrder(plan.order, coldkey, { ...network, nowMs: context.now() });
  const { sequence, block } = await ledger.submitOrder({ order: signed });
  print(context, {
    value: { dryRun: false, ...plan.told, sequence, block },
    lines: [plan.line, `Done in block ${block}, journal entry ${sequence}.`],
  });
}
