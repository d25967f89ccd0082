import { type ClaimedRow, isOfAnotherDraw, type OpenedInterval, type PaidRow, type RowOrigin } from './claimed-row.ts';
import type { Interval } from './interval.ts';
import { marketColumns } from './market-columns.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import type { Seal, SealedNeuron } from './seal.ts';

/** The row of a neuron of a seal, as scoring claims it, with all that is known of it. */
export interface RowFacts {
  readonly seal: Seal;
  readonly neuron: SealedNeuron;
  readonly mechanismId: number;
  /** Where judges are drawn. */
  readonly opened?: OpenedInterval | undefined;
  readonly claimed: ClaimedRow;
  readonly origin: RowOrigin | undefined;
  /** Of the same registration and mechanism, in the epoch before. */
  readonly paid: PaidRow | undefined;
}

/** What a validator signed. */
export interface SignedWeights {
  /** Pairs of uid and u16, in the order of the row. */
  readonly weights: readonly (readonly [uid: number, value: number])[];
  readonly versionKey: bigint;
  /** Of the envelope that brought them. */
  readonly sequence: bigint;
}

/** What of a row was verified. */
export interface VerifiedRow {
  readonly signed: SignedWeights;
  readonly interval: Interval;
  /** That a commit which was due did not open, is signed too. */
  readonly hasMissedCommit: boolean;
}

/** A neuron of which scoring names no row can have none, now and before. */
export function withoutOrigin({ neuron, mechanismId, claimed, paid }: RowFacts): Refusal | undefined {
  const where = `uid ${neuron.uid} in mechanism ${mechanismId}`;
  if (claimed.lastUpdate !== neuron.registeredAtBlock || claimed.weights.length > 0) {
    return refuse('WEIGHTS_UNSIGNED', neuron, `nothing says where the row of ${where} comes from`);
  }
  if (paid?.origin !== undefined) return refuse('WEIGHTS_OUTDATED', neuron, `the row of ${where} is left out`);
  return undefined;
}

type OriginFacts = RowFacts & { readonly origin: RowOrigin };

/** How a row with an origin differs from what its validator signed, or from the row that counts now; undefined: not at all. */
export function differsFromSigned(facts: OriginFacts, verified: VerifiedRow): Refusal | undefined {
  const { neuron, origin } = facts;
  if (origin.sequence !== undefined && BigInt(origin.sequence) !== verified.signed.sequence) {
    return refuse('WEIGHTS_UNSIGNED', neuron, `the row of uid ${neuron.uid} is said to come from another envelope`);
  }
  const isOld = isRowOfBefore(facts);
  const refused = isOld ? movedRow(facts) : notOfThisInterval(facts, verified);
  return refused ?? weightsDiffer(facts, verified, isOld);
}

/** An epoch counts a row again until a newer one comes: then it says the same of it as the epoch before, which was paid. */
function isRowOfBefore({ origin, paid, claimed, neuron }: OriginFacts): boolean {
  const before = paid?.origin;
  if (before === undefined) {
    // The inputs of before may be of a release that named no rows: then the row is known by its block.
    const lastUpdate = paid?.row?.lastUpdate ?? 0;
    return lastUpdate > neuron.registeredAtBlock && lastUpdate === claimed.lastUpdate;
  }
  const areNamed = before.sequence !== undefined && origin.sequence !== undefined;
  const isSameEnvelope = !areNamed || before.sequence === origin.sequence;
  return before.source === origin.source && before.interval === origin.interval && isSameEnvelope;
}

function movedRow({ neuron, claimed, paid }: RowFacts): Refusal | undefined {
  const before = paid?.row?.lastUpdate;
  if (before === undefined || before === claimed.lastUpdate) return undefined;
  const message = `the row of uid ${neuron.uid} was of block ${before}, and is said to be of ${claimed.lastUpdate}`;
  return refuse('WEIGHTS_OUTDATED', neuron, message);
}

