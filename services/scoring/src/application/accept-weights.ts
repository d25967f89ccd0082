import { decideCommit, type WeightsCommit } from '#domain/commit.ts';
import { decideReveal, type WeightsReveal } from '#domain/reveal.ts';
import { type Refusal, refuse } from '#domain/refusal.ts';
import type { Sender } from '#domain/sender.ts';
import { decideSet, type WeightsSet } from '#domain/set-weights.ts';
import { BatchState } from './batch-state.ts';
import type { CommitKey, Store, SubnetTransaction } from './ports.ts';

/** Whose signature was verified, and the signed bytes to keep. */
export interface SignedBy {
  readonly sender: Sender;
  readonly envelope: Uint8Array;
}

/** One item of a call, its signature verified. `hash`: of the weights, as a commit hashes them, where they have one. */
export type Submission = { readonly signed: SignedBy } & (
  | { readonly kind: 'commit'; readonly value: WeightsCommit }
  | { readonly kind: 'reveal'; readonly value: WeightsReveal; readonly hash: string | undefined }
  | { readonly kind: 'set'; readonly value: WeightsSet; readonly hash: string | undefined }
);

export type Outcome =
  | {
      readonly kind: 'taken';
      readonly repeated: boolean;
      readonly block: number;
      readonly interval: number;
      /** Of a commit. */
      readonly revealInterval: number | undefined;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Takes or refuses each of them; outcomes are in the order of the submissions. */
export type AcceptWeights = (submissions: readonly Submission[]) => Promise<readonly Outcome[]>;

/** Submissions of one transaction at most: the subnet's lock is held for so long. */
const TRANSACTION_MAX = 256;
/** Submissions that wait for a subnet's lock at most; more than that is refused at once. */
const WAITING_MAX = 4096;

/** So many need not wait for more. */
const GATHERED = 32;

interface Waiting {
  readonly submission: Submission;
  readonly settle: PromiseWithResolvers<Outcome>;
}

/**
 * Takes verified submissions. Those that wait for the same subnet go through one transaction together, whoever sent them: a
 * burst costs one commit of the database instead of one each. What fails with the database rejects; repeating is safe.
 */
export function makeAcceptWeights(ports: {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly hasBeacon: boolean;
  /** A moment in which more may come: a subnet that has just had a transaction begins the next after it. */
  readonly gather: () => Promise<void>;
}): AcceptWeights {
  const queues = new Map<number, Waiting[]>();

  const drain = async (netuid: number, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0, TRANSACTION_MAX);
      try {
        const outcomes = await ports.store.inSubnet(netuid, (transaction) =>
          takeBatch(
            transaction,
            batch.map(({ submission }) => submission),
            { nowMs: ports.nowMs(), hasBeacon: ports.hasBeacon },
          ),
        );
        for (const [at, { settle }] of batch.entries()) settle.resolve(outcomes[at] ?? missing());
      } catch (error) {
        for (const { settle } of batch) settle.reject(error);
      }
      if (queue.length < GATHERED) await ports.gather();
    }
    queues.delete(netuid);
  };

  const enqueue = (submission: Submission): Promise<Outcome> => {
    const { netuid } = submission.value;
    const settle = Promise.withResolvers<Outcome>();
    const queue = queues.get(netuid);
    if (queue !== undefined && queue.length >= WAITING_MAX) {
      const { refusal } = refuse(
        'QUEUE_FULL',
        `${WAITING_MAX} submissions wait for subnet ${netuid}: send it again later`,
      );
      return Promise.resolve({ kind: 'refused', refusal });
    }
    if (queue !== undefined) queue.push({ submission, settle });
    else {
      const started = [{ submission, settle }];
      queues.set(netuid, started);
      // In the next turn, so that the rest of this call and of its neighbours comes along.
      setImmediate(() => void drain(netuid, started));
    }
    return settle.promise;
  };

  return (submissions) => Promise.all(submissions.map(enqueue));
}

function missing(): never {
  throw new Error('a submission was left without an outcome');
}

/** One transaction: everything is read, decided in order, and written at once. */
async function takeBatch(
  transaction: SubnetTransaction,
  submissions: readonly Submission[],
  now: { readonly nowMs: number; readonly hasBeacon: boolean },
): Promise<readonly Outcome[]> {
  const facts = await transaction.facts({
    registrationIds: [...new Set(submissions.map(({ signed }) => signed.sender.registrationId))],
    commits: submissions.flatMap(commitKeyOf),
  });
  const state = new BatchState(facts);
  const outcomes = submissions.map((submission) => take(submission, state, now));
  await transaction.putBatch(state.accepted());
  return outcomes;
}

function commitKeyOf({ kind, value, signed }: Submission): CommitKey[] {
  if (kind === 'set') return [];
  const { registrationId } = signed.sender;
  const interval = kind === 'commit' ? value.interval : value.commitInterval;
  return [{ registrationId, mechanismId: value.mechanismId, interval }];
}

function take(
  submission: Submission,
  state: BatchState,
  now: { readonly nowMs: number; readonly hasBeacon: boolean },
): Outcome {
  const { signed } = submission;
  const { sender } = signed;
  const evidence = { sequence: sender.sequence, envelope: signed.envelope };
  const common = state.factsOf(sender.registrationId, submission.kind);
  if (submission.kind === 'commit') {
    const { value } = submission;
    const existing = state.commit({ ...value, registrationId: sender.registrationId });
    const decision = decideCommit(value, sender, { ...common, ...now, existing });
    if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal };
    if (!decision.repeated) state.addCommit(decision.accept, evidence);
    const { interval, revealInterval } = decision.accept;
    return { kind: 'taken', repeated: decision.repeated, block: common.block, interval, revealInterval };
  }
  const { hash } = submission;
  const rowKey = { registrationId: sender.registrationId, mechanismId: submission.value.mechanismId };
  const decision =
    submission.kind === 'reveal'
      ? decideReveal(submission.value, sender, {
          ...common,
          hash,
          commit: state.commit({ ...rowKey, interval: submission.value.commitInterval }),
        })
      : decideSet(submission.value, sender, { ...common, hash, inForce: state.row(rowKey) });
  if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal };
  const { accept, repeated } = decision;
  if (!repeated) state.addRow(accept, { kind: submission.kind, hash: hash ?? '', evidence });
  return { kind: 'taken', repeated, block: common.block, interval: accept.interval, revealInterval: undefined };
}
