import { decideCommit } from '#domain/commit.ts';
import { decideOpening } from '#domain/opening.ts';
import { decideReveal } from '#domain/reveal.ts';
import { decideSet } from '#domain/set-weights.ts';
import { fuzzEnvelope, signedEnvelopes } from './fuzz-envelopes.ts';
import { fuzzLock, fuzzOpening, lockedWeights } from './fuzz-locks.ts';
import { isValidRow, type JudgedRow } from './fuzz-oracle.ts';
import { fuzzPayload } from './fuzz-payloads.ts';
import { FuzzRandom } from './fuzz-random.ts';
import { randomRow, type RowWorld, WORLDS } from './fuzz-rows.ts';
import { codeOf, type FuzzFinding, FuzzRun, type FuzzSubject, LOCKED, WINDOW } from './fuzz-run.ts';
import { HASH, REGISTRATION, SENDER, STORED } from './judged.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly inputs: Readonly<Record<'rows' | 'payloads' | 'locks' | 'envelopes' | 'openings', number>>;
  readonly accepted: number;
  /** How often each code was given. */
  readonly refused: Readonly<Record<string, number>>;
  readonly findings: readonly FuzzFinding[];
}

/** A million in all. Signatures and openings take a thousand times as long as the rest. */
export const A_MILLION: FuzzReport['inputs'] = {
  rows: 400_000,
  payloads: 450_000,
  locks: 109_000,
  envelopes: 40_000,
  openings: 1000,
};

const SUBJECT: FuzzSubject = { decideCommit, decideReveal, decideSet, decideOpening };

/**
 * Throws generated rows, changed payloads, locks and envelopes at everything that reads and decides. The seed repeats all but
 * the bytes of locks, whose keys are new each time: a finding has the input with it.
 */
export function fuzzWeights(seed: number, inputs: FuzzReport['inputs'], holes: Partial<FuzzSubject> = {}): FuzzReport {
  const subject = { ...SUBJECT, ...holes };
  const run = new FuzzRun();
  const random = new FuzzRandom(seed);
  for (let at = 0; at < inputs.rows; at += 1) fuzzRow(run, random, subject);
  for (let at = 0; at < inputs.payloads; at += 1) fuzzPayload(run, random, subject);
  if (inputs.locks + inputs.openings > 0) {
    const locked = lockedWeights();
    for (let at = 0; at < inputs.locks; at += 1) fuzzLock(run, random, { locked, subject });
    for (let at = 0; at < inputs.openings; at += 1) fuzzOpening(run, random, locked);
  }
  const envelopes = inputs.envelopes > 0 ? signedEnvelopes() : [];
  for (let at = 0; at < inputs.envelopes; at += 1) fuzzEnvelope(run, random, envelopes);
  const { accepted, refused, findings } = run;
  return { seed, inputs, accepted, refused, findings };
}

const WAYS = ['reveal', 'set', 'opening'] as const;

/** One generated row by one of the three ways. */
function fuzzRow(run: FuzzRun, random: FuzzRandom, subject: FuzzSubject): void {
  const world = random.pick(WORLDS);
  const row = randomRow(random, world);
  const way = random.pick(WAYS);
  const judged: JudgedRow = way === 'reveal' ? row : { ...row, salt: [] };
  run.judge(
    way,
    () => `world ${WORLDS.indexOf(world)} ${JSON.stringify(row, (_key, value: unknown) => textOf(value))}`,
    isValidRow(judged, world.policy, world.ownUid, world.knownUids),
    () => codeOf(decideRow(way, row, { world, subject })),
  );
}

/** Numbers that JSON has no text for. */
function textOf(value: unknown): unknown {
  const isPlain = typeof value !== 'bigint' && (typeof value !== 'number' || Number.isFinite(value));
  return isPlain ? value : String(value);
}

function decideRow(
  way: (typeof WAYS)[number],
  row: JudgedRow,
  { world, subject }: { readonly world: RowWorld; readonly subject: FuzzSubject },
): object {
  const { salt = [], ...own } = row;
  const { knownUids, policy } = world;
  const registration = { ...REGISTRATION, uid: world.ownUid };
  const common = { registration, block: 100, lastSequence: 8n, hash: HASH, knownUids };
  const target = { netuid: 1, mechanismId: 0 };
  const subnet = { ...WINDOW, policy };
  if (way === 'reveal') {
    const reveal = { ...own, salt, ...target, commitInterval: 5 };
    return subject.decideReveal(reveal, SENDER, { ...common, subnet, commit: STORED });
  }
  if (way === 'set') {
    const off = { ...subnet, policy: { ...policy, commitReveal: { type: 'Off' as const } } };
    const facts = { ...common, subnet: off, hasPermit: true, inForce: undefined };
    return subject.decideSet({ ...own, ...target }, SENDER, facts);
  }
  const opened = { ...own, ...target, hotkey: 'hot3', registrationId: 'r3', interval: 5 };
  return subject.decideOpening(LOCKED, opened, { subnet, registration, knownUids });
}
