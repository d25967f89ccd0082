import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { signEnvelope } from '@subnetes/keys/envelope';
import { readHotkeyFile } from '@subnetes/keys/key-file';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** Stake that takes its time and slashes, from the command line to a ledger as it is deployed. Blocks of 100 ms. */
const TAO = 1_000_000_000n;
const DISPUTE = 150;

const genesis = {
  unbondingBlocks: 2 * DISPUTE,
  slashing: {
    conditions: [{ type: 'DoubleSigning', ppm: 100_000 }],
    disputeBlocks: DISPUTE,
    decisionBlocks: DISPUTE,
    windowBlocks: 10_000,
    windowPpm: 300_000,
    reportDeposit: '2',
    deciders: { type: 'StakeVote' },
    distribution: { burnPpm: 500_000, reporterPpm: 200_000, insurancePpm: 300_000 },
  },
};

const teardown = new AsyncDisposableStack();
let market: RealMarket;
let hotkey: string;
let pair: Sr25519Pair;
let registrationId: Uint8Array;
const run: RealMarket['run'] = (...args) => market.run(...args);

beforeAll(async () => {
  const postgres = teardown.use(await startPostgres({ fsync: true }));
  const databases = { ledger: await postgres.createDatabase(), scoring: await postgres.createDatabase() };
  market = teardown.use(await openRealMarket('1000', { genesis, databases }));
  await market.putSubnet({ handle: 'sp500', tempo: 6000 });
  const file = join(market.folder, 'hotkey.json');
  const args = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  hotkey = ((await run('miner', 'register', ...args)).json() as { hotkey: string }).hotkey;
  pair = readHotkeyFile(readFileSync(file, 'utf8'));
  using ledger = createRpcClient(Ledger, { address: market.ledgerAddress, credentials: credentials.createInsecure() });
  registrationId = (await ledger.getRegistration({ netuid: 1, hotkey })).neuron?.registrationId ?? new Uint8Array(0);
  await run('stake', 'add', hotkey, '--amount', '100', '--wallet', 'quant', '--yes');
});

afterAll(() => teardown.disposeAsync());

async function balance(wallet: string): Promise<bigint> {
  const { postedRao } = (await run('wallet', 'balance', '--wallet', wallet, '--json')).json() as { postedRao: string };
  return BigInt(postedRao);
}

async function stake(): Promise<bigint> {
  const { totalRao } = (await run('stake', 'list', '--wallet', 'quant', '--json')).json() as { totalRao: string };
  return BigInt(totalRao);
}

interface Listed {
  readonly slashId: string;
  readonly status: string;
  readonly takenRao: string;
  readonly statement: string;
}

const slashes = async (...args: string[]): Promise<readonly Listed[]> =>
  ((await run('slash', 'list', '--json', ...args)).json() as { slashes: readonly Listed[] }).slashes;

function signedFile(name: string, payload: string, sequence = 7n): string {
  const terms = {
    networkId: market.networkId,
    type: EnvelopeType.COMMIT,
    registrationId,
    sequence,
    expiresAtBlock: 100_000n,
    payload: new TextEncoder().encode(payload),
  };
  const path = join(market.folder, name);
  const bytes = toBinary(SignedEnvelopeSchema, signEnvelope(terms, pair));
  writeFileSync(path, name.endsWith('.txt') ? `${Buffer.from(bytes).toString('base64')}\n` : bytes);
  return path;
}

const report = (first: string, second: string) =>
  run('slash', 'report', '--netuid', '1', '--first', first, '--second', second, '--wallet', 'eve', '--yes', '--json');

test('stake that is taken off says when it is free, is put on again, and comes when its block has come', async () => {
  const before = await balance('quant');
  const dry = await run('stake', 'remove', hotkey, '--amount', '10', '--wallet', 'quant', '--dry-run');
  expect(dry.out).toContain('are unbonding until block');
  const removed = await run('stake', 'remove', hotkey, '--amount', '10', '--wallet', 'quant', '--yes', '--json');
  expect(removed.json()).toMatchObject({ balanceAfterRao: before.toString() });
  const { unbonding } = (await run('stake', 'unbonding', '--wallet', 'quant', '--json')).json() as {
    unbonding: readonly { id: string; amountRao: string }[];
  };
  expect(unbonding).toMatchObject([{ amountRao: (10n * TAO).toString(), kind: 'own', hotkey }]);
  const id = String(unbonding[0]?.id);
  const planned = await run('stake', 'rebond', id, '--amount', '4', '--wallet', 'quant', '--dry-run', '--json');
  expect(planned.json()).toMatchObject({ dryRun: true, id, amountRao: (4n * TAO).toString() });
  expect(await stake()).toBe(90n * TAO);
  expect(await run('stake', 'rebond', id, '--amount', '4', '--wallet', 'quant', '--yes')).toMatchObject({
    exitCode: 0,
  });
  expect([await stake(), await balance('quant')]).toEqual([94n * TAO, before]);
  await waitFor('the release', async () => (await balance('quant')) === before + 6n * TAO);
});

