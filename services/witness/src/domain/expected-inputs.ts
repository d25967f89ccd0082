import type { StoredEpochInput } from '@subnetes/consensus/epoch-json';
import { firstDifferences } from '@subnetes/consensus/output-difference';
import type { ClaimedRow, OpenedInterval, PaidRow, RowOrigin } from './claimed-row.ts';
import { slotCount } from './market-columns.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import type { Seal, SealedDraw, SealedNeuron, SealedPolicy } from './seal.ts';

/** A bond that an epoch left, between two registrations. */
export interface Bond {
  readonly mechanismId: number;
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

/** What the epoch before leaves to the next. */
export interface CarriedOver {
  /** Null for the first epoch. */
  readonly lastEpochBlock: number | null;
  /** Registrations with a permit. */
  readonly permits: ReadonlySet<string>;
  readonly bonds: readonly Bond[];
  /** What the policy of a mechanism handed on, as it is stored, by the mechanism's id. */
  readonly states: ReadonlyMap<number, unknown>;
  /** Rows that it counted, by `rowKey`. */
  readonly rows: ReadonlyMap<string, PaidRow>;
  /** It named no rule by which pots are split between mechanisms: scoring may have been of a release before there was one. */
  readonly isWithoutSplit: boolean;
}

export const NOTHING_CARRIED: CarriedOver = {
  lastEpochBlock: null,
  permits: new Set(),
  bonds: [],
  states: new Map(),
  rows: new Map(),
  isWithoutSplit: false,
};

/** Scoring's inputs of an epoch, as far as they are looked into one by one. The rest is compared as a whole. */
export interface ClaimedInputs {
  readonly mechanisms: readonly { readonly epoch: { readonly neurons: readonly ClaimedRow[] } }[];
  readonly reports: readonly RowOrigin[];
  readonly mechanismSplit?: string | undefined;
  /** By which round judges were drawn: what is claimed of it is judged apart. */
  readonly opened?: OpenedInterval | undefined;
  /** That nobody had the module of the policy's function when the epoch was scored: a word of scoring's, too. */
  readonly functionMissing?: boolean | undefined;
}

export interface KnownInputs {
  /** Hex. */
  readonly networkId: string;
  readonly seal: Seal;
  readonly carried: CarriedOver;
}

/**
 * What scoring's inputs must be, but for the rows of weights: everything follows from the ledger's seal and from the epoch
 * before. Written apart from scoring's own code. Undefined when nothing differs.
 */
export function inputsDifference(claimed: ClaimedInputs, known: KnownInputs): Refusal | undefined {
  const [difference] = firstDifferences(claimed, expectedInputs(claimed, known), 1);
  if (difference === undefined) return undefined;
  const { field, stored, recomputed } = difference;
  const message = `scoring took ${stored ?? 'nothing'}, it is ${recomputed ?? 'nothing'}`;
  return { reason: reasonOf(field), field, message };
}

function reasonOf(field: string): RefusalReason {
  if (/\.(permit|bonds|lastEpochBlock|state)\b/.test(field)) return 'CARRIED_OVER_DIFFERS';
  if (field.startsWith('countermeasures') || field === 'mechanismSplit' || field === 'functionMissing')
    return 'POLICY_DIFFERS';
  if (/^mechanisms(\[\d+\])?(\.id|\.emissionWeight|\.epoch\.parameters\b.*)?$/.test(field)) return 'POLICY_DIFFERS';
  return 'SEAL_DIFFERS';
}

function expectedInputs(claimed: ClaimedInputs, { networkId, seal, carried }: KnownInputs): object {
  const { countermeasures } = seal.policy;
  return {
    format: 2,
    networkId,
    due: dueOf(seal),
    mechanisms: seal.policy.mechanisms.map(({ id, emissionWeight }, at) => ({
      id,
      emissionWeight,
      epoch: epochOf({ seal, carried, mechanismId: id, rows: claimed.mechanisms[at]?.epoch.neurons ?? [] }),
      ...(countermeasures !== undefined && carried.states.has(id) ? { state: carried.states.get(id) } : {}),
    })),
    ...splitOf(claimed, seal, carried),
    ...(countermeasures === undefined ? {} : { countermeasures }),
    ...(claimed.opened === undefined ? {} : { opened: claimed.opened }),
    ...(countermeasures?.['incentiveFunction'] !== undefined && claimed.functionMissing === true
      ? { functionMissing: true }
      : {}),
    reports: claimed.reports, // where rows come from: each is held against it
  };
}

/**
 * How pots are split between mechanisms. An epoch that was scored as a new release began may still name no rule, but only after
 * one that named none either: who has named it once cannot choose.
 */
function splitOf(
  { mechanismSplit }: ClaimedInputs,
  { policy }: Seal,
  { isWithoutSplit }: CarriedOver,
): { readonly mechanismSplit?: 'U16' } {
  const isOlder = mechanismSplit === undefined && isWithoutSplit;
  return policy.mechanisms.length === 1 || isOlder ? {} : { mechanismSplit: 'U16' };
}

function dueOf(seal: Seal): object {
  return {
    sequence: seal.sequence,
    netuid: seal.netuid,
    index: seal.index,
    block: seal.block,
    subnetStartBlock: seal.startBlock,
    pots: { owner: seal.owner, miners: seal.miner, validators: seal.validator },
    neurons: seal.neurons.map((neuron) => ({
      uid: neuron.uid,
      hotkey: neuron.hotkey,
      coldkey: neuron.coldkey,
      registeredAt: neuron.registeredAtBlock,
      registrationId: neuron.registrationId,
      stake: neuron.stake,
      ownerHotkey: false, // the ledger names none yet
    })),
    ...(seal.draw === undefined ? {} : { draw: drawOf(seal.draw) }),
    ...(seal.subnets === undefined ? {} : { subnets: seal.subnets }),
    previousInputsSha256: seal.previousInputsSha256,
    policyVersion: seal.policyVersion,
    policySha256: seal.policySha256,
  };
}

function drawOf({ round, beacon, rules, kappaU16 }: SealedDraw): object {
  const { chainHash, publicKey, genesisTime: genesisTimeS, periodSeconds: periodS } = beacon;
  return { round, beacon: { chainHash, publicKey, genesisTimeS, periodS }, rules, kappaU16 };
}

interface MechanismFacts {
  readonly seal: Seal;
  readonly carried: CarriedOver;
  readonly mechanismId: number;
  readonly rows: readonly ClaimedRow[];
}

function epochOf(facts: MechanismFacts): object {
  const { seal, carried, rows } = facts;
  const byUid = new Map(seal.neurons.map((neuron) => [neuron.uid, neuron]));
  const slots = Array.from({ length: slotCount(seal.neurons) }, (_, uid) => {
    const neuron = byUid.get(uid);
    return neuron === undefined ? vacantSlot(seal.block) : neuronOf(neuron, rows[uid], facts);
  });
  // After the root network's members the markets that they weigh: without stake, as old as they are.
  const markets = (seal.subnets ?? []).map(({ startBlock }) => ({
    ...vacantSlot(seal.block),
    registeredAt: startBlock,
  }));
  return {
    block: seal.block,
    lastEpochBlock: carried.lastEpochBlock,
    ownerUid: null,
    parameters: parametersOf(seal.policy),
    neurons: [...slots, ...markets],
  };
}

/** Nobody stands there: registered in the very block of the epoch, so that nothing counts. */
function vacantSlot(block: number): object {
  return { stake: '0', lastUpdate: 0, registeredAt: block, permit: false, oldestCommit: null, weights: [], bonds: [] };
}

function neuronOf(neuron: SealedNeuron, row: ClaimedRow | undefined, facts: MechanismFacts): object {
  return {
    stake: neuron.stake,
    lastUpdate: row?.lastUpdate,
    registeredAt: neuron.registeredAtBlock,
    permit: facts.carried.permits.has(neuron.registrationId),
    oldestCommit: null,
    weights: row?.weights,
    bonds: bondsOf(neuron, facts),
  };
}

/**
 * Bonds bind registrations: those to whom is gone are gone, and a uid that is used again inherits nothing. The root network has
 * none: a member earns nothing for having been early.
 */
function bondsOf(neuron: SealedNeuron, { seal, carried, mechanismId }: MechanismFacts): (readonly [number, number])[] {
  if (seal.subnets !== undefined) return [];
  const uids = new Map(seal.neurons.map(({ registrationId, uid }) => [registrationId, uid]));
  return carried.bonds
    .filter((bond) => bond.mechanismId === mechanismId && bond.from === neuron.registrationId)
    .flatMap(({ to, value }) => {
      const uid = uids.get(to);
      return uid === undefined ? [] : [[uid, value] as const];
    })
    .toSorted(([left], [right]) => left - right);
}

function parametersOf({ hyperparameters: set }: SealedPolicy): StoredEpochInput['parameters'] {
  const formula = set.yumaVersion === 2 ? 'yuma2' : set.liquidAlphaEnabled ? 'yuma3-liquid' : 'yuma3';
  const liquidAlpha = {
    lowU16: set.alphaLowU16,
    highU16: set.alphaHighU16,
    steepnessHundredths: set.alphaSigmoidSteepness,
  };
  return {
    formula,
    kappaU16: set.kappaU16,
    bondsPenaltyU16: set.bondsPenaltyU16,
    bondsMovingAveragePpm: set.bondsMovingAveragePpm,
    liquidAlpha: set.liquidAlphaEnabled ? liquidAlpha : undefined,
    tempo: set.tempo,
    activityCutoffBlocks: set.activityCutoffBlocks,
    maxValidators: set.maxValidators,
    minStake: set.stakeThresholdRao,
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
  };
}

/**
 * Rows of weights that nobody can have signed: shown before the registration or after the seal, or on who was not there yet.
 * Whether a possible row is the one that was signed is not told by it; it costs nothing, and is looked at first.
 */
export function impossibleRow(claimed: ClaimedInputs, seal: Seal): Refusal | undefined {
  const registeredAt = new Map(seal.neurons.map(({ uid, registeredAtBlock }) => [uid, registeredAtBlock]));
  for (const [mechanism, { epoch }] of claimed.mechanisms.entries()) {
    for (const { uid, registeredAtBlock } of seal.neurons) {
      const row = epoch.neurons[uid];
      const field = `mechanisms[${mechanism}].epoch.neurons[${uid}]`;
      if (row === undefined || row.lastUpdate < registeredAtBlock || row.lastUpdate > seal.block) {
        const message = `uid ${uid} cannot have shown weights at block ${row?.lastUpdate ?? 0}`;
        return { reason: 'WEIGHTS_IMPOSSIBLE', field: `${field}.lastUpdate`, message };
      }
      const early = row.weights.find(([to]) => (registeredAt.get(to) ?? Number.POSITIVE_INFINITY) >= row.lastUpdate);
      if (early !== undefined && seal.subnets === undefined) {
        const message = `uid ${uid} cannot have rated uid ${early[0]}, which was not registered then`;
        return { reason: 'WEIGHTS_IMPOSSIBLE', field: `${field}.weights`, message };
      }
    }
  }
  return undefined;
}
