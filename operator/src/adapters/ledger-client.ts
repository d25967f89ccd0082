import { fromBinary } from '@bufbuild/protobuf';
import { raoFromTokenText } from '@subnetes/money/amount';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { SignedEnvelopeSchema, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Ledger, MandateUse as MandateUseMessage } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Lifecycle, PendingEviction } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import type { Mandates } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import {
  LedgerUnavailableError,
  type Cause,
  type LedgerPort,
  type MandatedOrder,
  type MandateUse,
  type NeuronRegistered,
  type PutSubnet,
  type Register,
  type RegistrationRecord,
  type RegistrationWaits,
} from '#application/ports.ts';
import type { NetworkView } from '#domain/market.ts';
import type { LedgerRefusal } from '#domain/neuron/refusal.ts';
import type { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { policyMessage } from './policy-message.ts';
import { slashNews } from './slash-news.ts';
import { networkView, neuronView, rao } from './views.ts';

/** How old the network's figures may be: only the issued amount moves, and it is reported once an epoch. */
const NETWORK_FRESH_MS = 2_000;

/** The ledger over gRPC. Outages become LedgerUnavailableError, refusals values, everything else is a bug. */
export function ledgerClient(options: {
  readonly client: RpcClient<typeof Ledger>;
  readonly lifecycle: RpcClient<typeof Lifecycle>;
  readonly mandates: RpcClient<typeof Mandates>;
  readonly slashing: RpcClient<typeof Slashing>;
  readonly nowMs: () => number;
}): LedgerPort {
  const { client, lifecycle, mandates, nowMs } = options;
  const slashes = slashNews(options.slashing);
  let network: { readonly view: NetworkView; readonly readAtMs: number } | undefined;
  return {
    async network(signal) {
      if (network !== undefined && nowMs() - network.readAtMs < NETWORK_FRESH_MS) return network.view;
      const view = networkView(await answered(client.getNetwork({}, { signal })));
      network = { view, readAtMs: nowMs() };
      return view;
    },
    async putSubnet(request, signal) {
      return await orRefusal(async () => {
        const answer = await client.putSubnet(putSubnetMessage(request), { signal });
        return {
          kind: 'put' as const,
          netuid: answer.subnet?.netuid ?? 0,
          policyVersion: Number(answer.policyVersion),
          mandate: mandateUse(answer.mandate),
        };
      });
    },
    registration: async (netuid, hotkey, signal) => await readRegistration(client, { netuid, hotkey }, signal),
    slashes: async (netuid, hotkey, signal) => await answered(slashes(netuid, hotkey, signal)),
    register: async (request, signal) => await orRefusal(async () => await register(client, request, signal)),
    async addStake(request, signal) {
      return await orRefusal(async () => {
        const { netuid, hotkey, targetRao, mandate, cause } = request;
        const signed = { mandate: envelope(mandate), cause: causeMessage(cause) };
        const answer = await client.addStake(
          { netuid, hotkey, targetRao: targetRao.toString(), ...signed },
          { signal },
        );
        return { kind: 'staked' as const, mandate: mandateUse(answer.mandate) };
      });
    },
    async deregister(request, signal) {
      return await orRefusal(async () => {
        const { netuid, hotkey, mandate, cause } = request;
        await client.deregister({ netuid, hotkey, mandate: envelope(mandate), cause: causeMessage(cause) }, { signal });
        return { kind: 'deregistered' as const };
      });
    },
    orderByMandate: async (request, signal) => await orRefusal(async () => await order(mandates, request, signal)),
    async dissolveSubnet({ netuid, mandate, cause }, signal) {
      return await orRefusal(async () => {
        const signed = { mandate: envelope(mandate), cause: causeMessage(cause) };
        const { subnet } = await lifecycle.dissolveSubnet({ netuid, ...signed }, { signal });
        return { kind: 'announced' as const, atBlock: Number(subnet?.dissolution?.atBlock ?? 0n) };
      });
    },
  };
}

async function order(
  mandates: RpcClient<typeof Mandates>,
  { id, order: wanted, mandate, cause }: Parameters<LedgerPort['orderByMandate']>[0],
  signal: AbortSignal,
): Promise<{ readonly kind: 'ordered'; readonly repeated: boolean }> {
  const signed = { mandate: envelope(mandate), cause: causeMessage(cause) };
  const done = await mandates.submitMandated({ id, order: { order: orderMessage(wanted) }, ...signed }, { signal });
  return { kind: 'ordered', repeated: done.repeatedCall };
}

function orderMessage(order: MandatedOrder) {
  const { netuid } = order;
  switch (order.type) {
    case 'MatchEviction': {
      const value = { netuid, hotkey: order.hotkey, maxCostRao: order.maxCostRao.toString() };
      return { case: 'matchEviction' as const, value };
    }
    case 'KeepSubnet': {
      const value = { netuid, maxCostRao: order.maxCostRao.toString() };
      return { case: 'keepSubnet' as const, value };
    }
    case 'SetAutoStake': {
      const value = { netuid, hotkey: order.hotkey, enabled: order.isOn };
      return { case: 'setAutoStake' as const, value };
    }
    case 'SetChildren': {
      const children = order.children.map((child) => ({ ...child }));
      return { case: 'setChildren' as const, value: { netuid, hotkey: order.hotkey, children } };
    }
    case 'SetChildTake': {
      const value = { netuid, hotkey: order.hotkey, takeU16: order.takeU16 };
      return { case: 'setChildTake' as const, value };
    }
  }
}

type LedgerRpc = RpcClient<typeof Ledger>;

async function readRegistration(
  client: LedgerRpc,
  of: { netuid: number; hotkey: string },
  signal: AbortSignal,
): Promise<RegistrationRecord> {
  try {
    const record = await answered(client.getRegistration(of, { signal }));
    return {
      active: record.neuron === undefined ? undefined : neuronView(record.neuron),
      ended: Number(record.endedRegistrations),
      endReason: record.endReason,
      spentRao: record.spentRao === '' ? undefined : rao(record.spentRao),
      waits: record.waiting === undefined ? undefined : waitsOf(record.waiting),
    };
  } catch (error) {
    const unheardOf = error instanceof RpcError && error.code === RpcCode.NOT_FOUND;
    if (unheardOf) return { active: undefined, ended: 0, endReason: '', spentRao: undefined, waits: undefined };
    throw error;
  }
}

function waitsOf({ dueBlock, priceRao }: PendingEviction): Omit<RegistrationWaits, 'mandate'> {
  return { kind: 'waits', dueBlock: Number(dueBlock), costRao: rao(priceRao) };
}

async function register(
  client: LedgerRpc,
  request: Register,
  signal: AbortSignal,
): Promise<NeuronRegistered | RegistrationWaits> {
  const answer = await client.register(
    {
      netuid: request.netuid,
      binding: envelope(request.binding),
      mandate: envelope(request.mandate),
      maxCostRao: request.maxCostRao?.toString() ?? '',
      initialStakeRao: request.initialStakeRao.toString(),
      attempt: BigInt(request.attempt),
      cause: causeMessage(request.cause),
      ...(request.invitation === undefined ? {} : { invitation: envelope(request.invitation) }),
    },
    { signal },
  );
  if (answer.waiting !== undefined) return { ...waitsOf(answer.waiting), mandate: mandateUse(answer.mandate) };
  if (answer.neuron === undefined) throw new Error('the ledger registered without telling the neuron');
  return {
    kind: 'registered',
    neuron: neuronView(answer.neuron),
    costRao: rao(answer.cost?.amount),
    mandate: mandateUse(answer.mandate),
    already: answer.alreadyRegistered,
  };
}

async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translated(error);
  }
}

