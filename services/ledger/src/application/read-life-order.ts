import { toJson } from '@bufbuild/protobuf';
import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { ChangeSubnetOrder, CreateSubnetOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import {
  EmissionState,
  type Policy,
  PolicySchema,
  RegistrationMode,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { PolicyDraft } from '#domain/economy/policy.ts';
import type { EmissionState as PaidState, RegistrationMode as RegistrationState } from '#domain/economy/subnet.ts';
import type { LifeOrder } from '#domain/life/life-order.ts';
import { positiveRao } from './positive-rao.ts';

const CASES = [
  'matchEviction',
  'deregister',
  'dissolveSubnet',
  'keepSubnet',
  'createSubnet',
  'changeSubnet',
] as const satisfies readonly WireOrder['order']['case'][];

/** Orders about how long neurons and subnets live, as they come. */
export type LifeCase = Extract<WireOrder['order'], { readonly case: (typeof CASES)[number] }>;

export function isLifeCase(order: WireOrder['order']): order is LifeCase {
  return CASES.some((each) => each === order.case);
}

/** What is not set stays as it is, or is as in a new subnet that says nothing. */
const REGISTRATIONS: ReadonlyMap<number, RegistrationState | undefined> = new Map([
  [RegistrationMode.UNSPECIFIED, undefined],
  [RegistrationMode.OPEN, 'Open'],
  [RegistrationMode.CLOSED, 'Closed'],
  [RegistrationMode.APPROVAL, 'Approval'],
  [RegistrationMode.SPONSORED, 'Sponsored'],
]);
const EMISSIONS: ReadonlyMap<number, PaidState | undefined> = new Map([
  [EmissionState.UNSPECIFIED, undefined],
  [EmissionState.STARTED, 'Started'],
  [EmissionState.HELD, 'Held'],
]);

export function readLifeOrder(order: LifeCase): Decision<LifeOrder> {
  if (order.case === 'createSubnet') return readCreation(order.value);
  if (order.case === 'changeSubnet') return readChange(order.value);
  const { netuid } = order.value;
  switch (order.case) {
    case 'matchEviction': {
      const maxCost = positiveRao(order.value.maxCostRao);
      if (!maxCost.ok) return maxCost;
      return accept({ type: 'MatchEviction', netuid, hotkey: order.value.hotkey, maxCost: maxCost.value });
    }
    case 'deregister':
      return accept({ type: 'Deregister', netuid, hotkey: order.value.hotkey });
    case 'dissolveSubnet':
      return order.value.atBlock > BigInt(Number.MAX_SAFE_INTEGER)
        ? refuse('INVALID_ARGUMENT', 'at_block must be below 2^53')
        : accept({ type: 'DissolveSubnet', netuid, atBlock: Number(order.value.atBlock) });
    case 'keepSubnet': {
      const maxCost = order.value.maxCostRao === '' ? accept(0n) : positiveRao(order.value.maxCostRao);
      return maxCost.ok ? accept({ type: 'KeepSubnet', netuid, maxCost: maxCost.value }) : maxCost;
    }
  }
}

function readCreation(order: CreateSubnetOrder): Decision<LifeOrder> {
  const { handle, policy, maxCostRao } = order;
  if (policy === undefined) return refuse('INVALID_ARGUMENT', 'policy is missing');
  const maxCost = maxCostRao === '' ? accept(0n) : positiveRao(maxCostRao);
  if (!maxCost.ok) return maxCost;
  const state = readState(order);
  if (!state.ok) return state;
  const { emission = 'Started', registration = 'Open' } = state.value;
  const draft = draftOf(policy);
  return accept({ type: 'CreateSubnet', handle, policy: draft, emission, registration, maxCost: maxCost.value });
}

function readChange(order: ChangeSubnetOrder): Decision<LifeOrder> {
  const { netuid, policy } = order;
  const state = readState(order);
  if (!state.ok) return state;
  const changed = policy === undefined ? {} : { policy: draftOf(policy) };
  return accept({ type: 'ChangeSubnet', netuid, ...changed, ...state.value });
}

function readState({ emission, registration }: Pick<CreateSubnetOrder, 'emission' | 'registration'>) {
  if (!EMISSIONS.has(emission) || !REGISTRATIONS.has(registration)) {
    return refuse('INVALID_ARGUMENT', 'emission or registration is of no kind that this ledger knows');
  }
  const [paid, admitted] = [EMISSIONS.get(emission), REGISTRATIONS.get(registration)];
  return accept({
    ...(paid === undefined ? {} : { emission: paid }),
    ...(admitted === undefined ? {} : { registration: admitted }),
  });
}

/** PolicyDraft is the protobuf JSON of this very message; the domain checks every value. */
function draftOf(policy: Policy): PolicyDraft {
  return toJson(PolicySchema, policy, { alwaysEmitImplicit: true }) as unknown as PolicyDraft;
}
