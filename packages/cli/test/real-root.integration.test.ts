import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import type { Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { epochScoredSubject } from '@subnetes/bus/subjects';
import { type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { type JournalEntry, Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/**
 * The root network from its genesis to the pots of the markets: command line, ledger, scoring and a witness that has to sign,
 * as they are deployed, on PostgreSQL and nats-server. Tests follow each other: each continues where the one before left the
 * market.
 */
const BLOCK = 1_000_000_000n;
/** A sequence that no entry has. */
const NEVER = 1n << 62n;
const MEMBERS = ['a', 'b', 'c'] as const;
const teardown = new AsyncDisposableStack();
let postgres: TestPostgres;
let nats: TestNats;
let market: RealMarket;
let bus: Bus;
const scored: EpochScored[] = [];

const hotkeyOf = (member: string): string => join(market.folder, `${member}.json`);
const run: RealMarket['run'] = (...args) => market.run(...args);

interface RootTold {
  readonly basis: string;
  readonly epoch: string;
  readonly sharesOfEpoch: string;
  readonly shares: { readonly netuid: number; readonly sharePpm: number }[];
  readonly members: { readonly permit: boolean }[];
}

async function show(): Promise<RootTold> {
  return (await run('root', 'show', '--json')).json() as unknown as RootTold;
}

beforeAll(async () => {
  postgres = teardown.use(await startPostgres({ fsync: true }));
  nats = teardown.use(await startNats());
  const databases = { ledger: await postgres.createDatabase(), scoring: await postgres.createDatabase() };
  const emissionPolicy = { name: 'RootWeights', version: 1, tempo: 20, weightsRateLimitBlocks: 0 };
  market = teardown.use(
    await openRealMarket('1000', { emissionPolicy, databases, natsUrl: nats.url, witnessed: true }),
  );
  bus = teardown.use(await openNatsBus({ url: nats.url, name: 'test' }));
  const stopped = new AbortController();
  const handle = async (messages: readonly { readonly payload: Uint8Array }[]): Promise<void> => {
    for (const { payload } of messages) scored.push(fromBinary(EpochScoredSchema, payload));
  };
  const subjects = [epochScoredSubject(0)];
  const options = { stream: 'SCORING' as const, durable: 'test', subjects, handle, failed: () => {} };
  const following = bus.consume({ ...options, signal: stopped.signal });
  teardown.defer(async () => {
    stopped.abort();
    await following;
  });
});
afterAll(() => teardown.disposeAsync());

/** The whole journal, in order. */
async function journal(): Promise<readonly JournalEntry[]> {
  using client = createRpcClient(Ledger, {
    address: market.ledgerAddress,
    credentials: credentials.createInsecure(),
  });
  const all: JournalEntry[] = [];
  for (;;) {
    const { entries } = await client.listEntries({ afterSequence: all.at(-1)?.sequence ?? 0n, limit: 1000 });
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

/** What each block gave the pots of markets 1 and 2, after a journal entry and up to another. */
function minted(entries: readonly JournalEntry[], after: bigint, before: bigint): readonly (readonly bigint[])[] {
  return entries
    .filter(({ kind, sequence }) => kind === 'Block' && sequence > after && sequence < before)
    .map(({ postings }) =>
      [1, 2].map((netuid) => BigInt(postings.find(({ account }) => account === `pot:${netuid}`)?.delta ?? '0')),
    );
}

/** Epochs of the root network that the ledger took, as its journal tells them. */
function rootEpochs(entries: readonly JournalEntry[]) {
  return entries
    .filter(({ kind }) => kind === 'EpochPaid')
    .map((entry) => ({
      entry,
      ...(JSON.parse(entry.payloadJson) as {
        netuid: number;
        index: number;
        shares: RootTold['shares'];
        witnesses?: unknown[];
      }),
    })) // prettier-ignore
    .filter(({ netuid }) => netuid === 0);
}

test('members take their seats and get permits, and until they weigh anything the split is equal and says so', async () => {
  for (const handle of ['sp500', 'weather']) await market.putSubnet({ handle, tempo: 5000 });
  for (const [at, member] of MEMBERS.entries()) {
    const stake = ['--stake', String([45, 35, 20][at])];
    const told = await run('root', 'register', '--wallet', 'quant', ...stake, '--hotkey-file', hotkeyOf(member), '--yes', '--json'); // prettier-ignore
    expect(told).toMatchObject({ exitCode: 0 });
    expect(told.json()).toMatchObject({ uid: at, costRao: BLOCK.toString() });
  }
  await waitFor('permits', async () => (await show()).members.every(({ permit }) => permit));
  expect(await show()).toMatchObject({
    basis: 'EqualUntilRootWeights',
    shares: [
      { netuid: 1, sharePpm: 500_000 },
      { netuid: 2, sharePpm: 500_000 },
    ],
  });
  expect((await run('status')).out).toMatch(/in equal parts, since the members .* have not agreed on weights yet/);
});

test('a miner finds no place there', async () => {
  expect(await run('miner', 'register', '--subnet', 'root', '--wallet', 'quant', '--yes')).toMatchObject({
    exitCode: 64,
    err: expect.stringContaining('subnetes root register'),
  });
});

test('weights of 70 and 30 by the majority fill the pots by exactly that, to the rao', async () => {
  const unknown = await run('root', 'weights', '--hotkey-file', hotkeyOf('a'), '--set', '9=1');
  expect(unknown).toMatchObject({ exitCode: 2, err: expect.stringContaining('UNKNOWN_NETUID') });
  for (const member of ['a', 'b']) {
    const told = await run('root', 'weights', '--hotkey-file', hotkeyOf(member), '--set', '2=30', '--set', '1=70');
    expect(told).toMatchObject({ exitCode: 0 });
  }
  // 20 % of the stake give all to the other market: below kappa, so nothing comes of it.
  await run('root', 'weights', '--hotkey-file', hotkeyOf('c'), '--set', '2=1');
  await waitFor('shares', async () => (await show()).basis === 'RootWeights');
  const firstOf = (entries: readonly JournalEntry[]): bigint =>
    rootEpochs(entries).find(({ shares }) => shares.length > 0)?.entry.sequence ?? NEVER;
  // Not from one epoch's payment to the next: the first may come late, and then fewer blocks are between the two.
  const entries = await waitFor('blocks by these weights', async () => {
    const told = await journal();
    return minted(told, firstOf(told), NEVER).length >= 20 ? told : undefined;
  });
  const first = firstOf(entries);
  const before = minted(entries, 0n, first).filter(([one, other]) => one !== 0n && other !== 0n);
  expect(new Set(before.map(String))).toEqual(new Set([String([BLOCK / 2n, BLOCK / 2n])]));
  const after = minted(entries, first, NEVER);
  for (const pots of after) expect(pots).toEqual([(7n * BLOCK) / 10n, (3n * BLOCK) / 10n]);
  expect((await run('status')).out).toMatch(/sp500 .* 70 % of each block/);
  expect((await run('root', 'show')).out).toMatch(/weather +2 +30 %/);
});

test('the message of an epoch that comes again changes nothing, and another one under its name is refused', async () => {
  const known = await waitFor('scored shares', () => scored.findLast(({ shares }) => shares.length > 0));
  const { epoch } = await show();
  const publish = (event: EpochScored, id: string) =>
    bus.publish(epochScoredSubject(0), toBinary(EpochScoredSchema, event), { messageId: id });
  await publish(known, 'again');
  const [one, two] = known.shares;
  const swapped = create(EpochScoredSchema, {
    ...known,
    shares: [{ ...one!, sharePpm: two!.sharePpm }, { ...two!, sharePpm: one!.sharePpm }], // prettier-ignore
  });
  await publish(swapped, 'forged');
  await waitFor('two more epochs', async () => Number((await show()).epoch) > Number(epoch) + 1);
  const taken = rootEpochs(await journal());
  expect(taken.map(({ index }) => index)).toEqual(taken.map((_, at) => at + 1));
  const weighed = taken.filter(({ shares }) => shares.length > 0);
  expect(new Set(weighed.map(({ shares }) => shares[0]?.sharePpm))).toEqual(new Set([700_000]));
});

test('ledger and scoring may be killed at any time: shares stay, and every epoch is taken once', async () => {
  for (const service of ['ledger', 'scoring', 'scoring', 'ledger'] as const) {
    await market.crash(service);
    const told = await waitFor('the root network', async () => show().catch(() => undefined));
    expect(told).toMatchObject({ basis: 'RootWeights', shares: [{ sharePpm: 700_000 }, { sharePpm: 300_000 }] });
    await waitFor('the next epoch', async () => Number((await show()).sharesOfEpoch) > Number(told.sharesOfEpoch));
  }
  const entries = await journal();
  const taken = rootEpochs(entries);
  expect(taken.map(({ index }) => index)).toEqual(taken.map((_, at) => at + 1));
  const first = taken.find(({ shares }) => shares.length > 0)?.entry.sequence ?? 0n;
  expect(new Set(minted(entries, first, NEVER).map(String))).toEqual(new Set(['700000000,300000000']));
});

test('the witness has signed every epoch of it, with its shares', async () => {
  const taken = rootEpochs(await journal());
  expect(taken.map(({ witnesses }) => witnesses?.length)).toEqual(taken.map(() => 1));
  expect(taken.some(({ shares }) => shares.length > 0)).toBe(true);
});

test('the epoch replays on this machine, the ledger verifies', async () => {
  const replayed = await run('epoch', 'replay', '--netuid', '0', '--json');
  expect(replayed).toMatchObject({ exitCode: 0, err: '' });
  expect(replayed.json()).toMatchObject({ netuid: 0, equal: true });
  // Of two members with 45 and 35, the one with 20 gone: nothing changes. Above 80 % of the stake only all three would do.
  const asked = await run('epoch', 'replay', '--netuid', '0', '--without-validator', '2', '--json');
  expect(asked.json()).toMatchObject({ whatIf: { wouldBeShares: [{ sharePpm: 700_000 }, { sharePpm: 300_000 }] } });
  const stricter = await run('epoch', 'replay', '--netuid', '0', '--set', 'kappa=0.9');
  expect(stricter.out).toMatch(/NETUID +SHARE +WOULD BE\n +1 +70 % +0 %\n +2 +30 % +100 %/);
  expect((await run('ledger', 'verify', '--json')).json()).toMatchObject({ ok: true, differenceRao: '0' });
});

test('a network without one says so', async () => {
  await using equal = await openRealMarket('10');
  expect(await equal.run('root', 'show')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('NO_ROOT_NETWORK'),
  });
});
