import { canonicalJson, type Stored, toStored } from '@subnetes/consensus/epoch-json';
import type { Accused, FaultCondition, FaultType, FaultyEpoch } from './fault.ts';

/**
 * One epoch of a run by the hash of its text: what validators said there can be a hundred kilobytes, and a run is as long as its
 * condition asks.
 */
export interface RunEpoch {
  readonly index: number;
  readonly count: number;
  /** Hex, of the epoch's text. */
  readonly sha256: string;
}

/** Consecutive epochs, the oldest first. */
export interface Run {
  /** That sealed the first of them. */
  readonly offenceBlock: number;
  readonly epochs: readonly RunEpoch[];
}

/** What is reported to the ledger, and what it rests on. */
export interface Evidence extends Accused {
  readonly type: FaultType;
  readonly netuid: number;
  readonly fromEpoch: number;
  readonly toEpoch: number;
  /** Block that sealed the first of them. */
  readonly offenceBlock: number;
  /** On average of the epochs, rounded down. */
  readonly measured: number;
  /** Canonical JSON; its sha256 stands in the slash. */
  readonly document: string;
}

/** Whether a run of consecutive epochs, each with the fault in it, is enough. */
export function isProven(run: { readonly epochs: number; readonly total: number }, condition: FaultCondition): boolean {
  return run.epochs >= condition.epochs && Math.floor(run.total / run.epochs) >= condition.atLeast;
}

/** What evidence is about. */
type Charge = Accused & {
  readonly networkId: string;
  readonly netuid: number;
  readonly condition: FaultCondition;
};

/** Evidence of a run, which names its epochs by their hashes. @throws RangeError without any, or where one between is missing. */
export function evidenceOf({ offenceBlock, epochs }: Run, about: Charge): Evidence {
  return made(about, { format: 2, offenceBlock, epochs });
}

/** Evidence as it was written before: with all that its epochs hold within it. */
export function wholeEvidenceOf(epochs: readonly FaultyEpoch[], about: Charge): Evidence {
  return made(about, { format: 1, offenceBlock: epochs[0]?.block ?? 0, epochs });
}

function made(
  about: Charge,
  {
    format,
    offenceBlock,
    epochs,
  }: {
    readonly format: number;
    readonly offenceBlock: number;
    readonly epochs: readonly Pick<RunEpoch, 'index' | 'count'>[];
  },
): Evidence {
  const [first, last] = [epochs[0], epochs.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('evidence needs an epoch');
  if (last.index - first.index + 1 !== epochs.length) throw new RangeError('epochs of evidence follow each other');
  const { networkId, netuid, registrationId, hotkey, condition } = about;
  const measured = Math.floor(epochs.reduce((sum, { count }) => sum + count, 0) / epochs.length);
  const common = { netuid, registrationId, hotkey, fromEpoch: first.index, toEpoch: last.index, measured };
  return {
    ...common,
    type: condition.type,
    offenceBlock,
    document: canonicalJson(toStored({ ...common, format, networkId, condition, epochs })),
  };
}

/** An epoch as it is kept until it becomes evidence, and back. Only what this service wrote is read. */
export function faultyEpochToText(epoch: FaultyEpoch): string {
  return canonicalJson(toStored(epoch));
}

export function faultyEpochFromText(text: string): FaultyEpoch {
  const stored = JSON.parse(text) as Stored<FaultyEpoch>;
  return {
    ...stored,
    stake: BigInt(stored.stake),
    said: stored.said.map((own) => ({ ...own, stake: BigInt(own.stake) })),
  };
}
