import type { EpochInput, NeuronInput } from '@subnetes/consensus/epoch-types';
import type { Row } from '@subnetes/consensus/sparse';
import type { DrawTerms, OpenedRound } from '@subnetes/policy/interval-draw';
import type { LiveCountermeasures } from '@subnetes/policy/live-countermeasures';
import { type MechanismSplit, splitRule } from '@subnetes/policy/mechanism-pots';
import type { PolicyState } from '@subnetes/policy/policy-state';
import { type Bonds, bondsByUid, type BondsOf } from './bonds.ts';
import { type Beacon, epochParameters, type ScoringPolicy } from './policy.ts';
import type { Report, WeighedReport } from './report.ts';
import { ROOT_NETUID } from './root-network.ts';
import type { CountedRow, RowSource } from './weights.ts';

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

/** A market that the root network weighs. */
export interface SealedSubnet {
  readonly netuid: number;
  readonly startBlock: number;
}

/** How the judges of the interval that begins with a seal are drawn: among the neurons of the seal, by a later round. */
export interface SealedDraw extends Omit<DrawTerms, 'interval' | 'publicKey'> {
  readonly beacon: Beacon;
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
  /** Of the root network alone, ascending by netuid. */
  readonly subnets?: readonly SealedSubnet[];
  /** Where judges of the next interval are drawn. */
  readonly draw?: SealedDraw;
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
  readonly inForce: readonly CountedRow[];
  /** Registrations that hold a permit from the epoch before. */
  readonly permits: ReadonlySet<string>;
  /** Stored bonds of the epoch before. */
  readonly bonds: Bonds;
  /** What the epoch before left for this one, by mechanism; empty where its policy had no countermeasures. */
  readonly states: PolicyStates;
  /** Of the interval whose rows count now, where judges were drawn in it and its round is out. */
  readonly opened?: OpenedRound | undefined;
  /** Nobody has the module that the policy names. */
  readonly functionMissing?: boolean;
}

/** What an epoch hands to the next, by mechanism. */
export type PolicyStates = Readonly<Record<number, PolicyState>>;

/** One mechanism of an epoch and what it needs. */
export interface MechanismInput {
  readonly id: number;
  readonly emissionWeight: number;
  readonly epoch: EpochInput;
  /** Of its policy, as the epoch before left it; absent where it left none, or where the policy has no countermeasures. */
  readonly state?: PolicyState;
}

/** Everything that an epoch depends on, in one document; its canonical JSON is stored and hashed. */
export interface EpochInputs extends ScorableInputs {
  /** Format 1 held the reports themselves, nine tenths of its text. */
  readonly format: 2;
  readonly networkId: string;
  /** The rows that count, with whose signed envelopes their reports stand. They decide nothing here; witnesses ask for them. */
  readonly reports: readonly RowOrigin[];
}

/** Where a row of the inputs comes from. */
export interface RowOrigin {
  readonly validatorUid: number;
  readonly mechanismId: number;
  readonly source: RowSource;
  readonly interval: number;
  /** Which envelope of its kind brought it, u64 as decimal text; epochs of before witnesses asked do not say. */
  readonly sequence?: string;
}

/** What of the inputs the outputs follow from, in every format. */
export interface ScorableInputs {
  /** Outputs are written in the format of their inputs. */
  readonly format: 1 | 2;
  readonly due: Omit<EpochDue, 'policy' | 'nextPolicy'> & {
    readonly policyVersion: number;
    readonly policySha256: string;
  };
  readonly mechanisms: readonly MechanismInput[];
  /** How pots are split between mechanisms; absent where there is one, and in epochs from before the chain's rule (ADR 54). */
  readonly mechanismSplit?: MechanismSplit;
  /** Of the policy that `due` names; absent where it has none, so that such inputs are written as before there were any. */
  readonly countermeasures?: LiveCountermeasures;
  /** Which draw of judges the rows fall under; absent where there is none, and everybody judges everybody. */
  readonly opened?: OpenedRound;
  /** The module of the policy's function was not there when the epoch was scored: sealed, so that everybody pays the same. */
  readonly functionMissing?: true;
}

/** Puts the sealed state and the weights together. Uids without a neuron become vacant slots, which nobody can rate. */
export function buildEpochInputs(networkId: string, due: EpochDue, gathered: GatheredWeights): EpochInputs {
  const { policy, nextPolicy: _begins, ...sealed } = due;
  const slots = slotsOf(due.neurons);
  const owner = due.neurons.find(({ ownerHotkey }) => ownerHotkey);
  const known = byRegistration(due, slots, gathered);
  const mechanisms = policy.mechanisms.map(({ id, emissionWeight }) => ({
    id,
    emissionWeight,
    epoch: {
      block: due.block,
      lastEpochBlock: gathered.lastEpochBlock,
      ownerUid: owner?.uid ?? null,
      parameters: epochParameters(policy),
      neurons: slots.map((neuron) =>
        neuron === undefined ? vacantSlot(due.block) : neuronInput(neuron, { known, gathered, mechanismId: id }),
      ),
    },
    ...stateOf(id, due, gathered),
  }));
  return {
    format: 2,
    networkId,
    due: { ...sealed, policyVersion: policy.version, policySha256: policy.sha256 },
    mechanisms,
    ...splitRule(mechanisms),
    ...(policy.countermeasures === undefined ? {} : { countermeasures: policy.countermeasures }),
    ...(gathered.opened === undefined ? {} : { opened: gathered.opened }),
    ...(gathered.functionMissing === true ? { functionMissing: true } : {}),
    reports: rowOrigins(due.neurons, gathered.inForce),
  };
}

