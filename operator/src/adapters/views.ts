import { tokenTextFromRao } from '@subnetes/money/amount';
import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import {
  type Countermeasures,
  EmissionState,
  type Neuron,
  type SubnetState,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import {
  type FunctionRecord,
  type Metagraph,
  type MetagraphNeuron,
  WeightsState,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type {
  CommitRevealType,
  NetworkView,
  NeuronView,
  PaidEpoch,
  PaidNeuron,
  SealedEpoch,
  SubnetView,
} from '#domain/market.ts';
import type { FunctionRun } from '#domain/subnet/function-run.ts';
import { type CountermeasureName, namesOf } from '#domain/subnet/countermeasures.ts';

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A wire's decimal string; an absent one is nothing. Throws SyntaxError for what is no number: a broken peer. */
export function rao(text: string | undefined): bigint {
  return BigInt(text === undefined || text === '' ? '0' : text);
}

export function networkView(network: Network): NetworkView {
  return {
    networkId: hex(network.networkId),
    symbol: network.symbol,
    displaySymbol: network.displaySymbol === '' ? network.symbol : network.displaySymbol,
    decimals: network.decimals,
    capRao: rao(network.capRao),
    issuedRao: rao(network.issuedRao),
    blockTimeMs: network.blockTimeMs,
    block: Number(network.block),
    emissionPolicy: { name: network.emissionPolicy, version: network.emissionPolicyVersion },
  };
}

export function neuronView(neuron: Neuron): NeuronView {
  const endpoint = neuron.endpoint?.urls[0];
  return {
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    registrationId: hex(neuron.registrationId),
    registeredAtBlock: Number(neuron.registeredAtBlock),
    immuneUntilBlock: Number(neuron.immuneUntilBlock),
    stakeRao: rao(neuron.stake?.amount),
    ...(endpoint === undefined ? {} : { endpoint }),
    managedByUid: neuron.managedBy?.objectUid ?? '',
    managedByName: neuron.managedBy?.name ?? '',
    ...evictionOf(neuron),
  };
}

function evictionOf({ evictionNotice: notice }: Neuron): Pick<NeuronView, 'eviction'> {
  if (notice === undefined) return {};
  return {
    eviction: {
      announcedAtBlock: Number(notice.announcedAtBlock),
      dueBlock: Number(notice.dueBlock),
      priceText: tokenTextFromRao(rao(notice.priceRao)),
    },
  };
}

function dissolutionOf({ dissolution }: SubnetState): Pick<SubnetView, 'dissolution'> {
  if (dissolution === undefined) return {};
  const { phase, announcedAtBlock, atBlock, newcomerNetuid, newcomerLockRao } = dissolution;
  const known = phase === 'Announced' || phase === 'Settling' ? phase : 'Dissolved';
  return {
    dissolution: {
      phase: known,
      announcedAtBlock: Number(announcedAtBlock),
      atBlock: Number(atBlock),
      ...(newcomerNetuid === 0
        ? {}
        : { newcomer: { netuid: newcomerNetuid, lockText: tokenTextFromRao(rao(newcomerLockRao)) } }),
    },
  };
}

export function sealedEpoch(subnet: SubnetState): SealedEpoch {
  return {
    index: Number(subnet.epochIndex),
    block: Number(subnet.epochBlock),
    nextBlock: Number(subnet.nextEpochBlock),
    lastPaid: Number(subnet.lastPaidIndex),
  };
}

/** Everything of a view but what scoring adds. */
export function subnetView(
  subnet: SubnetState,
  known: { block: number; neurons: ReadonlyMap<string, NeuronView>; paid: PaidEpoch | undefined },
): SubnetView {
  const { active, pending } = subnet;
  const hyper = active?.policy?.hyperparameters;
  return {
    netuid: subnet.netuid,
    handle: subnet.handle,
    registrationId: hex(subnet.registrationId),
    block: known.block,
    tempo: hyper?.tempo ?? 0,
    maxUids: hyper?.maxUids ?? 0,
    policy: {
      ...(active === undefined
        ? {}
        : {
            active: {
              version: Number(active.version),
              sha256: hex(active.sha256),
              commitReveal: commitRevealType(hyper?.commitReveal),
              ...countermeasures(active.policy?.countermeasures),
              ...incentiveFunction(active.policy?.countermeasures),
            },
          }),
      ...(pending === undefined
        ? {}
        : { pending: { version: Number(pending.version), effectiveEpoch: Number(pending.effectiveEpoch) } }),
    },
    epoch: sealedEpoch(subnet),
    emission: subnet.emission === EmissionState.HELD ? 'Held' : 'Started',
    registrationCostRao: rao(subnet.registrationCost?.amount),
    ...dissolutionOf(subnet),
    ...(subnet.waitsFor === 0 ? {} : { waitsFor: subnet.waitsFor }),
    neurons: known.neurons,
    ...(known.paid === undefined ? {} : { paid: known.paid }),
  };
}

function countermeasures(on: Countermeasures | undefined): { countermeasures?: readonly CountermeasureName[] } {
  const names = on === undefined ? [] : namesOf(on);
  return names.length === 0 ? {} : { countermeasures: names };
}

function incentiveFunction(on: Countermeasures | undefined): { incentiveFunction?: string } {
  const sha256 = on?.incentiveFunction?.sha256;
  return sha256 === undefined ? {} : { incentiveFunction: sha256 };
}

/** Policies that were resolved before there was a choice are salted; a newer ledger may know more types. */
function commitRevealType(text: string | undefined): CommitRevealType {
  return text === 'Off' || text === 'Timelock' ? text : 'Salted';
}

/** The newest epoch, once payment and scores tell of the same one; undefined while one of them is ahead. */
export function paidEpoch(subnet: SubnetState, metagraph: Metagraph): PaidEpoch | undefined {
  const index = Number(metagraph.epochIndex);
  if (index === 0 || index !== Number(subnet.lastPaidIndex)) return undefined;
  return {
    index,
    block: Number(metagraph.block),
    nextBlock: Number(metagraph.block) + (subnet.active?.policy?.hyperparameters?.tempo ?? 0),
    inputsSha256: hex(metagraph.inputsSha256),
    emissionRao: rao(subnet.emissionLastEpoch?.amount),
    validatorsWithPermit: metagraph.validatorsWithPermit,
    validatorsRevealed: metagraph.validatorsRevealed,
    functions: metagraph.incentiveFunctions.map(functionRun),
    neurons: new Map(metagraph.neurons.map((neuron) => [hex(neuron.registrationId), paidNeuron(neuron)])),
  };
}

function functionRun({ mechanismId, sha256, fuelUsed, refusal: code, message }: FunctionRecord): FunctionRun {
  return { mechanismId, sha256: hex(sha256), fuelUsed, ...(code === '' ? {} : { refusal: { code, message } }) };
}

const WEIGHTS: Readonly<Record<WeightsState, PaidNeuron['weights']>> = {
  [WeightsState.UNSPECIFIED]: 'None',
  [WeightsState.NONE]: 'None',
  [WeightsState.COMMITTED]: 'Committed',
  [WeightsState.REVEALED]: 'Revealed',
  [WeightsState.MISSED]: 'Missed',
  [WeightsState.SET]: 'Set',
};

function paidNeuron(neuron: MetagraphNeuron): PaidNeuron {
  return {
    uid: neuron.uid,
    permit: neuron.validatorPermit,
    incentiveU16: neuron.incentiveU16,
    dividendsU16: neuron.dividendsU16,
    validatorTrustU16: neuron.validatorTrustU16,
    earnedRao: rao(neuron.incentiveRao) + rao(neuron.dividendRao),
    stakeRao: rao(neuron.stakeRao),
    weights: WEIGHTS[neuron.weightsState] ?? 'None', // a newer scoring may know more states
    ...(neuron.weightsReason === '' ? {} : { weightsReason: neuron.weightsReason }),
    ...(neuron.abstention === '' ? {} : { abstention: neuron.abstention }),
    lastUpdateBlock: Number(neuron.lastUpdateBlock),
    clippedColumns: neuron.clippedColumns,
    report: {
      judged: neuron.judged,
      answers: neuron.answers,
      invalid: neuron.invalid,
      invalidReason: neuron.invalidReason,
      validatorsReporting: neuron.validatorsReporting,
      validatorsReportingCopy: neuron.validatorsReportingCopy,
      copyOfUid: neuron.copyOfUid,
      similarityPpm: neuron.similarityPpm,
    },
    why: neuron.why,
    whyReason: neuron.whyReason,
  };
}
