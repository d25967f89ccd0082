import { readFileSync } from 'node:fs';
import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { ChangeSubnetOrderSchema, CreateSubnetOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import {
  EmissionState,
  type Policy,
  PolicySchema,
  RegistrationMode,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { findNeuron, findSubnet, neuronName } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import type { NeuronQuestion } from '../stake-on.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet } from '../wallet-store.ts';
import { lifeText } from './subnet-list.ts';
import { readTokenNames } from '../token-names.ts';

/** `subnetes subnet match`: pays what a newcomer paid for the place of a neuron, which stays. */
export async function matchEviction(
  context: CommandContext,
  options: Ordering & { readonly neuron: NeuronQuestion; readonly maxCost: string | undefined },
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
  const text = amountText({ asset: (await readTokenNames(context)).own, units: price });
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
  options: Ordering & { readonly subnet: string; readonly atBlock: number | undefined },
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
  options: Ordering & { readonly subnet: string; readonly maxCost: string | undefined },
): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  const { netuid, handle, dissolution } = subnet;
  const price = raoOf(dissolution?.newcomerLockRao);
  const maxCost = options.maxCost === undefined ? price : raoOfOption('--max-cost', options.maxCost);
  if (maxCost < price) throw usageFailure(`staying costs ${price} rao, --max-cost is ${maxCost}`);
  const text = amountText({ asset: (await readTokenNames(context)).own, units: price });
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
  options: Ordering & {
    readonly handle: string;
    readonly policyFile: string;
    readonly held: boolean;
    readonly registration: string;
    readonly maxCost: string | undefined;
  },
): Promise<void> {
  const registration = registrationOf(options.registration);
  const policy = readPolicy(options.policyFile);
  const lifecycle = await context.market.lifecycle();
  const [{ own: asset }, { costRao }] = await Promise.all([readTokenNames(context), lifecycle.getCreationCost({})]);
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
        registration,
        maxCostRao: maxCost === 0n ? '' : maxCost.toString(),
      }),
    },
  });
}

/** `subnetes subnet change`: rules, emission or registration of a subnet without a Subnet object. */
export async function changeSubnet(
  context: CommandContext,
  options: Ordering & {
    readonly subnet: string;
    readonly policyFile: string | undefined;
    readonly emission: string | undefined;
    readonly registration: string | undefined;
  },
): Promise<void> {
  const { policyFile, emission, registration } = options;
  if (policyFile === undefined && emission === undefined && registration === undefined) {
    throw usageFailure('what is to change?', 'name --policy-file, --emission or --registration');
  }
  const value = {
    ...(policyFile === undefined ? {} : { policy: readPolicy(policyFile) }),
    emission: emission === undefined ? EmissionState.UNSPECIFIED : emissionOf(emission),
    registration: registration === undefined ? RegistrationMode.UNSPECIFIED : registrationOf(registration),
  };
  const { netuid, handle } = await findSubnet(context.market, options.subnet);
  const changes = [
    ...(policyFile === undefined
      ? []
      : [`the rules of ${policyFile} come into force with the epoch after the next seal`]),
    ...(emission === undefined ? [] : [`its emission is ${emission}`]),
    ...(registration === undefined ? [] : [`registration is ${registration}`]),
  ];
  await carryOut(context, options, {
    line: `${handle} (netuid ${netuid}): ${changes.join('; ')}`,
    question: 'Change it',
    told: {
      netuid,
      handle,
      policyFile: policyFile ?? null,
      emission: emission ?? null,
      registration: registration ?? null,
    },
    order: { case: 'changeSubnet', value: create(ChangeSubnetOrderSchema, { netuid, ...value }) },
  });
}

const REGISTRATIONS: ReadonlyMap<string, RegistrationMode> = new Map([
  ['Open', RegistrationMode.OPEN],
  ['Closed', RegistrationMode.CLOSED],
  ['Approval', RegistrationMode.APPROVAL],
  ['Sponsored', RegistrationMode.SPONSORED],
]);
const EMISSIONS: ReadonlyMap<string, EmissionState> = new Map([
  ['Started', EmissionState.STARTED],
  ['Held', EmissionState.HELD],
]);

function registrationOf(text: string): RegistrationMode {
  return namedOf('--registration', REGISTRATIONS, text);
}

function emissionOf(text: string): EmissionState {
  return namedOf('--emission', EMISSIONS, text);
}

function namedOf<T>(option: string, values: ReadonlyMap<string, T>, text: string): T {
  const value = values.get(text);
  if (value === undefined) throw usageFailure(`${option} must be one of ${[...values.keys()].join(', ')}, not ${text}`);
  return value;
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

function carryOut(context: CommandContext, options: Ordering, { line, ...plan }: Plan): Promise<void> {
  readWallet(context.walletDir, options.wallet); // before anything is asked
  return sendOrder(context, options, { ...plan, lines: [line] });
}
