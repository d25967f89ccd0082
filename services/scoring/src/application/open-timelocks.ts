import { decideOpening, type OpeningDecision } from '#domain/opening.ts';
import type { RefusalCode } from '#domain/refusal.ts';
import { roundTimeMs } from '#domain/time-lock.ts';
import {
  type BeaconRounds,
  commitName,
  type CommitKey,
  type LockedCommit,
  type OpenedLock,
  type OpenLocks,
  type Store,
} from './ports.ts';

/** What one pass over the locked commits did. */
export interface OpeningPass {
  /** By subnet and code; an empty code is a commit that opened. */
  readonly outcomes: readonly { readonly netuid: number; readonly code: RefusalCode | '' }[];
  /** Milliseconds until another pass may do something; undefined when nothing is left to open. */
  readonly waitMs: number | undefined;
}

/** Opens what is due, of all subnets or of one. Ends early, without error, when the signal is aborted. */
export type OpenTimelocks = (signal: AbortSignal, netuid?: number) => Promise<OpeningPass>;

/** Commits of one pass: it decrypts each, some 25 ms. */
const PASS_MAX = 512;
/** How long a round that should be out, and is not to be had, is left alone. */
const RETRY_MS = 1000;

/**
 * Fetches the rounds that draw judges, and opens the time-locked commits whose interval it is and whose round is out. A round
 * that nobody has yet is asked for again until the interval ends; a commit that does not open, or holds what no reveal may, is
 * marked with the reason once.
 */
export function makeOpenTimelocks(ports: {
  readonly store: Store;
  readonly rounds: BeaconRounds;
  readonly openLocks: OpenLocks;
  readonly nowMs: () => number;
}): OpenTimelocks {
  return async (signal, netuid) => {
    const locked = await ports.store.lockedCommits(PASS_MAX, netuid);
    const outcomes: OpeningPass['outcomes'][number][] = [];
    const waits = await fetchAwaited(ports, signal, netuid);
    for (const group of byRound(locked)) {
      const [first] = group;
      if (first === undefined || signal.aborted) continue;
      const untilMs = roundTimeMs(first.beacon, first.round) - ports.nowMs();
      const signature = untilMs > 0 ? undefined : await signatureOf(ports, first, signal);
      if (signature === undefined) waits.push(Math.max(untilMs, RETRY_MS));
      else outcomes.push(...(await openRound(ports, group, signature)));
    }
    if (locked.length === PASS_MAX) waits.push(0);
    return { outcomes, waitMs: waits.length === 0 ? undefined : Math.min(...waits) };
  };
}

/** Milliseconds to wait for each round that draws judges and is not to be had yet. */
async function fetchAwaited(
  ports: { readonly store: Store; readonly rounds: BeaconRounds; readonly nowMs: () => number },
  signal: AbortSignal,
  netuid: number | undefined,
): Promise<number[]> {
  const waits: number[] = [];
  for (const awaited of await ports.store.awaitedRounds(netuid)) {
    if (signal.aborted) break;
    const untilMs = roundTimeMs(awaited.beacon, awaited.round) - ports.nowMs();
    const signature = untilMs > 0 ? undefined : await signatureOf(ports, awaited, signal);
    if (signature === undefined) waits.push(Math.max(untilMs, RETRY_MS));
  }
  return waits;
}

function byRound(locked: readonly LockedCommit[]): readonly (readonly LockedCommit[])[] {
  return [...Map.groupBy(locked, ({ beacon, round }) => `${beacon.publicKey}/${round}`).values()];
}

async function signatureOf(
  { store, rounds }: { readonly store: Store; readonly rounds: BeaconRounds },
  { beacon, round }: Pick<LockedCommit, 'beacon' | 'round'>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const kept = await store.roundSignature(beacon, round);
  if (kept !== undefined) return kept;
  const signature = await rounds.signature(beacon, round, signal);
  if (signature !== undefined) await store.keepRound(beacon, round, signature);
  return signature;
}

/** Decrypts outside of any transaction, then writes what came of it subnet by subnet. */
async function openRound(
  ports: { readonly store: Store; readonly openLocks: OpenLocks },
  group: readonly LockedCommit[],
  signature: Uint8Array,
): Promise<OpeningPass['outcomes']> {
  const opened = await ports.openLocks(
    group.map(({ envelope }) => envelope),
    signature,
  );
  const pairs = group.map((locked, at) => ({ locked, opened: opened[at] ?? missing() }));
  const outcomes: OpeningPass['outcomes'][number][] = [];
  for (const [netuid, own] of Map.groupBy(pairs, ({ locked }) => locked.commit.netuid)) {
    const codes = await writeOpened(ports.store, netuid, own);
    outcomes.push(...codes.map((code) => ({ netuid, code })));
  }
  return outcomes;
}

interface Pair {
  readonly locked: LockedCommit;
  readonly opened: OpenedLock;
}

function writeOpened(store: Store, netuid: number, pairs: readonly Pair[]): Promise<readonly (RefusalCode | '')[]> {
  const keys = pairs.map(({ locked }): CommitKey => locked.commit);
  return store.inSubnet(netuid, async (transaction) => {
    const facts = await transaction.facts({ registrationIds: keys.map((key) => key.registrationId), commits: keys });
    const { subnet } = facts;
    if (subnet === undefined) return [];
    const codes: (RefusalCode | '')[] = [];
    const rows = [];
    const failed = [];
    for (const { locked, opened } of pairs) {
      const { commit } = locked;
      // The interval may have ended while it was decrypted, and another process may have been first.
      const now = facts.commits.get(commitName(commit));
      if (now === undefined || now.revealed || now.failure !== undefined) continue;
      if (subnet.interval !== now.revealInterval) continue;
      const registration = facts.registrations.get(commit.registrationId);
      const decision: OpeningDecision =
        opened.kind === 'failed'
          ? { refusal: { code: opened.code, message: '' } }
          : decideOpening(now, opened.weights, { subnet, registration, knownUids: facts.knownUids });
      if ('accept' in decision && opened.kind === 'opened') {
        rows.push({ row: decision.accept, hash: opened.hash, evidence: undefined });
        codes.push('');
      } else if ('refusal' in decision) {
        failed.push({ key: commit, code: decision.refusal.code });
        codes.push(decision.refusal.code);
      }
    }
    await transaction.putBatch({ commits: [], rows, sequences: [] });
    await transaction.failCommits(failed);
    return codes;
  });
}

function missing(): never {
  throw new Error('a locked commit was left without an outcome');
}
