import type { EpochInputs, ScorableInputs } from '../epoch-inputs.ts';
import type { FaultRow, FaultType, MeasuredFault, SaidBy, SaidFault, SaidRow } from './fault.ts';

const U16_MAX = 65_535n;

/** Whose word counts, and how much there is of it. */
interface Electorate {
  /** Of validators with a permit, by uid. */
  readonly stakes: ReadonlyMap<number, bigint>;
  readonly ids: ReadonlyMap<number, string>;
  readonly total: bigint;
  readonly kappaU16: number;
}

/**
 * What the validators together say of each neuron's faults in an epoch: the largest number of which more than half of the stake
 * with a permit, and more than kappa of it, says at least so many. Who says nothing says none, so no minority makes a fault,
 * and silence of others makes none either. What the accused says counts as everybody's. Neurons without a fault are left out.
 */
export function measureFaults(
  inputs: Pick<EpochInputs, 'due' | 'mechanisms'>,
  inputsSha256: string,
  { rows, types }: { readonly rows: readonly FaultRow[]; readonly types: readonly FaultType[] },
): MeasuredFault[] {
  const electorate = electorateOf(inputs);
  const { index, block, neurons } = inputs.due;
  return types.flatMap((type) => {
    const said = saidOf(type, rows, electorate);
    return neurons.flatMap(({ registrationId, hotkey }): MeasuredFault[] => {
      const own = said.get(registrationId);
      const count = own === undefined ? 0 : agreedCount(own, electorate);
      if (own === undefined || count === 0) return [];
      const { total: stake, kappaU16 } = electorate;
      return [
        { type, registrationId, hotkey, epoch: { index, block, inputsSha256, stake, kappaU16, count, said: own } },
      ];
    });
  });
}

function electorateOf({ due, mechanisms }: Pick<ScorableInputs, 'due' | 'mechanisms'>): Electorate {
  const epoch = mechanisms[0]?.epoch;
  const minStake = epoch?.parameters.minStake ?? 0n;
  const voting = due.neurons.filter(({ uid, stake }) => epoch?.neurons[uid]?.permit === true && stake >= minStake);
  return {
    stakes: new Map(voting.map(({ uid, stake }) => [uid, stake])),
    ids: new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId])),
    total: voting.reduce((sum, { stake }) => sum + stake, 0n),
    kappaU16: Math.max(0, ...mechanisms.map((each) => each.epoch.parameters.kappaU16)),
  };
}

/** By whom it is said, the largest uid last; a validator's mechanisms together. */
function saidOf(
  type: FaultType,
  rows: readonly FaultRow[],
  { stakes, ids }: Electorate,
): ReadonlyMap<string, readonly SaidBy[]> {
  const byMiner = new Map<string, Map<number, SaidRow[]>>();
  for (const { faults, validatorUid, ...row } of rows) {
    if (!stakes.has(validatorUid)) continue;
    for (const fault of faults) {
      const count = countOf(type, fault);
      if (count === 0) continue;
      const [miner, , , auditsSha256] = fault;
      const said = byMiner.get(miner) ?? new Map<number, SaidRow[]>();
      byMiner.set(miner, said);
      const own = said.get(validatorUid) ?? [];
      said.set(validatorUid, own);
      own.push({ ...row, count, ...(type === 'FailedAudits' ? { auditsSha256 } : {}) });
    }
  }
  const saidBy = ([uid, own]: readonly [number, readonly SaidRow[]]): SaidBy => ({
    validatorUid: uid,
    registrationId: ids.get(uid) ?? '',
    stake: stakes.get(uid) ?? 0n,
    count: own.reduce((sum, { count }) => sum + count, 0),
    rows: own.toSorted((left, right) => left.mechanismId - right.mechanismId),
  });
  const uidOrder = (left: SaidBy, right: SaidBy): number => left.validatorUid - right.validatorUid;
  return new Map(Array.from(byMiner, ([miner, said]) => [miner, [...said].map(saidBy).toSorted(uidOrder)]));
}

function countOf(type: FaultType, [, unanswered, failedAudits]: SaidFault): number {
  return type === 'Unavailable' ? unanswered : failedAudits;
}

function agreedCount(said: readonly SaidBy[], { total, kappaU16 }: Electorate): number {
  let stake = 0n;
  for (const own of said.toSorted((left, right) => right.count - left.count)) {
    stake += own.stake;
    if (stake * 2n > total && stake * U16_MAX > BigInt(kappaU16) * total) return own.count;
  }
  return 0;
}
