import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ErrorView, ExplanationView, MetagraphView, NetworkView } from '../src/domain/views.ts';
import { startConsole, type RunningConsole } from './console-process.ts';
import { startFakeMarket, type FakeMarket } from './fake-market.ts';

let market: FakeMarket;
let running: RunningConsole;
let pageDir: string;

beforeEach(async () => {
  pageDir = mkdtempSync(join(tmpdir(), 'console-page-'));
  mkdirSync(join(pageDir, 'runbooks'));
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(pageDir, 'runbooks', 'epoch-overdue.md'), '# Epoch overdue\n');
  market = await startFakeMarket();
  running = await startConsole({ address: market.address, pageDir });
});
afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await market[Symbol.asyncDispose]();
  rmSync(pageDir, { recursive: true });
});

const get = (path: string, init?: RequestInit) => fetch(`${running.url}${path}`, init);
const read = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T;

test('the network has its subnets in order, money exact and as text', async () => {
  const network = await read<NetworkView>('/api/network');
  expect(network).toMatchObject({ block: 118, symbol: 'TAO', issued: { rao: '10111000000000', text: '10 111 TAO' } });
  expect(network.subnets.map(({ handle }) => handle)).toEqual(['sp500', 'crowded', 'newborn']);
  expect(network.subnets[0]).toMatchObject({ nextEpochIn: 13, tempo: 20, emission: 'Started' });
});

test('the metagraph joins ledger and scoring, all 256 at once', async () => {
  const sample = await read<MetagraphView>('/api/subnets/1/metagraph');
  const garch = sample.neurons.find(({ name }) => name === 'garch');
  expect(garch).toMatchObject({
    role: 'Miner',
    why: 'best calibrated at both horizons',
    earnedLastEpoch: { rao: '3378400000' },
  });
  expect(garch?.incentive).toBeCloseTo(0.412, 4);
  expect(sample.neurons.find(({ name }) => name === 'broken')).toMatchObject({ loss: null, invalidShare: 170 / 240 });
  expect((await read<MetagraphView>('/api/subnets/2/metagraph')).neurons).toHaveLength(256);
  expect(await read<MetagraphView>('/api/subnets/3/metagraph')).toMatchObject({ epoch: 0, neurons: [] });
});

test('an explanation names validators and what was clipped', async () => {
  const ewma = await read<ExplanationView>('/api/subnets/1/neurons/4');
  expect(ewma.standing).toBe('0.111000000 of incentive behind garch, the next better miner.');
  expect(ewma.weights[0]).toMatchObject({ name: 'val-a', stakeShare: '0.450000000', clipped: '0.002900000' });
  expect((await read<ExplanationView>('/api/subnets/1/neurons/0')).weights[0]?.name).toBe('garch');
});

test.for([
  ['/api/subnets/9/metagraph', 404, 'SUBNET_NOT_FOUND'],
  ['/api/subnets/1/neurons/200', 404, 'EPOCH_NOT_SCORED'],
  ['/api/subnets/70000/metagraph', 400, 'INVALID_REQUEST'],
  ['/api/subnets/x/metagraph', 400, 'INVALID_REQUEST'],
  ['/api/nothing', 404, 'NOT_FOUND'],
  ['/runbooks/..%2findex.html', 400, 'INVALID_REQUEST'],
] as const)('%s is refused with %d %s', async ([path, status, code]) => {
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(((await response.json()) as ErrorView).error.code).toBe(code);
});

test('nothing can be changed here, and what is too big is refused', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    expect((await get('/api/network', { method })).status).toBe(404);
});

test('every answer forbids inline scripts, frames and foreign sources', async () => {
  for (const path of ['/', '/api/network', '/api/nothing']) {
    const { headers } = await get(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('runbooks are served as text for the links of dashboards', async () => {
  const response = await get('/runbooks/epoch-overdue');
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await response.text()).toContain('# Epoch overdue');
});

test('the stream tells each new block, and when the ledger goes away', async () => {
  const abort = new AbortController();
  const response = await get('/api/live', { signal: abort.signal });
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const events = eventsOf(response);
  expect((await events.next()).value).toMatchObject({ event: 'network', data: { block: 118 } });
  market.nextBlock();
  expect((await events.next()).value).toMatchObject({ event: 'network', data: { block: 119 } });
  market.goAway();
  expect((await events.next()).value).toMatchObject({
    event: 'trouble',
    data: { error: { message: 'ledger does not answer' } },
  });
  abort.abort();
});

test('a ledger that is away is a 503 with its name, and the request is measured', async () => {
  market.goAway();
  const response = await get('/api/network');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ error: { code: 'UNAVAILABLE', message: 'ledger does not answer' } });
  expect(await running.metrics.text()).toContain('http_route="/api/network",http_response_status_code="503"');
});

/** Events of a stream as they come; comments are skipped. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }, undefined> {
  if (response.body === null) throw new Error('the stream has no body');
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (match !== null) yield { event: match[1] ?? '', data: JSON.parse(match[2] ?? '') };
    }
  }
  return undefined;
}
