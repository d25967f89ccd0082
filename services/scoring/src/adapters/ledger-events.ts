import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { unitsFromText } from '@subnetes/money/amount';
import {
  BlockProducedSchema,
  type EpochDue as EpochDueMessage,
  EpochDueSchema,
  RegistrationChangedSchema,
  SubnetChangedSchema,
} from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type {
  Beacon as BeaconMessage,
  Hyperparameters,
  Neuron,
  Policy,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { LedgerEvent } from '#application/follow-ledger.ts';
import type { EpochDue } from '#domain/epoch-inputs.ts';
import type { Beacon, CommitReveal, ScoringPolicy } from '#domain/policy.ts';
import { ROOT_NETUID } from '#domain/root-network.ts';
import { toHex } from './messages.ts';
import { countermeasuresOf } from './read-countermeasures.ts';

/** A message on the ledger's stream that does not say what it must: a bug of its producer, and nothing to retry. */
export class LedgerMessageMalformed extends Error {
  override readonly name = 'LedgerMessageMalformed';
}

/** `ledger.v1.block` */
export function readBlock(payload: Uint8Array): LedgerEvent {
  const message = decode(BlockProducedSchema, payload);
  return { kind: 'block', sequence: whole(message.sequence, 'sequence'), block: whole(message.block, 'block') };
}

/** `ledger.v1.subnet.<netuid>`; undefined while the subnet has no policy in force, since nothing can be scored yet. */
export function readSubnetChange(payload: Uint8Array): LedgerEvent | undefined {
  const { sequence, block, subnet } = decode(SubnetChangedSchema, payload);
  if (subnet === undefined) throw new LedgerMessageMalformed('SubnetChanged.subnet is missing');
  const version = subnet.active ?? subnet.pending;
  if (version?.policy === undefined) return undefined;
  return {
    kind: 'subnet',
    sequence: whole(sequence, 'sequence'),
    block: whole(block, 'block'),
    netuid: subnet.netuid,
    startBlock: whole(subnet.startBlock, 'subnet.start_block'),
    policy: scoringPolicy(version.policy, { version: version.version, sha256: version.sha256 }),
  };
}

/** By which a neuron counts; ledgers of before children tell the stake alone. */
function stakeOf({ stake, stakeWeight }: Neuron): bigint {
  const told = stakeWeight ?? stake;
  return told === undefined ? 0n : rao(told.amount, 'neuron.stake');
}

/** `ledger.v1.registration.<netuid>` */
export function readRegistration(payload: Uint8Array): LedgerEvent {
  const { sequence, block, neuron, ended } = decode(RegistrationChangedSchema, payload);
  if (neuron === undefined) throw new LedgerMessageMalformed('RegistrationChanged.neuron is missing');
  return {
    kind: 'registration',
    sequence: whole(sequence, 'sequence'),
    block: whole(block, 'block'),
    registration: {
      netuid: neuron.netuid,
      uid: neuron.uid,
      registrationId: toHex(neuron.registrationId),
      hotkey: neuron.hotkey,
      coldkey: neuron.coldkey,
      registeredAt: whole(neuron.registeredAtBlock, 'neuron.registered_at_block'),
      stake: stakeOf(neuron),
      ended,
    },
  };
}

/** `ledger.v1.epoch.due.<netuid>` */
export function readEpochDue(payload: Uint8Array): LedgerEvent {
  return { kind: 'epoch-due', due: epochDue(decode(EpochDueSchema, payload)) };
}

function epochDue(message: EpochDueMessage): EpochDue {
  if (message.policy === undefined) throw new LedgerMessageMalformed('EpochDue.policy is missing');
  return {
    sequence: whole(message.sequence, 'sequence'),
    netuid: message.netuid,
    index: whole(message.index, 'index'),
    block: whole(message.block, 'block'),
    subnetStartBlock: whole(message.subnetStartBlock, 'subnet_start_block'),
    pots: {
      owner: rao(message.ownerRao, 'owner_rao'),
      miners: rao(message.minerRao, 'miner_rao'),
      validators: rao(message.validatorRao, 'validator_rao'),
    },
    neurons: message.neurons.map((neuron) => ({
      uid: neuron.uid,
      hotkey: neuron.hotkey,
      coldkey: neuron.coldkey,
      registeredAt: whole(neuron.registeredAtBlock, 'neurons.registered_at_block'),
      registrationId: toHex(neuron.registrationId),
      stake: rao(neuron.stakeRao, 'neurons.stake_rao'),
      ownerHotkey: neuron.ownerHotkey,
    })),
    ...subnetsOf(message),
    ...drawOf(message),
    policy: scoringPolicy(message.policy, { version: message.policyVersion, sha256: message.policySha256 }),
    nextPolicy: message.nextPolicy?.policy && scoringPolicy(message.nextPolicy.policy, message.nextPolicy),
    previousInputsSha256: toHex(message.previousInputsSha256),
  };
}

/** An epoch of any other subnet has none, not an empty list: its inputs keep their hash. */
function subnetsOf({ netuid, subnets }: EpochDueMessage): Pick<EpochDue, 'subnets'> {
  if (netuid !== ROOT_NETUID) return {};
  return {
    subnets: subnets.map((subnet) => ({
      netuid: subnet.netuid,
      startBlock: whole(subnet.startBlock, 'subnets.start_block'),
    })),
  };
}

function drawOf({ draw }: EpochDueMessage): Pick<EpochDue, 'draw'> {
  if (draw === undefined) return {};
  const { judges, coverageU16 } = draw.rules ?? {};
  if (draw.beacon === undefined || judges === undefined || coverageU16 === undefined) {
    throw new LedgerMessageMalformed('EpochDue.draw names no beacon or no rules');
  }
  const round = whole(draw.round, 'draw.round');
  return { draw: { round, beacon: beaconOf(draw.beacon), rules: { judges, coverageU16 }, kappaU16: draw.kappaU16 } };
}

function scoringPolicy(policy: Policy, id: { readonly version: bigint; readonly sha256: Uint8Array }): ScoringPolicy {
  const set = policy.hyperparameters;
  if (set === undefined) throw new LedgerMessageMalformed('policy.hyperparameters is missing');
  const yumaVersion = resolved(set, 'yumaVersion');
  if (yumaVersion !== 2 && yumaVersion !== 3) throw new LedgerMessageMalformed(`policy.yuma_version is ${yumaVersion}`);
  return {
    version: whole(id.version, 'policy_version'),
    sha256: toHex(id.sha256),
    tempo: resolved(set, 'tempo'),
    yumaVersion,
    kappaU16: resolved(set, 'kappaU16'),
    bondsPenaltyU16: resolved(set, 'bondsPenaltyU16'),
    bondsMovingAveragePpm: resolved(set, 'bondsMovingAveragePpm'),
    activityCutoffBlocks: resolved(set, 'activityCutoffBlocks'),
    maxValidators: resolved(set, 'maxValidators'),
    ...weightsRules(set),
    weightsVersionKey: resolved(set, 'weightsVersionKey'),
    minAllowedWeights: resolved(set, 'minAllowedWeights'),
    maxWeightLimitU16: resolved(set, 'maxWeightLimitU16'),
    stakeThreshold: rao(resolved(set, 'stakeThresholdRao'), 'stake_threshold_rao'),
    liquidAlpha: resolved(set, 'liquidAlphaEnabled')
      ? {
          lowU16: resolved(set, 'alphaLowU16'),
          highU16: resolved(set, 'alphaHighU16'),
          steepnessHundredths: resolved(set, 'alphaSigmoidSteepness'),
        }
      : null,
    mechanisms: policy.mechanisms.map(({ id: mechanismId, emissionWeight }) => ({ id: mechanismId, emissionWeight })),
    ...readCountermeasures(policy.countermeasures),
  };
}

function readCountermeasures(message: Policy['countermeasures']): Pick<ScoringPolicy, 'countermeasures'> {
  const read = countermeasuresOf(message);
  if ('fault' in read) throw new LedgerMessageMalformed(`policy.${read.fault}`);
  return read;
}

type WeightsRules = Pick<ScoringPolicy, 'commitReveal' | 'weightsRateLimitBlocks' | 'missedReveal'>;

/** Policies that were resolved before there was a choice say nothing of it: what they meant is what there was. */
function weightsRules(set: Hyperparameters): WeightsRules {
  const { weightsRateLimitBlocks = 100, missedReveal = 'Keep' } = set;
  if (missedReveal !== 'Keep' && missedReveal !== 'Zero') {
    throw new LedgerMessageMalformed(`policy.missed_reveal is ${missedReveal}`);
  }
  return { commitReveal: commitRevealOf(set), weightsRateLimitBlocks, missedReveal };
}

function commitRevealOf(set: Hyperparameters): CommitReveal {
  const { commitReveal: type = 'Salted', timelockBeacon: beacon } = set;
  if (type === 'Off') return { type };
  const revealPeriodEpochs = resolved(set, 'revealPeriodEpochs');
  if (type === 'Salted') return { type, revealPeriodEpochs };
  if (type !== 'Timelock' || beacon === undefined) {
    throw new LedgerMessageMalformed(
      `policy.commit_reveal is ${type}${beacon === undefined ? ' without a beacon' : ''}`,
    );
  }
  return { type, revealPeriodEpochs, beacon: beaconOf(beacon) };
}

function beaconOf({ chainHash, publicKey, genesisTime: genesisTimeS, periodSeconds: periodS }: BeaconMessage): Beacon {
  return { chainHash, publicKey, genesisTimeS, periodS };
}

/** The ledger resolves every parameter; a default here would be a second opinion on what the market's rules are. */
function resolved<Name extends keyof Hyperparameters>(
  set: Hyperparameters,
  name: Name,
): NonNullable<Hyperparameters[Name]> {
  const value = set[name];
  if (value === undefined || value === null)
    throw new LedgerMessageMalformed(`policy.hyperparameters.${name} is not resolved`);
  return value;
}

function decode<Desc extends DescMessage>(schema: Desc, payload: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, payload);
  } catch (cause) {
    throw new LedgerMessageMalformed(`the payload is no ${schema.typeName}`, { cause });
  }
}

function whole(value: bigint, field: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new LedgerMessageMalformed(`${field} does not fit: ${value}`);
  return number;
}

function rao(text: string, field: string): bigint {
  const units = unitsFromText(text === '' ? '0' : text); // proto3 leaves an empty string where nothing was set
  if (!units.ok || units.value < 0n) throw new LedgerMessageMalformed(`${field} is no amount: ${text.slice(0, 40)}`);
  return units.value;
}
