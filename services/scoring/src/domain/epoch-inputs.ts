import type { EpochInput, NeuronInput } from '@subnetes/consensus/epoch-types';
import type { Row } from '@subnetes/consensus/sparse';
import { epochParameters, type ScoringPolicy } from './policy.ts';
import type { WeighedReport } from './report.ts';
import type { StoredRow } from './weights.ts';

/** A neuron as the ledger sealed it for one epoch. */
export interface SealedNeuron {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAt: number;
  /** Hex. */
  readonly registrationId: string;
  readonly stake: bigint;
  readonly ownerHotkey: boolean;
}

/** The ledger's sealed part of an epoch's inputs. */
export interface EpochDue {
  /** The ledger's sequence of the seal. */
  readonly sequence: number;
  readonly netuid: number;
  /** 1 for the first. */
  readonly index: number;
  readonly block: number;
  readonly subnetStartBlock: number;
  readonly pots: { readonly owner: bigint; readonly miners: bigint; readonly validators: bigint };
  readonly neurons: readonly SealedNeuron[];
  readonly policy: ScoringPolicy;
  /** In force from this seal on, where it is another one: the epoch itself runs under `policy`. */
  readonly nextPolicy: ScoringPolicy | undefined;
  /** Hex of the epoch before's inputs as the ledger paid them; empty for the first. */
  readonly previousInputsSha256: string;
}

/** What scoring adds: what it had committed before it processed the seal. */
export interface GatheredWeights {
  /** Block of the epoch before, null for the first. */
  readonly lastEpochBlock: number | null;
  /** The newest row of each registration and mechanism; one that was emptied has no weights. */
  readonly inForce: readonly StoredRow[];
  /** Registrations that hold a permit from the epoch before. */
  readonly permits: ReadonlySet<string>;
  /** Stored bonds of the epoch before, by mechanism and registrations. */
  readonly bonds: readonly Bond[];
}

/** A bond binds two registrations, not two uids: a uid that is used again inherits nothing. */
export interface Bond {
  readonly mechanismId: number;
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

/** One mechanism of an epoch and what it needs. */
export interface MechanismInput {
  readonly id: number;
  readonly emissionWeight: number;
  readonly epoch: EpochInput;
}

/** Everything that an epoch depends on, in one document; its canonical JSON is stored and hashed. */
export interface EpochInputs {
  readonly format: 1;
  readonly networkId: string;
  readonly due: Omit<EpochDue, 'policy' | 'nextPolicy'> & {
    readonly policyVersion: number;
    readonly policySha256: string;
  };
  readonly mechanisms: readonly MechanismInput[];
  /** Decides nothing, explains. */
  readonly reports: readonly WeighedReport[];
}

/** Puts the sealed state and the weights together. Uids without a neuron become vacant slots, which nobody can rate. */
export function buildEpochInputs(networkId: string, due: EpochDue, gathered: GatheredWeights): EpochInputs {
  const { policy, nextPolicy: _begins, ...sealed } = due;
  const slots = slotsOf(due.neurons);
  const owner = due.neurons.find(({ ownerHotkey }) => ownerHotkey);
  const mechanisms = policy.mechanisms.map(({ id, emissionWeight }) => ({
    id,
    emissionWeight,
    epoch: {
      block: due.block,
      lastEpochBlock: gathered.lastEpochBlock,
      ownerUid: owner?.uid ?? null,
      parameters: epochParameters(policy),
      neurons: slots.map((neuron) =>
        neuron === undefined ? vacantSlot(due.block) : neuronInput(neuron, { due, gathered, mechanismId: id }),
      ),
    },
  }));
  return {
    format: 1,
    networkId,
    due: { ...sealed, policyVersion: policy.version, policySha256: policy.sha256 },
    mechanisms,
    reports: weighedReports(due.neurons, gathered.inForce),
  };
}

function slotsOf(neurons: readonly SealedNeuron[]): (SealedNeuron | undefined)[] {
  const byUid = new Map(neurons.map((neuron) => [neuron.uid, neuron]));
  const count = Math.max(-1, ...byUid.keys()) + 1;
  return Array.from({ length: count }, (_, uid) => byUid.get(uid));
}

/** Registered in the very block of the epoch: every weight and bond on it is older, so none counts. */
function vacantSlot(block: number): NeuronInput {
  return { stake: 0n, lastUpdate: 0, registeredAt: block, permit: false, oldestCommit: null, weights: [], bonds: [] };
}

function neuronInput(
  neuron: SealedNeuron,
  context: { readonly due: EpochDue; readonly gathered: GatheredWeights; readonly mechanismId: number },
): NeuronInput {
  const { gathered, mechanismId, due } = context;
  const row = gathered.inForce.find(
    (each) => each.registrationId === neuron.registrationId && each.mechanismId === mechanismId,
  );
  return {
    stake: neuron.stake,
    // Set by the row that counts, not by a commit that is still hidden: a validator is active, and its weights are newer than
    // a registration, by what it has shown.
    lastUpdate: Math.max(neuron.registeredAt, row?.block ?? 0),
    registeredAt: neuron.registeredAt,
    permit: gathered.permits.has(neuron.registrationId),
    // The chain needs this mask because a commit moves its last update; here nothing hidden does.
    oldestCommit: null,
    weights: row === undefined ? [] : weightsThatStillMean(row, due.neurons),
    bonds: bondsOf(
      neuron,
      due.neurons,
      gathered.bonds.filter((bond) => bond.mechanismId === mechanismId),
    ),
  };
}

/**
 * Weights on neurons that were there when the row was committed. The chain clears a uid's column when it is given out again;
 * rows here stay as they were signed, so what was meant for an earlier occupant is left out instead.
 */
function weightsThatStillMean(row: StoredRow, neurons: readonly SealedNeuron[]): Row<number> {
  const registeredAt = new Map(neurons.map((neuron) => [neuron.uid, neuron.registeredAt]));
  return row.weights.filter(([uid]) => (registeredAt.get(uid) ?? Number.POSITIVE_INFINITY) < row.block);
}

function bondsOf(neuron: SealedNeuron, neurons: readonly SealedNeuron[], bonds: readonly Bond[]): Row<number> {
  const uids = new Map(neurons.map(({ registrationId, uid }) => [registrationId, uid]));
  return bonds
    .filter((bond) => bond.from === neuron.registrationId)
    .flatMap((bond) => {
      const uid = uids.get(bond.to);
      return uid === undefined ? [] : [[uid, bond.value] as const];
    })
    .toSorted(([left], [right]) => left - right);
}

function weighedReports(neurons: readonly SealedNeuron[], inForce: readonly StoredRow[]): WeighedReport[] {
  return neurons.flatMap((neuron) =>
    inForce
      .filter(({ registrationId }) => registrationId === neuron.registrationId)
      .map(({ report }) => ({ validatorUid: neuron.uid, stake: neuron.stake, report })),
  );
}