test('earnings are staked where the owner says so', async () => {
  const auto = (...more: string[]) => run('stake', 'auto', hotkey, '--wallet', 'quant', '--yes', ...more);
  expect(await auto()).toMatchObject({ exitCode: 0 });
  const listed = () => run('stake', 'unbonding', '--wallet', 'quant', '--json');
  expect((await listed()).json()).toMatchObject({ auto: [{ netuid: 1, hotkey }] });
  expect(await auto('--off')).toMatchObject({ exitCode: 0 });
  expect((await listed()).json()).toMatchObject({ auto: [] });
});

test('a report that proves nothing costs nothing', async () => {
  const made = (await run('wallet', 'create', '--name', 'eve', '--json')).json() as { address: string };
  await run('wallet', 'transfer', '--wallet', 'quant', '--to', made.address, '--amount', '10', '--yes');
  const first = signedFile('first.bin', 'one');
  expect((await report(first, first)).err).toContain('both say the same');
  expect((await report(first, signedFile('later.bin', 'two', 8n))).err).toContain('sequences differ');
  const forged = readFileSync(signedFile('forged.bin', 'two'));
  forged[forged.length - 60] = (forged[forged.length - 60] ?? 0) ^ 1;
  writeFileSync(join(market.folder, 'forged.bin'), forged);
  expect((await report(first, join(market.folder, 'forged.bin'))).exitCode).not.toBe(0);
  writeFileSync(join(market.folder, 'nothing.bin'), Buffer.from([255, 255]));
  expect((await report(first, join(market.folder, 'nothing.bin'))).err).toContain('holds no signed envelope');
  expect([await balance('eve'), await slashes()]).toEqual([10n * TAO, []]);
});

test('proved double signing is reported, survives a crash of the ledger, and is carried out', async () => {
  const before = await stake();
  expect(await report(signedFile('first.bin', 'one'), signedFile('second.txt', 'two'))).toMatchObject({ exitCode: 0 });
  expect((await report(signedFile('first.bin', 'one'), signedFile('third.txt', 'three'))).err).toContain(
    'OFFENCE_KNOWN',
  );
  expect(await balance('eve')).toBe(8n * TAO);
  expect(await slashes('--open')).toMatchObject([{ status: 'Pending' }]);
  await market.crash('ledger');
  await waitFor('the slash', async () => (await slashes())[0]?.status === 'Executed');
  const [slash] = await slashes();
  expect(BigInt(slash?.takenRao ?? '0')).toBe(before / 10n);
  expect([await stake(), await balance('eve')]).toEqual([before - before / 10n, 10n * TAO + before / 50n]);
});

test('a dispute that nobody upholds takes nothing and costs the deposit', async () => {
  const [had, before] = [await balance('eve'), await stake()];
  expect(await report(signedFile('a.bin', 'one', 9n), signedFile('b.bin', 'two', 9n))).toMatchObject({ exitCode: 0 });
  const [open] = await slashes('--open');
  const id = (open?.slashId ?? '').slice(0, 10);
  const vote = () => run('slash', 'vote', id, 'drop', '--wallet', 'quant', '--yes');
  expect((await vote()).err).toContain('VOTE_CLOSED');
  const dry = (...args: string[]) => run('slash', ...args, '--wallet', 'quant', '--dry-run', '--json');
  expect((await dry('vote', id, 'drop')).err).toContain('VOTE_CLOSED');
  expect((await dry('dispute', id)).json()).toMatchObject({ dryRun: true, slashId: open?.slashId });
  expect(await slashes('--open')).toMatchObject([{ status: 'Pending' }]);
  const dispute = (wallet: string) =>
    run('slash', 'dispute', id, '--wallet', wallet, '--statement', 'a stolen key', '--yes');
  expect((await dispute('eve')).err).toContain('NOT_OWNER');
  expect(await dispute('quant')).toMatchObject({ exitCode: 0 });
  expect((await vote()).err).toContain('NO_VOTE');
  expect((await run('slash', 'show', id)).out).toContain('"a stolen key"');
  await waitFor('the decision', async () => (await slashes())[0]?.status === 'Dropped');
  expect([await stake(), await balance('eve')]).toEqual([before, had - 2n * TAO]);
});

test('the terms of the network are told, and the books hold', async () => {
  expect((await run('slash', 'show')).out).toContain('DoubleSigning: 100000 ppm');
  expect((await run('ledger', 'verify', '--json')).json()).toMatchObject({ ok: true, differenceRao: '0' });
});
