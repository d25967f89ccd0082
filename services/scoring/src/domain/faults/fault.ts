import type { MinerReport } from '../report.ts';
import type { EpochInputs, RowOrigin } from '../epoch-inputs.ts';

/** What scoring measures of neurons by what validators report, for slashes. */
export type FaultType = 'FailedAudits' | 'Unavailable';

/** When a network slashes for one of them. */
export interface FaultCondition {
  readonly type: FaultType;
  /** Consecutive, with the fault in each; the ledger has its bound. */
  readonly epochs: number;
  /** Answers, on average of these epochs. */
  readonly atLeast: number;
}

/** What a row's report says of one miner, as it is kept beside the row: miner, unanswered, failed audits, hash of what shows them. */
export type SaidFault = readonly [
  registrationId: string,
  unanswered: number,
  failedAudits: number,
  auditsSha256: string,
];

/** What a report says of faults; nothing in most rows. Of a miner that stands in it twice the first counts. */
export function saidFaults(miners: readonly MinerReport[]): readonly SaidFault[] {
  const said = new Map<string, SaidFault>();
  for (const { registrationId, faults } of miners) {
    if (faults === undefined || said.has(registrationId)) continue;
    said.set(registrationId, [registrationId, faults.unanswered, faults.failedAudits, faults.auditsSha256]);
  }
  return [...said.values()];
}

/** A row of an epoch's inputs with its validator's registration. */
export interface FaultRowName extends RowOrigin {
  readonly registrationId: string;
}

/** Which rows may say something of faults. Inputs of before witnesses asked name no envelopes, and their reports none of these. */
export function faultRowNames({
  due,
  reports = [],
}: Pick<EpochInputs, 'due'> & Partial<Pick<EpochInputs, 'reports'>>): FaultRowName[] {
  const ids = new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  return reports.flatMap((origin) => {
    const registrationId = ids.get(origin.validatorUid);
    return registrationId === undefined || origin.sequence === undefined ? [] : [{ ...origin, registrationId }];
  });
}

/** A row that an epoch counts for the first time, with what its report says of faults. */
export interface FaultRow extends RowOrigin {
  readonly faults: readonly SaidFault[];
}

/** What one validator says of one neuron in an epoch, and with which envelopes it signed that. */
export interface SaidBy {
  readonly validatorUid: number;
  readonly registrationId: string;
  /** Rao, as the ledger sealed it for the epoch. */
  readonly stake: bigint;
  readonly count: number;
  readonly rows: readonly SaidRow[];
}

export interface SaidRow extends Omit<RowOrigin, 'validatorUid'> {
  readonly count: number;
  /** Of failed audits: what the validator keeps to show them. */
  readonly auditsSha256?: string;
}

/** One epoch of a neuron's faults: what evidence is made of. */
export interface FaultyEpoch {
  readonly index: number;
  /** That sealed it. */
  readonly block: number;
  /** Of the epoch's inputs, hex: stakes, permits and rows stand in them. */
  readonly inputsSha256: string;
  /** Rao of all validators with a permit, whether they said something or not. */
  readonly stake: bigint;
  readonly kappaU16: number;
  /** What more than half of that stake, and more than kappa of it, says at least. */
  readonly count: number;
  readonly said: readonly SaidBy[];
}

/** Whose fault it is. */
export interface Accused {
  readonly registrationId: string;
  /** SS58. */
  readonly hotkey: string;
}

export interface MeasuredFault extends Accused {
  readonly type: FaultType;
  readonly epoch: FaultyEpoch;
}