/** A row that did not count before was taken in the interval that the seal ends, and is newer than the one that did. */
function notOfThisInterval(
  { seal, neuron, claimed, origin, paid }: OriginFacts,
  { signed, interval }: VerifiedRow,
): Refusal | undefined {
  const { uid } = neuron;
  const takenIn = origin.source === 'Open' ? origin.interval : origin.interval + interval.revealEpochs;
  if (takenIn !== seal.index) {
    const message = `the row of uid ${uid} could be taken in interval ${takenIn} alone, this is ${seal.index}`;
    return refuse('WEIGHTS_OUTDATED', neuron, message);
  }
  if (isOlder(origin, signed, paid?.origin)) {
    return refuse('WEIGHTS_OUTDATED', neuron, `an older row of uid ${uid} stands in the place of a newer one`);
  }
  const block = claimed.lastUpdate;
  if (block < interval.fromBlock || block > interval.toBlock) {
    const message = `the row of uid ${uid} is of interval ${origin.interval}, and cannot be of block ${block}`;
    return refuse('WEIGHTS_IMPOSSIBLE', neuron, message);
  }
  const { weightsVersionKey } = seal.policy.hyperparameters;
  if (signed.versionKey < BigInt(weightsVersionKey)) {
    const message = `the row of uid ${uid} is signed for version ${signed.versionKey}, the policy asks for ${weightsVersionKey}`;
    return refuse('WEIGHTS_IMPOSSIBLE', neuron, message);
  }
  return undefined;
}

/** Sequences rise from envelope to envelope of one kind; weights in the open name no interval that would tell. */
function isOlder(origin: RowOrigin, signed: SignedWeights, before: RowOrigin | undefined): boolean {
  if (before === undefined) return false;
  if (origin.interval < before.interval) return true;
  return origin.source === before.source && signed.sequence <= BigInt(before.sequence ?? 0);
}

/** A row that was emptied for a missed commit stays so until a newer one comes. */
function weightsDiffer(
  facts: OriginFacts,
  { signed, hasMissedCommit }: VerifiedRow,
  isOld: boolean,
): Refusal | undefined {
  const { seal, neuron, claimed, paid, origin, opened } = facts;
  if (isOfAnotherDraw(origin, opened)) {
    if (claimed.weights.length === 0) return undefined;
    return refuse(
      'WEIGHTS_DIFFER',
      neuron,
      `the row of uid ${neuron.uid} is of another draw of judges, and says nothing`,
    );
  }
  const wasEmpty = isOld && paid?.row?.weights.length === 0 && paid.isSilenced !== true;
  // Emptied while the policy did not have the mechanism, for all that anybody can tell.
  const isUnknown = isOld && paid?.row === undefined;
  const mayBeEmptied = hasMissedCommit && seal.policy.hyperparameters.missedReveal === 'Zero';
  if (claimed.weights.length === 0 && (wasEmpty || isUnknown || mayBeEmptied)) return undefined;
  // Whom a row rates can only become fewer; markets that a row of the root network weighs may start later.
  const staysEmpty = wasEmpty && seal.subnets === undefined;
  if (!staysEmpty && areSame(claimed.weights, meantWeights(signed, claimed.lastUpdate, seal))) return undefined;
  return refuse('WEIGHTS_DIFFER', neuron, `the row of uid ${neuron.uid} is not the one that was signed`);
}

type Pairs = ClaimedRow['weights'];

/** What of a signed row counts: weights of who was registered before it, or, in the root network, of the sealed markets. */
function meantWeights({ weights }: SignedWeights, block: number, seal: Seal): Pairs {
  if (seal.subnets === undefined) {
    const registeredAt = new Map(seal.neurons.map(({ uid, registeredAtBlock }) => [uid, registeredAtBlock]));
    return weights.filter(([uid]) => (registeredAt.get(uid) ?? Number.POSITIVE_INFINITY) < block);
  }
  const columns = marketColumns(seal);
  return weights.flatMap(([netuid, value]) => {
    const column = columns.get(netuid);
    return column === undefined ? [] : [[column, value] as const];
  });
}

function areSame(left: Pairs, right: Pairs): boolean {
  return (
    left.length === right.length && left.every(([uid, value], at) => right[at]?.[0] === uid && right[at][1] === value)
  );
}

function refuse(reason: RefusalReason, { uid }: SealedNeuron, message: string): Refusal {
  return { reason, field: `weights of uid ${uid}`, message };
}