/** The rows that count, by neuron. */
export function rowOrigins(neurons: readonly SealedNeuron[], inForce: readonly CountedRow[]): RowOrigin[] {
  const rows = Map.groupBy(inForce, ({ registrationId }) => registrationId);
  return neurons.flatMap(({ uid, registrationId }) =>
    (rows.get(registrationId) ?? []).map(({ mechanismId, source, interval, sequence }) => ({
      validatorUid: uid,
      mechanismId,
      source,
      interval,
      sequence: sequence.toString(),
    })),
  );
}

/** A rule that is switched off forgets its state. */
function stateOf(id: number, { policy }: EpochDue, { states }: GatheredWeights): Pick<MechanismInput, 'state'> {
  const state = states[id];
  return policy.countermeasures === undefined || state === undefined ? {} : { state };
}

/** Neurons by uid. */
export function slotsOf(neurons: readonly SealedNeuron[]): (SealedNeuron | undefined)[] {
  const byUid = new Map(neurons.map((neuron) => [neuron.uid, neuron]));
  const count = Math.max(-1, ...byUid.keys()) + 1;
  return Array.from({ length: count }, (_, uid) => byUid.get(uid));
}

/** Registered in the very block of the epoch: every weight and bond on it is older, so none counts. */
export function vacantSlot(block: number): NeuronInput {
  return { stake: 0n, lastUpdate: 0, registeredAt: block, permit: false, oldestCommit: null, weights: [], bonds: [] };
}

/** What was gathered by the registration that they are of, and what is known of each by its own id or uid. */
interface Known {
  readonly rows: ReadonlyMap<string, readonly CountedRow[]>;
  readonly bondsOf: BondsOf;
  /** By uid. */
  readonly registeredAt: readonly (number | undefined)[];
}

function byRegistration(
  { neurons }: EpochDue,
  slots: readonly (SealedNeuron | undefined)[],
  { inForce, bonds }: GatheredWeights,
): Known {
  const uids = new Map(neurons.map(({ registrationId, uid }) => [registrationId, uid]));
  return {
    rows: Map.groupBy(inForce, ({ registrationId }) => registrationId),
    bondsOf: bondsByUid(bonds, uids),
    registeredAt: slots.map((neuron) => neuron?.registeredAt),
  };
}

function neuronInput(
  neuron: SealedNeuron,
  context: { readonly known: Known; readonly gathered: GatheredWeights; readonly mechanismId: number },
): NeuronInput {
  const { gathered, known, mechanismId } = context;
  const { registrationId } = neuron;
  const row = known.rows.get(registrationId)?.find((each) => each.mechanismId === mechanismId);
  return {
    stake: neuron.stake,
    // Set by the row that counts, not by a commit that is still hidden: a validator is active, and its weights are newer than
    // a registration, by what it has shown.
    lastUpdate: Math.max(neuron.registeredAt, row?.block ?? 0),
    registeredAt: neuron.registeredAt,
    permit: gathered.permits.has(registrationId),
    // The chain needs this mask because a commit moves its last update; here nothing hidden does.
    oldestCommit: null,
    weights: row === undefined || isOfAnotherDraw(row, gathered) ? [] : weightsThatStillMean(row, known),
    bonds: known.bondsOf(registrationId, mechanismId),
  };
}

/**
 * A row of another interval was made under another draw: of miners that are its validator's to judge now and were not then it
 * would say zero, and take from them what it never judged. It is silence instead.
 */
function isOfAnotherDraw({ interval }: CountedRow, { opened }: GatheredWeights): boolean {
  return opened !== undefined && interval !== opened.interval;
}

/**
 * Weights on neurons that were there when the row was committed. The chain clears a uid's column when it is given out again;
 * rows here stay as they were signed, so what was meant for an earlier occupant is left out instead.
 */
function weightsThatStillMean(row: CountedRow, { registeredAt }: Known): Row<number> {
  return row.weights.filter(([uid]) => (registeredAt[uid] ?? Number.POSITIVE_INFINITY) < row.block);
}

/** Which registration's row brought a report. */
export interface ReportedRow {
  readonly registrationId: string;
  readonly mechanismId: number;
  readonly source: RowSource;
  readonly interval: number;
}

/** A row that counted, by its validator's uid and registration. */
export interface CountedRowName extends ReportedRow {
  readonly validatorUid: number;
}

/** The rows that counted. Inputs of format 1, which held the reports themselves, name none. */
export function countedRows({
  due,
  reports = [],
}: ScorableInputs & Partial<Pick<EpochInputs, 'reports'>>): CountedRowName[] {
  const ids = new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  return reports.flatMap(({ validatorUid, mechanismId, source, interval }) => {
    const registrationId = ids.get(validatorUid);
    return registrationId === undefined ? [] : [{ validatorUid, registrationId, mechanismId, source, interval }];
  });
}

/** The rows whose reports explain an epoch; members of the root network have nobody to report on. */
export function reportedRows(inputs: Parameters<typeof countedRows>[0]): ReportedRow[] {
  if (inputs.due.netuid === ROOT_NETUID) return [];
  return countedRows(inputs).map(({ validatorUid: _uid, ...row }) => row);
}

/** The reports that explain an epoch, with the stake of who made them. */
export function weighedReports(
  neurons: readonly SealedNeuron[],
  reports: readonly { readonly registrationId: string; readonly report: Report }[],
): WeighedReport[] {
  const reportsOf = Map.groupBy(reports, ({ registrationId }) => registrationId);
  return neurons.flatMap(({ uid, stake, registrationId }) =>
    (reportsOf.get(registrationId) ?? []).map(({ report }) => ({ validatorUid: uid, stake, report })),
  );
}
