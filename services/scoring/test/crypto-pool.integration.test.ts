import { fileURLToPath } from 'node:url';
import { toBinary } from '@bufbuild/protobuf';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { beaconKeyOf } from '@subnetes/timelock/beacon';
import { expect, test } from 'vitest';
import { type CryptoJob, doCryptoJobs } from '#adapters/crypto-job.ts';
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { fromHex } from '#adapters/messages.ts';
import { NETWORK_ID, registrationOf } from './market.ts';
import { signatory } from './signing.ts';
import { keptEnvelope, lockedPayload, withinOf } from './timelocked.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Time stands still: beyond the first few nothing is done on this thread. */
const clock = { monotonicMs: () => 0 };
const context = { networkId: fromHex(NETWORK_ID), block: 20 };
const by = signatory(new Uint8Array(32).fill(9), registrationOf(3));

const jobOf = (interval: number, change: object = {}): CryptoJob => {
  const envelope = by.commit({ netuid: 1, interval }, { uids: [1], values: [2], salt: [3] });
  return {
    work: 'envelope',
    kind: 'commit',
    envelope: toBinary(SignedEnvelopeSchema, { ...envelope, ...change }),
    context,
  };
};

const key = beaconKeyOf(new Uint8Array(32).fill(5));
const beacon = { chainHash: 'ab'.repeat(32), publicKey: key.publicKey, genesisTimeS: 1000, periodS: 3 };
const row = {
  netuid: 1,
  mechanismId: 0,
  commitInterval: 1,
  uids: [1],
  values: [2],
  salt: [],
  versionKey: 0n,
  report: { miners: [], replayDay: '' },
};
const LOCK: CryptoJob = {
  work: 'lock',
  envelope: keptEnvelope(lockedPayload(row, { beacon, round: 7, within: withinOf({ uid: 3 }, row) })),
  signature: key.sign(7),
};

test('threads come to the results that this thread comes to, in the order of the jobs', async () => {
  await using pool = cryptoPool({ program, threads: 2, clock });
  const jobs = Array.from({ length: 100 }, (_, at) => jobOf(at, at % 7 === 0 ? { sequence: 0n } : {}));
  const results = await Promise.all(jobs.map((job) => pool.run(job)));
  expect(results).toEqual(jobs.flatMap((job) => doCryptoJobs([job])));
  const codes = results.flatMap((each) =>
    'opened' in each && 'refusal' in each.opened ? [each.opened.refusal.code] : [],
  );
  expect(codes).toEqual(Array.from({ length: 15 }, () => 'BAD_SIGNATURE'));
});

test('locks and signatures wait together, and each job gets its own result', async () => {
  await using pool = cryptoPool({ program, threads: 2, clock });
  const jobs = Array.from({ length: 60 }, (_, at) => (at % 10 === 9 ? LOCK : jobOf(at)));
  const results = await Promise.all(jobs.map((job) => pool.run(job)));
  const told = results.map((result) => {
    if ('lock' in result) return result.lock.kind;
    return 'submission' in result.opened ? result.opened.submission.value : result.opened;
  });
  expect(told).toMatchObject(jobs.map((job, at) => (job === LOCK ? 'opened' : { interval: at })));
});

test('a thread that dies takes its jobs with it, and the next jobs are done', async () => {
  await using pool = cryptoPool({ program, threads: 1, clock });
  const used = Array.from({ length: 25 }, (_, at) => pool.run(jobOf(at))); // on this thread
  await Promise.all(used);
  const broken: CryptoJob = { work: 'lock', envelope: Uint8Array.of(255), signature: new Uint8Array(48) };
  await expect(pool.run(broken)).rejects.toThrow(/protobuf|premature|invalid|wire/i);
  expect(await pool.run(jobOf(1))).toMatchObject({ opened: { submission: { value: { interval: 1 } } } });
});

test('without threads everything is done on this one', async () => {
  await using pool = cryptoPool({ program: '/nowhere', threads: 0, clock });
  const jobs = Array.from({ length: 40 }, (_, at) => jobOf(at));
  expect(await Promise.all(jobs.map((job) => pool.run(job)))).toHaveLength(40);
});

test('a few a second are done on this thread, the rest is not', async () => {
  await using pool = cryptoPool({ program: '/nowhere', threads: 1, clock });
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, at) => pool.run(jobOf(at))));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(25);
});
