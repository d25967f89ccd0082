import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RpcError } from '@subnetes/proto/rpc-error';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import { judgeCheckpoint, trustPolicy } from '@subnetes/transparency/trust-policy';
import { verifyConsistency } from '@subnetes/transparency/verify-proof';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-log-'));
  await writeFile(path.join(folder, 'log-key'), `${'5a'.repeat(32)}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const start = (environment: Record<string, string>): Promise<LedgerProcess> =>
  startLedger({
    databaseUrl: `pglite:${path.join(folder, 'db')}`,
    natsUrl: 'nats://127.0.0.1:1',
    genesis,
    environment,
  });

/** The first checkpoint above a size, by the key that the ledger names. */
async function checkpointAbove(ledger: LedgerProcess, size: number) {
  const answer = await eventually(async () => {
    const newest = await newestOf(ledger);
    return newest !== undefined && newest.size > size ? newest : undefined;
  }, `a tree of more than ${size} entries is signed`);
  const key = parseVerifierKey(answer.verifierKey);
  if (!key.ok) throw new Error(key.message);
  const policy = trustPolicy({ origin: key.value.name, logKeys: [key.value], witnesses: [], witnessesMin: 0 });
  const trusted = policy.ok ? judgeCheckpoint(answer.note, policy.value) : policy;
  if (!trusted.ok) throw new Error(trusted.message);
  return trusted.value.checkpoint;
}

async function newestOf({ client }: LedgerProcess) {
  try {
    return await client.getCheckpoint({});
  } catch (error) {
    if (error instanceof RpcError && error.reason === 'NO_CHECKPOINT') return undefined;
    throw error;
  }
}

test('a journal of before is indexed and signed, and a killed ledger continues what it signed', async () => {
  await using before = await start({});
  await eventually(async () => ((await before.client.getNetwork({})).block < 5n ? undefined : true), 'blocks are made');
  expect(await newestOf(before)).toBeUndefined();
  await before.kill('SIGKILL');

  const signing = { LOG_KEY_FILE: path.join(folder, 'log-key'), CHECKPOINT_BLOCKS: '1' };
  await using one = await start(signing);
  const first = await checkpointAbove(one, 5);
  await one.kill('SIGKILL');

  await using two = await start(signing);
  const second = await checkpointAbove(two, first.size);
  const { hashes } = await two.client.getConsistencyProof({
    firstSize: BigInt(first.size),
    secondSize: BigInt(second.size),
  });
  expect(verifyConsistency({ first, second, proof: hashes })).toEqual({ ok: true, value: undefined });
});

test('a key that is none is refused at the start', async () => {
  const file = path.join(folder, 'no-key');
  await writeFile(file, 'secret');
  await expect(start({ LOG_KEY_FILE: file })).rejects.toThrow(/LOG_KEY_FILE must hold the 64 hexadecimal digits/);
});
