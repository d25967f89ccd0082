import { fromBinary, fromJson, type JsonValue, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import type { CauseSchema, MoneySchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type Cause as WireCause, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type {
  EndpointSchema,
  NeuronSchema,
  PolicyVersionSchema,
  RegistrationIntervalSchema,
  SubnetStateSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import {
  EmissionState,
  type Policy as WirePolicy,
  PolicySchema,
  RegistrationMode,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { MandateUseSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Cause, MandateUse } from '#domain/economy/mandate.ts';
import type { Endpoint } from '#domain/economy/neuron.ts';
import type { RegistrationInterval } from '#domain/economy/burn-interval.ts';
import type { Policy, PolicyDraft } from '#domain/economy/policy.ts';
import type { PolicyVersion } from '#domain/economy/subnet.ts';
import type { NeuronView, SubnetView } from '#domain/economy/views.ts';
import type { StoredEntry } from '#application/ports.ts';
import type { Told } from './told.ts';
import { dissolutionToWire, noticeToWire } from './wire-lifecycle.ts';

export function moneyToWire(asset: string, units: bigint | string): MessageInitShape<typeof MoneySchema> {
  return { asset, amount: `${units}` };
}

export function causeToWire(cause: Cause): MessageInitShape<typeof CauseSchema> {
  const { cluster, kind, namespace, name, objectUid } = cause;
  return { cluster, kind, namespace, name, objectUid, generation: BigInt(cause.generation) };
}

export function causeFromWire(cause: WireCause): Cause {
  const { cluster, kind, namespace, name, objectUid } = cause;
  return { cluster, kind, namespace, name, objectUid, generation: Number(cause.generation) };
}

/** The owner's policy as the domain reads it; absent hyperparameters stay absent. */
export function policyFromWire(policy: WirePolicy): PolicyDraft {
  // PolicyDraft is the protobuf JSON of this very message; resolvePolicy checks every value.
  return toJson(PolicySchema, policy, { alwaysEmitImplicit: true }) as unknown as PolicyDraft;
}

export function policyToWire(policy: Policy): WirePolicy {
  return fromJson(PolicySchema, policy as unknown as JsonValue);
}

const REGISTRATION: Readonly<Record<SubnetView['registration'], RegistrationMode>> = {
  Open: RegistrationMode.OPEN,
  Closed: RegistrationMode.CLOSED,
  Approval: RegistrationMode.APPROVAL,
  Sponsored: RegistrationMode.SPONSORED,
};

/** How a caller wants registrations; what an older one does not say is open. */
export function registrationOfWire(mode: RegistrationMode): SubnetView['registration'] {
  const found = Object.entries(REGISTRATION).find(([, wire]) => wire === mode);
  return (found?.[0] ?? 'Open') as SubnetView['registration'];
}

export function subnetToWire(subnet: Told<SubnetView>): MessageInitShape<typeof SubnetStateSchema> {
  return {
    netuid: subnet.netuid,
    handle: subnet.handle,
    ownerColdkey: subnet.owner,
    registrationId: bytesOfHex(subnet.registrationId),
    emission: subnet.emission === 'Started' ? EmissionState.STARTED : EmissionState.HELD,
    registration: REGISTRATION[subnet.registration],
    startBlock: BigInt(subnet.startBlock),
    active: versionToWire(subnet.active),
    ...(subnet.pending === null ? {} : { pending: versionToWire(subnet.pending) }),
    epochIndex: BigInt(subnet.epochIndex),
    epochBlock: BigInt(subnet.epochBlock),
    nextEpochBlock: BigInt(subnet.nextEpochBlock),
    lastPaidIndex: BigInt(subnet.lastPaidIndex),
    lastPaidBlock: BigInt(subnet.lastPaidBlock),
    neurons: subnet.neurons,
    registrationCost: moneyToWire(subnet.asset, subnet.registrationCost),
    ...(subnet.registrationInterval === undefined
      ? {}
      : { registrationInterval: intervalToWire(subnet.registrationInterval) }),
    emissionLastEpoch: moneyToWire(subnet.asset, subnet.emissionLastEpoch),
    pot: moneyToWire(subnet.asset, subnet.pot),
    managedBy: causeToWire(subnet.managedBy),
    ...(subnet.dissolution === undefined ? {} : { dissolution: dissolutionToWire(subnet.dissolution) }),
    lockedRao: `${subnet.lock?.rao ?? ''}`,
    pendingEvictions: subnet.pendingEvictions ?? 0,
    waitsFor: subnet.waitsFor ?? 0,
  };
}

function intervalToWire({
  endsAtBlock,
  ...counts
}: RegistrationInterval): MessageInitShape<typeof RegistrationIntervalSchema> {
  return { endsAtBlock: BigInt(endsAtBlock), ...counts };
}

export function neuronToWire(neuron: Told<NeuronView>): MessageInitShape<typeof NeuronSchema> {
  return {
    netuid: neuron.netuid,
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    registeredAtBlock: BigInt(neuron.registeredAtBlock),
    registrationId: bytesOfHex(neuron.registrationId),
    stake: moneyToWire(neuron.asset, neuron.stake),
    delegated: moneyToWire(neuron.asset, neuron.delegated),
    takeU16: neuron.takeU16,
    // Entries of before it existed have none: it was the stake.
    stakeWeight: moneyToWire(neuron.asset, neuron.stakeWeight ?? neuron.stake),
    immuneUntilBlock: BigInt(neuron.immuneUntilBlock),
    ...(neuron.endpoint === null ? {} : { endpoint: endpointToWire(neuron, neuron.endpoint) }),
    ...(neuron.managedBy === null ? {} : { managedBy: causeToWire(neuron.managedBy) }),
    incentiveU16: neuron.incentiveU16,
    dividendsU16: neuron.dividendsU16,
    validatorPermit: neuron.permit,
    earnedLastEpoch: moneyToWire(neuron.asset, neuron.earnedLastEpoch),
    earnedTotal: moneyToWire(neuron.asset, neuron.earnedTotal),
    attempt: BigInt(neuron.attempt),
    ...(neuron.notice === undefined ? {} : { evictionNotice: noticeToWire(neuron.notice) }),
  };
}

export function endpointToWire(
  neuron: { readonly registrationId: string; readonly hotkey: string; readonly uid: number },
  endpoint: Endpoint,
): MessageInitShape<typeof EndpointSchema> {
  return {
    registrationId: bytesOfHex(neuron.registrationId),
    hotkey: neuron.hotkey,
    uid: neuron.uid,
    urls: [...endpoint.urls],
    spkiSha256: bytesOfHex(endpoint.spkiSha256),
    protocols: [...endpoint.protocols],
    sequence: BigInt(endpoint.sequence),
    expiresAtBlock: BigInt(endpoint.expiresAtBlock),
    announcement: fromBinary(SignedEnvelopeSchema, Buffer.from(endpoint.announcement, 'base64')),
  };
}

export function mandateUseToWire(use: MandateUse): MessageInitShape<typeof MandateUseSchema> {
  return {
    usedRao: use.used.toString(),
    maxRao: use.max.toString(),
    notAfterBlock: BigInt(use.notAfterBlock),
    payer: use.payer,
  };
}

export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** One version of a policy. */
export function versionToWire(version: PolicyVersion): MessageInitShape<typeof PolicyVersionSchema> {
  return {
    version: BigInt(version.version),
    sha256: bytesOfHex(version.sha256),
    effectiveEpoch: BigInt(version.effectiveEpoch),
    policy: policyToWire(version.policy),
  };
}

export function entryToWire(entry: StoredEntry) {
  return {
    sequence: BigInt(entry.sequence),
    block: BigInt(entry.block),
    kind: entry.kind,
    hash: bytesOfHex(entry.hash),
    payloadJson: entry.payloadText,
    postings: entry.postings.map(({ account, asset, delta, balanceAfter }) => ({
      account,
      asset,
      delta: delta.toString(),
      balanceAfter: balanceAfter.toString(),
    })),
    recordedAtMs: BigInt(entry.recordedAtMs ?? 0),
  };
}
