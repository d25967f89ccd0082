import { toJson } from '@bufbuild/protobuf';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { HTTP_ROUTES } from '#adapters/http-routes.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { desk, orderOf } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;
let http: Awaited<ReturnType<typeof serveHttpLog>>;
let failures: unknown[];
let peers: string[];

beforeEach(async () => {
  served = await serveLedger();
  failures = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
  };
  const broken = async (): Promise<never> => {
    throw new RangeError('a bug with a secret in it');
  };
  // One call of the service is broken, to see what people are told of that.
  peers = [];
  const submitOrder: typeof served.handlers.submitOrder = (request, call) => {
    peers.push(call.peer);
    return served.handlers.submitOrder(request, call);
  };
  const handlers = { ...served.handlers, submitOrder, getConsistencyProof: broken };
  const api = lazyHttpApi({ handlers, version: '1.2.3', onFailure });
  http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure, api });
});
afterEach(async () => {
  await http[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

async function ask(path: string, body?: unknown) {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, init);
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, type: response.headers.get('content-type')?.split(';')[0], json };
}

const problem = (status: number, code: string, change: object = {}) => ({
  status,
  type: 'application/problem+json',
  json: expect.objectContaining({ type: 'about:blank', status, code, detail: expect.any(String), ...change }),
});

test('accounts, entries and the network are read as JSON', async () => {
  const value = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: 'billing:shop', amountRao: '7' };
  const order = orderOf(desk, 1n, { case: 'transfer', value });
  expect(await ask('/v1/orders', { order: toJson(SignedEnvelopeSchema, order) })).toMatchObject({
    status: 200,
    json: { sequence: '2' },
  });
  expect(await ask('/v1/orders', { order: toJson(SignedEnvelopeSchema, order) })).toEqual(
    problem(401, 'ENVELOPE_REPLAYED'),
  );
  // By it signatures take turns.
  expect(peers).toEqual([expect.stringMatching(/^127\.0\.0\.1:[1-9][0-9]*$/), expect.any(String)]);
  expect((await ask('/v1/network')).json).toMatchObject({ symbol: 'TAO', sequence: '2' });
  expect((await ask('/v1/accounts/billing:shop')).json).toMatchObject({
    kind: 'Billing',
    postedRao: '7',
    heldRao: '0',
    spendableRao: '7',
    holds: [],
  });
  expect((await ask('/v1/accounts/billing:shop/balance?atSequence=1')).json).toMatchObject({
    sequence: '1',
    balances: [{ account: 'billing:shop', posted: { asset: 'TAO', amount: '0' } }],
  });
  expect((await ask(`/v1/accounts/${desk.address}/entries?newestFirst=true&pageSize=1`)).json).toMatchObject({
    postings: [{ sequence: '2', deltaRao: '-7' }],
    nextPageToken: expect.stringMatching(/^[\w-]+$/),
  });
  expect((await ask('/v1/accounts?prefix=billing:')).json).toMatchObject({ accounts: [{ account: 'billing:shop' }] });
  expect((await ask('/v1/entries/2')).json).toMatchObject({ sequence: '2', kind: 'OrderTransfer' });
  const entries = async (query: string) => (await ask(`/v1/entries${query}`)).json['entries'];
  expect(await entries('')).toMatchObject([{ sequence: '1' }, { sequence: '2' }]);
  expect(await entries('?limit=1')).toMatchObject([{ sequence: '1' }]);
  expect(await entries('?afterSequence=1&account=billing:shop')).toMatchObject([{ sequence: '2' }]);
  expect((await ask('/v1/checkpoint')).status).toBe(404);
  await served.signCheckpoint();
  expect((await ask('/v1/entries/2/proof')).json).toMatchObject({
    entry: { sequence: '2' },
    checkpoint: { size: '2' },
  });
  expect(failures).toEqual([]);
});

