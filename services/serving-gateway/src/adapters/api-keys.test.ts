import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Bucket } from '@subnetes/bus/bus';
import { memoryBus } from '@subnetes/bus/memory-bus';
import { API_KEYS_COMPLETE } from '@subnetes/bus/subjects';
import { StoredApiKeySchema } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { expect, test } from 'vitest';
import { KeyTable } from './api-keys.ts';

const keyOf = (digit: string): string => `sn_${digit.repeat(16)}_${'A'.repeat(43)}`;
const idOf = (digit: string): string => digit.repeat(16);
const NOTHING = new Uint8Array();

const newBucket = (): Promise<Bucket> => memoryBus().bucket('api-keys', { create: true });

async function put(bucket: Bucket, digit: string, account = `account-${digit}`): Promise<void> {
  const secretSha256 = createHash('sha256').update(keyOf(digit)).digest();
  const value = toBinary(StoredApiKeySchema, create(StoredApiKeySchema, { account, secretSha256 }));
  await bucket.put(idOf(digit), value);
}

function makeTable() {
  const ignored: string[] = [];
  const table = new KeyTable((keyId) => ignored.push(keyId));
  /** Which of the keys it takes. */
  const taken = (digits: string): string =>
    digits.replaceAll(/./g, (digit) => (table.verify(keyOf(digit)) === undefined ? '' : digit));
  return { table, taken, ignored };
}

function following(table: KeyTable, bucket: Bucket) {
  const stop = new AbortController();
  const done = table.follow(bucket, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

test('a key stands for its account, wrong ones for nobody, and the end of a key is its end', async () => {
  const bucket = await newBucket();
  await put(bucket, '1', 'research');
  await bucket.put(API_KEYS_COMPLETE, NOTHING);
  const { table, taken } = makeTable();
  await using _follow = following(table, bucket);
  await expect.poll(() => table.isLoaded).toBe(true);
  expect(table.verify(keyOf('1'))).toEqual({ keyId: idOf('1'), account: 'research' });
  for (const wrong of [keyOf('2'), keyOf('1').replace(/A$/, 'B'), `sn_${idOf('1')}`, API_KEYS_COMPLETE, '']) {
    expect(table.verify(wrong)).toBeUndefined();
  }
  await put(bucket, '2');
  await expect.poll(() => taken('12')).toBe('12');
  await bucket.delete(idOf('1'));
  await expect.poll(() => taken('12')).toBe('2');
});

test('it is loaded when all keys are there, not before, wherever the mark stands among them', async () => {
  const bucket = await newBucket();
  const { table, taken } = makeTable();
  await using _follow = following(table, bucket);
  await put(bucket, '1');
  await expect.poll(() => taken('1')).toBe('1');
  expect(table.isLoaded).toBe(false);
  await bucket.put(API_KEYS_COMPLETE, NOTHING);
  await expect.poll(() => table.isLoaded).toBe(true);
  const marked = await newBucket();
  await marked.put(API_KEYS_COMPLETE, NOTHING);
  for (const digit of '123') await put(marked, digit);
  const second = makeTable();
  await using _second = following(second.table, marked);
  await expect.poll(() => second.table.isLoaded).toBe(true);
  expect(second.taken('123')).toBe('123');
});

test('a market without a key is loaded as well', async () => {
  const bucket = await newBucket();
  await bucket.put(API_KEYS_COMPLETE, NOTHING);
  const { table, taken } = makeTable();
  await using _follow = following(table, bucket);
  await expect.poll(() => table.isLoaded).toBe(true);
  expect(taken('1')).toBe('');
});

test('what is known stays known until a new bucket holds everything; then what it lacks is gone', async () => {
  const { table, taken } = makeTable();
  {
    const first = await newBucket();
    for (const digit of '123') await put(first, digit);
    await first.put(API_KEYS_COMPLETE, NOTHING);
    await using _follow = following(table, first);
    await expect.poll(() => taken('123')).toBe('123');
  }
  expect(taken('123')).toBe('123');
  const second = await newBucket();
  await using _follow = following(table, second);
  await put(second, '1');
  await put(second, '4');
  await expect.poll(() => taken('1234')).toBe('1234');
  await second.put(API_KEYS_COMPLETE, NOTHING);
  await expect.poll(() => taken('1234')).toBe('14');
});

test('what is no key is left out and told of, and keeps nobody from being read', async () => {
  const bucket = await newBucket();
  await bucket.put(idOf('1'), Uint8Array.of(255));
  await bucket.put(idOf('2'), toBinary(StoredApiKeySchema, create(StoredApiKeySchema, { account: 'short' })));
  await put(bucket, '3');
  await bucket.put(API_KEYS_COMPLETE, NOTHING);
  const { table, taken, ignored } = makeTable();
  await using _follow = following(table, bucket);
  await expect.poll(() => table.isLoaded).toBe(true);
  expect(taken('123')).toBe('3');
  expect(ignored).toEqual([idOf('1'), idOf('2')]);
});
