import { setTimeout as delay } from 'node:timers/promises';
import { BusError, type Bucket, type Bus } from '@subnetes/bus/bus';
import { memoryBus } from '@subnetes/bus/memory-bus';
import { API_KEYS_COMPLETE } from '@subnetes/bus/subjects';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { waitFor } from '@subnetes/testkit/processes';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyBoard } from '../src/adapters/key-board.ts';
import { OwnBucket } from '../src/adapters/own-bucket.ts';
import { sqlStore } from '../src/adapters/sql-store.ts';
import { makeCreateKey, makeRevokeKey } from '../src/application/api-keys.ts';
import { makeKeepKeys } from '../src/application/keep-keys.ts';
import type { BillingStore } from '../src/application/ports.ts';

let database: Database;
let store: BillingStore;
let made = 0;
beforeAll(async () => {
  database = await openDatabase({ url: 'pglite:memory' });
  await migrate(database, new URL('../migrations', import.meta.url).pathname);
  store = sqlStore(database);
  await store.createAccount({ account: 'keys', owner: 'alice', displayName: '' });
});
afterAll(() => database[Symbol.asyncDispose]());

/** Ids that differ from run to run, and hashes that differ from id to id. */
function newKey() {
  made += 1;
  const keyId = made.toString(16).padStart(16, '0');
  const secretSha256 = new Uint8Array(32);
  new DataView(secretSha256.buffer).setUint32(0, made);
  return { keyId, secretSha256, text: `secret of ${keyId}` };
}

/** A keeper at work on a board, with pauses of a millisecond. */
function keeping(bus: Bus) {
  const stop = new AbortController();
  const compared: { put: number; removed: number }[] = [];
  const keeper = makeKeepKeys({
    store,
    board: keyBoard(new OwnBucket(bus, 'api-keys')),
    sleep: (_ms, signal) => delay(1, undefined, { signal }).catch(() => {}),
    failed: (error) => {
      if (!(error instanceof BusError)) throw error;
    },
    compared: (difference) => compared.push(difference),
  });
  const running = keeper.run(stop.signal);
  const ports = { store, tell: (keyId: string) => keeper.tell(keyId), nowMs: () => 1000, newKey };
  return {
    create: makeCreateKey(ports),
    revoke: makeRevokeKey(ports),
    compared,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** Keys `e…1` to `e…<count>` in hex. */
const insertKeys = (count: number) =>
  database.query(
    `INSERT INTO api_keys (key_id, account, name, secret_sha256, created_at_ms)
     SELECT 'e' || lpad(to_hex(n), 15, '0'), 'keys', 'x', sha256(n::text::bytea), 0 FROM generate_series(1, $1::int) AS n`,
    [count],
  );
const fresh = () => database.query('DELETE FROM api_keys');
const validIds = async () => (await store.validKeys('', 10_000)).map(({ keyId }) => keyId);

/** Waits until the bucket holds the valid keys, the mark, and nothing else. */
async function untilRight(bus: Bus): Promise<void> {
  const bucket = await bus.bucket('api-keys', { create: true });
  await waitFor('the bucket to be right', async () => {
    const [found, wanted] = [[...(await bucket.entries()).keys()], [...(await validIds()), API_KEYS_COMPLETE]];
    return new Set(found).symmetricDifference(new Set(wanted)).size === 0;
  });
}

type Failing = 'before' | 'after' | 'never';

/** A bus on which calls fail as told, one after the other and then no more, before or after they were done. */
function failingBus(inner: Bus, failures: readonly Failing[]): Bus {
  const left = [...failures];
  const bucket = async (...parameters: Parameters<Bus['bucket']>): Promise<Bucket> =>
    new Proxy(await inner.bucket(...parameters), {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          const failing = left.shift() ?? 'never';
          if (failing === 'before') throw new BusError('not done');
          const answer: unknown = await Reflect.apply(member, target, given);
          if (failing === 'after') throw new BusError('done, but the answer got lost');
          return answer;
        };
      },
    });
  return { ...inner, bucket };
}

test('whatever fails, whoever writes: in the end the bucket holds the valid keys and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('create', 'revoke', 'forge', 'drop'), { minLength: 1, maxLength: 25 }),
      fc.array(fc.constantFrom<Failing>('before', 'after', 'never'), { maxLength: 30 }),
      async (steps, failures) => {
        await fresh();
        const inner = memoryBus();
        const bucket = await inner.bucket('api-keys', { create: true });
        await using keeper = keeping(failingBus(inner, failures));
        const own: string[] = [];
        for (const step of steps) {
          const last = own.at(-1) ?? '';
          if (step === 'create') {
            const created = await keeper.create({ account: 'keys', name: 'x' });
            if (created.ok) own.push(created.value.keyId);
          } else if (step === 'revoke') await keeper.revoke(last);
          else if (step === 'forge') await bucket.put(last === '' ? 'forged' : last, Uint8Array.of(1));
          else await bucket.delete(last === '' ? API_KEYS_COMPLETE : last);
        }
        await untilRight(inner);
        expect(await validIds()).toHaveLength((await bucket.entries()).size - 1);
      },
    ),
    { numRuns: 40 },
  );
});

test('a board that stands as it was left is not read again, and more keys than a page fill an empty one', async () => {
  await fresh();
  await insertKeys(2500);
  const bus = memoryBus();
  {
    await using keeper = keeping(bus);
    await untilRight(bus);
    await keeper.create({ account: 'keys', name: 'x' });
    await untilRight(bus);
    expect(keeper.compared).toEqual([{ put: 2500, removed: 0 }]);
  }
  await using next = keeping(bus);
  await waitFor('the next process to compare', () => next.compared.length > 0);
  expect(next.compared).toEqual([{ put: 0, removed: 0 }]);
});

test('a key that is revoked while a bucket is being filled goes at once, and does not come back', async () => {
  await fresh();
  await insertKeys(1000);
  const last = `e${(1000).toString(16).padStart(15, '0')}`;
  const inner = memoryBus();
  const bucket = await inner.bucket('api-keys', { create: true });
  const written: string[] = [];
  const revoking: Bucket = {
    get: (key) => bucket.get(key),
    entries: () => bucket.entries(),
    state: () => bucket.state(),
    watch: (signal) => bucket.watch(signal),
    async delete(key) {
      written.push(`- ${key}`);
      await bucket.delete(key);
    },
    async put(key, value) {
      written.push(`+ ${key}`);
      // By somebody else, after everything was read.
      if (written.length === 1) await keeper.revoke(last);
      await bucket.put(key, value);
    },
  };
  await using keeper = keeping({ ...inner, bucket: async () => revoking });
  await untilRight(inner);
  expect(written.filter((line) => line.endsWith(last))).toEqual([`- ${last}`]);
  expect(written.indexOf(`- ${last}`)).toBeLessThan(200);
  expect(written).toHaveLength(1001);
});

test('an account may have a thousand valid keys, and is told to revoke one then', async () => {
  await fresh();
  await using keeper = keeping(memoryBus());
  await insertKeys(999);
  const last = await keeper.create({ account: 'keys', name: 'x' });
  expect(last).toMatchObject({ ok: true });
  expect(await keeper.create({ account: 'keys', name: 'x' })).toMatchObject({ ok: false, code: 'TOO_MANY_KEYS' });
  if (last.ok) await keeper.revoke(last.value.keyId);
  expect(await keeper.create({ account: 'keys', name: 'x' })).toMatchObject({ ok: true });
});