test('mandates, admissions, lineages and swaps of keys are read as JSON', async () => {
  const { hotkey } = await served.market();
  const mandates = `/v1/accounts/${desk.address}/mandates`;
  expect((await ask(`${mandates}/${'ab'.repeat(32)}`)).json).toMatchObject({ usedRao: '0', revoked: false });
  expect((await ask(`/v1/accounts/${desk.address}/swap`)).json).toMatchObject({ announced: false });
  expect((await ask('/v1/subnets/1/admissions')).json).toMatchObject({ requests: [], approvals: [] });
  expect((await ask(`/v1/subnets/1/hotkeys/${hotkey}/lineage`)).json).toMatchObject({ heldRao: '0', children: [] });
  expect((await ask(`${mandates}/xyz`)).status).toBe(400);
});

test.for<readonly [string, string, number, string, object]>([
  ['an entry that is not there', '/v1/entries/99', 404, 'ENTRY_UNKNOWN', {}],
  [
    'an entry of no number',
    '/v1/entries/x',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'sequence', detail: expect.any(String) }] },
  ],
  [
    'an account of no name',
    '/v1/accounts/a%20b',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'account', detail: expect.any(String) }] },
  ],
  [
    'a page that is too large',
    '/v1/accounts?pageSize=1001',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'pageSize', detail: expect.any(String) }] },
  ],
  [
    'more entries than a page has',
    '/v1/entries?limit=1001',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'limit', detail: expect.any(String) }] },
  ],
  [
    'a token that nobody gave',
    '/v1/accounts?pageToken=xyz',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'page.token', detail: expect.any(String) }] },
  ],
  [
    'a parameter that is none',
    '/v1/accounts?size=1',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'size', detail: expect.any(String) }] },
  ],
  [
    'a balance to come',
    '/v1/accounts/mint/balance?atSequence=77',
    400,
    'INVALID_ARGUMENT',
    { errors: [{ field: 'at_sequence', detail: expect.any(String) }] },
  ],
  ['a path that is none', '/v1/nothing', 404, 'NOT_FOUND', {}],
])('%s is a problem that names what is wrong', async ([, path, status, code, change]) => {
  expect(await ask(path)).toEqual(problem(status, code, change));
});

test('bodies are judged, limited, and never answered with a stack', async () => {
  expect(await ask('/v1/orders', { order: { type: 'NONE' } })).toEqual(problem(400, 'INVALID_ARGUMENT'));
  expect(await ask('/v1/orders', {})).toEqual(problem(400, 'ENVELOPE_MISSING'));
  expect(await ask('/v1/orders', { order: { payload: 'A'.repeat(200_000) } })).toEqual(
    problem(413, 'INVALID_ARGUMENT'),
  );
  const told = await ask('/v1/consistency?firstSize=1');
  expect(told).toEqual(problem(500, 'INTERNAL'));
  expect(JSON.stringify(told.json)).not.toMatch(/secret|RangeError|at /);
  expect(failures).toEqual([expect.any(RangeError)]);
});

test('OpenAPI tells every route, and every reference leads somewhere', async () => {
  const { json } = await ask('/v1/openapi.json');
  expect(json).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  const paths = json['paths'] as Record<string, Record<string, unknown>>;
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(told.toSorted()).toEqual(HTTP_ROUTES.map(({ method, path }) => `${method.toLowerCase()} ${path}`).toSorted());
  const schemas = (json['components'] as { readonly schemas: Record<string, unknown> }).schemas;
  const references = [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((name) => schemas[name] === undefined)).toEqual([]);
  // What is served has the members that the document tells.
  const account = (await ask('/v1/accounts/mint')).json;
  const { properties } = schemas['Account'] as { readonly properties: Record<string, unknown> };
  expect(Object.keys(account).filter((name) => properties[name] === undefined)).toEqual([]);
});

test('files of the log are served beside it', async () => {
  await served.signCheckpoint();
  const response = await fetch(`http://127.0.0.1:${http.port}/checkpoint`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
});
