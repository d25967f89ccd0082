import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { API_KEYS_COMPLETE } from '@subnetes/bus/subjects';
import { StoredApiKeySchema } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { openDatabase } from '@subnetes/runtime/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { billingClients, infer, isTaken, openAccount, startMarket, type TestMarket } from './market-fixture.ts';

const FUNDED = 10_000_000n;
/** What another build of the gateway wrote: a message with the whole key in its first field. */
const OLD_ENTRY = Buffer.from('0a170a10303030303030303030303030303030611203616e791220', 'hex');

let market: TestMarket;
let clients: ReturnType<typeof billingClients>;
beforeAll(async () => {
  market = await startMarket({ logLevel: 'debug' });
  clients = billingClients(market);
  await openAccount(market, 'research', FUNDED);
  await market.isSelling();
});
afterAll(async () => {
  clients.billing[Symbol.dispose]();
  clients.keys[Symbol.dispose]();
  await market[Symbol.asyncDispose]();
});

const createKey = (name = 'test') => clients.keys.createKey({ account: 'research', name });
const untilTaken = (key: string) => waitFor('the gateway to take the key', () => isTaken(market, key));
const untilRefused = (key: string) =>
  waitFor('the gateway to refuse the key', async () => (await infer(market, key, '{}')).status === 401);

async function invoicesStatus(key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await fetch(`http://127.0.0.1:${market.ports.billingHttp}/v1/invoices`, { headers })).status;
}

/** Opens the bucket as no part but billing may. */
async function openBucket() {
  const bus = await openNatsBus({ url: market.nats.url, name: 'test' });
  return { bus, bucket: await bus.bucket('api-keys', { create: true }) };
}

async function loseVolume(): Promise<void> {
  await market.nats.stop('SIGKILL');
  await market.nats.loseData();
}

test('a new key is told to the gateway, and so is its end', async () => {
  const made = await createKey();
  expect(made).toMatchObject({ told: true, secret: `sn_${made.keyId}_${made.secret.slice(20)}` });
  await untilTaken(made.secret);
  expect((await infer(market, made.secret)).status).toBe(200);
  expect(await invoicesStatus(made.secret)).toBe(200);
  expect(await clients.keys.revokeKey({ keyId: made.keyId })).toMatchObject({ told: true });
  await untilRefused(made.secret);
  expect(await invoicesStatus(made.secret)).toBe(401);
  const { keys } = await clients.keys.listKeys({ account: 'research', page: { size: 1 } });
  expect(keys).toMatchObject([{ keyId: made.keyId, name: 'test', revokedAtMs: expect.any(BigInt) }]);
  expect(await clients.keys.revokeKey({ keyId: made.keyId })).toMatchObject({ told: true });
});

test('keys are for accounts that exist, and refusals say what to do', async () => {
  const { keys } = clients;
  await expect(keys.createKey({ account: 'nobody', name: 'x' })).rejects.toMatchObject({
    reason: 'ACCOUNT_UNKNOWN',
    message: expect.stringContaining('--owner'),
  });
  const invalid = { reason: 'INVALID_ARGUMENT' };
  await expect(keys.createKey({ account: 'No Name', name: 'x' })).rejects.toMatchObject(invalid);
  await expect(createKey('')).rejects.toMatchObject(invalid);
  await expect(createKey('bell\u0007')).rejects.toMatchObject(invalid);
  await expect(keys.listKeys({ account: 'research', page: { size: 1001 } })).rejects.toMatchObject(invalid);
  for (const keyId of ['0'.repeat(16), 'x']) {
    await expect(keys.revokeKey({ keyId })).rejects.toMatchObject({ reason: 'KEY_UNKNOWN' });
  }
});

test('a lost NATS volume costs nobody a key: the gateway goes on, and billing fills the new bucket by itself', async () => {
  const [kept, ended] = [await createKey(), await createKey()];
  await untilTaken(kept.secret);
  await untilTaken(ended.secret);
  await loseVolume();
  const made = await createKey();
  expect(made.told).toBe(false);
  expect(await clients.keys.revokeKey({ keyId: ended.keyId })).toMatchObject({ told: false });
  expect((await infer(market, kept.secret)).status).toBe(200);
  await market.nats.start();
  await untilTaken(made.secret);
  await untilRefused(ended.secret);
  expect((await infer(market, kept.secret)).status).toBe(200);
  // What is in the bucket is enough for a gateway that knows nothing yet.
  await market.gateway.stop('SIGKILL');
  market.gateway = await market.startGateway();
  await market.isSelling();
  expect((await infer(market, kept.secret)).status).toBe(200);
  expect((await infer(market, made.secret)).status).toBe(200);
  expect((await infer(market, ended.secret)).status).toBe(401);
});

