import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  blockSubject,
  endpointSubject,
  epochDueSubject,
  epochPaidSubject,
  registrationSubject,
  subnetSubject,
} from '@subnetes/bus/subjects';
import {
  BlockProducedSchema,
  EndpointAnnouncedSchema,
  EpochDueSchema,
  EpochPaidSchema,
  RegistrationChangedSchema,
  SubnetChangedSchema,
} from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { SubnetShare } from '#domain/economy/emission-state.ts';
import type { Endpoint } from '#domain/economy/neuron.ts';
import type { ScoredNeuron } from '#domain/economy/payout.ts';
import type { SealedDraw } from '#domain/economy/seal-draw.ts';
import type { SealedEpoch } from '#domain/economy/sealed-epoch.ts';
import type { Policy } from '#domain/economy/policy.ts';
import type { PolicyVersion } from '#domain/economy/subnet.ts';
import type { NeuronView, SubnetView } from '#domain/economy/views.ts';
import type { StoredEntry } from '#application/ports.ts';
import { bytesOfHex, endpointToWire, neuronToWire, policyToWire, subnetToWire, versionToWire } from './wire.ts';
import type { Told } from './told.ts';

/** One message of the bus. */
export interface EventMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** The message of an entry that has an event. Its payload is what the domain wrote, read back from the journal. */
export function eventMessage(entry: StoredEntry): EventMessage {
  const { eventAddress = '' } = entry;
  const [kind, netuidText = '0'] = eventAddress.split('.');
  const netuid = Number(netuidText);
  const payload: unknown = JSON.parse(entry.payloadText);
  switch (kind) {
    case 'block':
      return { subject: blockSubject(), payload: blockEvent(entry, payload as BlockPayload) };
    case 'subnet':
      return { subject: subnetSubject(netuid), payload: subnetEvent(entry, payload as SubnetPayload) };
    case 'registration':
      return { subject: registrationSubject(netuid), payload: registrationEvent(entry, payload as NeuronPayload) };
    case 'endpoint':
      return { subject: endpointSubject(netuid), payload: endpointEvent(entry, payload as EndpointPayload) };
    case 'epoch-due':
      return { subject: epochDueSubject(netuid), payload: epochDueEvent(entry, payload as DuePayload) };
    case 'epoch-paid':
      return { subject: epochPaidSubject(netuid), payload: epochPaidEvent(entry, payload as PaidPayload) };
    case undefined:
    default:
      throw new Error(`entry ${entry.sequence} has an event of unknown kind ${eventAddress}`);
  }
}

// What `journal.write` was given by the domain, as JSON.
interface BlockPayload {
  readonly block: number;
  readonly timeMs: number;
  readonly minted: string;
}
interface SubnetPayload {
  readonly subnet: Told<SubnetView>;
}
interface NeuronPayload {
  readonly neuron: Told<NeuronView>;
  readonly ended: boolean;
  readonly reason: string;
}
interface EndpointPayload {
  readonly netuid: number;
  readonly uid: number;
  readonly hotkey: string;
  readonly registrationId: string;
  readonly endpoint: Endpoint;
}
interface DuePayload {
  readonly epoch: Told<Omit<SealedEpoch, 'sequence'>>;
  readonly policy: Policy;
  /** Absent where the seal changed no policy. */
  readonly next?: PolicyVersion;
  /** Absent where judges are not drawn. */
  readonly draw?: SealedDraw;
}
interface PaidPayload {
  readonly netuid: number;
  readonly index: number;
  readonly outputsSha256: string;
  readonly owner: string;
  readonly unattributed: string;
  readonly neurons: readonly Told<ScoredNeuron>[];
  /** Of the root network alone. */
  readonly shares?: readonly SubnetShare[];
}

function head(entry: StoredEntry) {
  return { sequence: BigInt(entry.sequence), block: BigInt(entry.block) };
}

function blockEvent(entry: StoredEntry, { timeMs, minted }: BlockPayload): Uint8Array {
  const event: MessageInitShape<typeof BlockProducedSchema> = {
    ...head(entry),
    hash: bytesOfHex(entry.hash),
    timeMs: BigInt(timeMs),
    mintedRao: minted,
  };
  return toBinary(BlockProducedSchema, create(BlockProducedSchema, event));
}

function subnetEvent(entry: StoredEntry, { subnet }: SubnetPayload): Uint8Array {
  return toBinary(SubnetChangedSchema, create(SubnetChangedSchema, { ...head(entry), subnet: subnetToWire(subnet) }));
}

function registrationEvent(entry: StoredEntry, { neuron, ended, reason }: NeuronPayload): Uint8Array {
  const event = { ...head(entry), neuron: neuronToWire(neuron), ended, reason };
  return toBinary(RegistrationChangedSchema, create(RegistrationChangedSchema, event));
}

function endpointEvent(entry: StoredEntry, { netuid, endpoint, ...neuron }: EndpointPayload): Uint8Array {
  const event = { ...head(entry), netuid, endpoint: endpointToWire(neuron, endpoint) };
  return toBinary(EndpointAnnouncedSchema, create(EndpointAnnouncedSchema, event));
}

function epochDueEvent(entry: StoredEntry, { epoch, policy, next, draw }: DuePayload): Uint8Array {
  const event: MessageInitShape<typeof EpochDueSchema> = {
    ...head(entry),
    netuid: epoch.netuid,
    index: BigInt(epoch.index),
    potRao: `${epoch.pot}`,
    ownerRao: `${epoch.owner}`,
    minerRao: `${epoch.miner}`,
    validatorRao: `${epoch.validator}`,
    neurons: epoch.neurons.map((neuron) => ({
      uid: neuron.uid,
      hotkey: neuron.hotkey,
      coldkey: neuron.coldkey,
      registeredAtBlock: BigInt(neuron.registeredAtBlock),
      registrationId: bytesOfHex(neuron.registrationId),
      stakeRao: `${neuron.stake}`,
      // An owner's hotkey is named by a later version of the policy; none is until then.
      ownerHotkey: false,
    })),
    policy: policyToWire(policy),
    policyVersion: BigInt(epoch.policyVersion),
    policySha256: bytesOfHex(epoch.policySha256),
    previousInputsSha256: bytesOfHex(epoch.previousInputsSha256),
    subnetStartBlock: BigInt(epoch.startBlock),
    ...(next === undefined ? {} : { nextPolicy: versionToWire(next) }),
    ...(draw === undefined ? {} : { draw: { ...draw, round: BigInt(draw.round) } }),
    subnets: (epoch.subnets ?? []).map((subnet) => ({
      netuid: subnet.netuid,
      startBlock: BigInt(subnet.startBlock),
    })),
  };
  return toBinary(EpochDueSchema, create(EpochDueSchema, event));
}

function epochPaidEvent(entry: StoredEntry, paid: PaidPayload): Uint8Array {
  const event: MessageInitShape<typeof EpochPaidSchema> = {
    ...head(entry),
    netuid: paid.netuid,
    index: BigInt(paid.index),
    outputsSha256: bytesOfHex(paid.outputsSha256),
    ownerRao: paid.owner,
    unattributedRao: paid.unattributed,
    neurons: paid.neurons.map((neuron) => ({
      uid: neuron.uid,
      registrationId: bytesOfHex(neuron.registrationId),
      incentiveRao: `${neuron.incentive}`,
      dividendRao: `${neuron.dividend}`,
    })),
    shares: [...(paid.shares ?? [])],
  };
  return toBinary(EpochPaidSchema, create(EpochPaidSchema, event));
}
