import { type CommitDecision, decideCommit, type Sender, type WeightsCommit } from '#domain/commit.ts';
import { checkShape, decideReveal, type RevealDecision, type WeightsReveal } from '#domain/reveal.ts';
import type { Store } from './ports.ts';

/** The chain's hash of what is revealed, hex; the hotkey in SS58. */
export type HashWeights = (hotkey: string, reveal: WeightsReveal) => string;

/** Whose signature was verified, and the signed bytes to keep. */
export interface SignedBy {
  readonly sender: Sender;
  readonly envelope: Uint8Array;
}

export type AcceptCommit = (
  commit: WeightsCommit,
  signed: SignedBy,
) => Promise<CommitDecision & { readonly block: number }>;
export type AcceptReveal = (reveal: WeightsReveal, signed: SignedBy) => Promise<RevealDecision>;

/** Takes a verified commit for the interval it was made in, at most once. */
export function makeAcceptCommit({ store }: { readonly store: Store }): AcceptCommit {
  return (commit, { sender, envelope }) =>
    store.inSubnet(commit.netuid, async (transaction) => {
      const { registrationId } = sender;
      const subnet = await transaction.subnet();
      const block = await transaction.block();
      const decision = decideCommit(commit, sender, {
        subnet,
        block,
        registration: await transaction.registration(registrationId),
        hasPermit: subnet !== undefined && (await transaction.hasPermit(registrationId, subnet.interval - 1)),
        existing: await transaction.commit({ ...commit, registrationId }),
        lastSequence: await transaction.lastSequence(registrationId, 'commit'),
      });
      if ('accept' in decision && !decision.repeated) {
        await transaction.putCommit(decision.accept, { sequence: sender.sequence, envelope });
      }
      return { ...decision, block };
    });
}

/** Takes a verified reveal in its window; from then on its weights count. */
export function makeAcceptReveal({
  store,
  hashWeights,
}: {
  readonly store: Store;
  readonly hashWeights: HashWeights;
}): AcceptReveal {
  return async (reveal, { sender, envelope }) => {
    const malformed = checkShape(reveal); // before hashing: the hash exists only for what has the right shape
    if (malformed !== undefined) return malformed;
    const hash = hashWeights(sender.hotkey, reveal);
    return store.inSubnet(reveal.netuid, async (transaction) => {
      const { registrationId } = sender;
      const { mechanismId, commitInterval: interval } = reveal;
      const decision = decideReveal(reveal, sender, {
        hash,
        subnet: await transaction.subnet(),
        block: await transaction.block(),
        registration: await transaction.registration(registrationId),
        commit: await transaction.commit({ registrationId, mechanismId, interval }),
        lastSequence: await transaction.lastSequence(registrationId, 'reveal'),
        knownUids: await transaction.knownUids(),
      });
      if ('accept' in decision && !decision.repeated) {
        await transaction.putReveal(decision.accept, { sequence: sender.sequence, envelope });
      }
      return decision;
    });
  };
}