test('a gateway answers nobody by keys that it has not read', async () => {
  const { secret } = await createKey();
  await market.billing.stop();
  await market.gateway.stop();
  await loseVolume();
  await market.nats.start();
  const { bus, bucket } = await openBucket();
  await using _closed = bus;
  await bucket.put('0123456789abcdef', Uint8Array.of(255));
  const starting = market.startGateway();
  const early = await waitFor('an answer of the gateway', () => infer(market, secret).catch(() => undefined));
  expect(early).toMatchObject({ status: 503, body: { error: { code: 'keys_not_read' } } });
  market.billing = await market.startBilling();
  market.gateway = await starting;
  await market.isSelling();
  expect((await infer(market, secret)).status).toBe(200);
});

test('what billing did not write is no key for long, whoever wrote it', async () => {
  const forged = `sn_${'f'.repeat(16)}_${'A'.repeat(43)}`;
  const secretSha256 = createHash('sha256').update(forged).digest();
  const value = toBinary(StoredApiKeySchema, create(StoredApiKeySchema, { account: 'research', secretSha256 }));
  const { secret, keyId } = await createKey();
  await untilTaken(secret);
  const { bus, bucket } = await openBucket();
  await using _closed = bus;
  const foreign = new Map([
    ['f'.repeat(16), value],
    ['0'.repeat(16), OLD_ENTRY],
    ['not-a-key-id', Uint8Array.of(255)],
  ]);
  for (const [key, entry] of foreign) await bucket.put(key, entry);
  await bucket.delete(keyId);
  await waitFor('billing to put the bucket right', async () => {
    const entries = await bucket.entries();
    return entries.has(keyId) && entries.has(API_KEYS_COMPLETE) && ![...foreign.keys()].some((key) => entries.has(key));
  });
  await untilTaken(secret);
  await untilRefused(forged);
  expect((await infer(market, secret)).status).toBe(200);
});

test('both start on a bucket that another build left', async () => {
  const { secret } = await createKey();
  await untilTaken(secret);
  await market.gateway.stop();
  await market.billing.stop();
  await loseVolume();
  await market.nats.start();
  const { bus, bucket } = await openBucket();
  await using _closed = bus;
  for (let key = 0; key < 100; key += 1) await bucket.put(key.toString(16).padStart(16, '0'), OLD_ENTRY);
  market.billing = await market.startBilling();
  market.gateway = await market.startGateway();
  await market.isSelling();
  await untilTaken(secret);
  expect([...(await bucket.entries()).keys()].filter((keyId) => keyId.startsWith('00000000'))).toEqual([]);
});

test('a secret is in no log, in no table and in no bucket', async () => {
  const { secret } = await createKey('a name that is looked for');
  await untilTaken(secret);
  expect((await infer(market, secret)).status).toBe(200);
  await using database = await openDatabase({ url: market.databaseUrl });
  const tables = await database.query<{ name: string }>(
    "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  const dumps = await Promise.all(
    tables.map(({ name }) =>
      database.query<{ dump: string | null }>(`SELECT string_agg(t::text, ' ') AS dump FROM ${name} t`),
    ),
  );
  const { bus, bucket } = await openBucket();
  await using _closed = bus;
  const entries = [...(await bucket.entries())].map(([key, value]) => key + Buffer.from(value).toString('latin1'));
  const dump = dumps
    .flat()
    .map((row) => row.dump ?? '')
    .join(' ');
  expect(dump).toContain('a name that is looked for');
  const told = [dump, ...entries, market.billing.output(), market.gateway.output()].join(' ');
  expect(told).toContain('billing is ready');
  for (const part of [secret, secret.slice(20)]) expect(told.includes(part)).toBe(false);
});