async function orRefusal<T>(call: () => Promise<T>): Promise<T | LedgerRefusal> {
  try {
    return await call();
  } catch (error) {
    const known = translated(error);
    if (known instanceof RpcError && known.reason !== '' && known.code !== RpcCode.INTERNAL) {
      return { kind: 'refused', code: known.reason, message: known.message };
    }
    throw known;
  }
}

function translated(error: unknown): unknown {
  return isOutage(error) ? new LedgerUnavailableError('the ledger does not answer', { cause: error }) : error;
}

function envelope(bytes: Uint8Array): SignedEnvelope {
  return fromBinary(SignedEnvelopeSchema, bytes);
}

function causeMessage(cause: Cause) {
  return { ...cause, generation: BigInt(cause.generation) };
}

function mandateUse(use: MandateUseMessage | undefined): MandateUse | undefined {
  if (use === undefined) return undefined;
  return { usedRao: rao(use.usedRao), maxRao: rao(use.maxRao), notAfterBlock: Number(use.notAfterBlock) };
}

const REGISTRATION = {
  Open: RegistrationMode.OPEN,
  Closed: RegistrationMode.CLOSED,
  Approval: RegistrationMode.APPROVAL,
  Sponsored: RegistrationMode.SPONSORED,
} as const;

/** Rao of whole tokens; nothing where nothing is said. */
function costText(tokens: string | undefined): string {
  const parsed = tokens === undefined ? undefined : raoFromTokenText(tokens);
  return parsed?.ok === true ? parsed.value.toString() : '';
}

function putSubnetMessage(request: PutSubnet) {
  const { spec } = request.subnet;
  return {
    handle: spec.handle,
    netuid: spec.netuid ?? 0,
    policy: policyMessage(spec.policy),
    maxCreationCostRao: costText(spec.creation?.maxCost),
    emission: spec.emission === 'Held' ? EmissionState.HELD : EmissionState.STARTED,
    registration: REGISTRATION[spec.registration?.type ?? 'Open'],
    mandate: envelope(request.mandate),
    cause: causeMessage(request.cause),
  };
}
