import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProposalsView } from '../src/domain/proposals-view.ts';
import type { OutlookView } from '../src/domain/outlook.ts';
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
  expect(network.subnets[0]?.pool).toMatchObject({
    token: 'ALPHA1',
    price: { text: '0.25 TAO' },
    tokenReserve: { rao: '400000000000', text: '400 ALPHA1' },
  });
  expect(network.subnets[1]?.pool).toBeNull();
});

test('proposals come with their votes as shares, and what the treasury has', async () => {
  expect(await read<ProposalsView>('/api/proposals')).toMatchObject({
    governed: true,
    treasury: { text: '5 TAO' },
    proposals: [
      { id: 2, state: 'Voting', action: 'spend', yes: 0.25, no: 0.05, when: 'votes for 32 blocks' },
      { id: 1, state: 'Failed', reason: 'POLICY_INVALID: too high', simulation: 'uid 3 gains most' },
    ],
  });
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
  expect(sample.slashes).toMatchObject([{ name: 'val-c', uid: 2, what: 'Deviation 3-5', isOpen: true }]);
  expect((await read<MetagraphView>('/api/subnets/2/metagraph')).neurons).toHaveLength(256);
  expect(await read<MetagraphView>('/api/subnets/3/metagraph')).toMatchObject({ epoch: 0, neurons: [] });
});

test('an outlook has what a page needs to project by itself', async () => {
  expect(await read<OutlookView>('/api/subnets/1/outlook')).toMatchObject({
    epochsSeen: 4,
    part: '500000000',
    validators: [{ uid: 0, delegated: '500000000000', yields: { mean: '18446744073709551616' } }],
  });
  expect(await read<ErrorView>('/api/subnets/7/outlook')).toMatchObject({ error: { code: 'SUBNET_NOT_FOUND' } });
  market.goAway();
  expect((await get('/api/subnets/1/outlook')).status).toBe(503);
});

test('what a delegation earns is the ledger’s answer, of what the page may ask', async () => {
  const hotkey = '5vala'.padEnd(48, 'x');
  const asked = (query: object, netuid = 1) =>
    get(
      `/api/subnets/${netuid}/projected-stake?${new URLSearchParams({ hotkey, rao: '100', blocks: '40', ...query }).toString()}`,
    );
  expect(await (await asked({})).json()).toEqual({
    low: { reward: '9', epochs: 2 },
    mean: { reward: '10', epochs: 2 },
    high: { reward: '11', epochs: 2 },
  });
  const unknown = await asked({ hotkey: '5Nobody' });
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'NOT_PROJECTED' } }]);
  const bad = [{ rao: '-1' }, { rao: '0' }, { rao: '1.5' }, { rao: '1'.repeat(19) }, { blocks: '0' }, { blocks: '2628001' }, { hotkey: 'a/b' }]; // prettier-ignore
  const statuses = await Promise.all(bad.map(async (query) => (await asked(query)).status));
  expect(statuses).toEqual(bad.map(() => 400));
  market.goAway();
  expect((await asked({})).status).toBe(503);
});

test('a miner’s account is a table that adds up, and says what would lift it', async () => {
  const ewma = await read<ExplanationView>('/api/subnets/1/neurons/4');
  expect(ewma.standing).toBe('0.111000000 of incentive behind garch, the next better miner.');
  const [account] = ewma.accounts;
  const [table] = account?.tables ?? [];
  expect(table?.rows[0]).toEqual({
    name: 'val-a',
    uid: 0,
    cells: ['0.449999999', '0.304100000', '0.301200000', '0.002899999', '582 139 867', '581 753 320', '1 110 690 000'],
  });
  const paid = [...(table?.rows ?? []), table!.sums[0]!].map(({ cells }) => Number(cells[6]?.replaceAll(' ', '')));
  expect(paid.reduce((sum, rao) => sum + rao, 0)).toBe(Number(table?.sums[1]?.cells[6]?.replaceAll(' ', '')));
  expect(account?.facts[1]).toBe('Of 8.2 TAO that is 2.468200003 TAO; flooring left 7 rao of both pots to nobody.');
  expect(account?.changes).toEqual([
    'The cheapest change to pass garch: val-a gives 0.123399999 more (its weight 31022 → 43190); then incentive 0.360, place 1, 2.952 TAO of the same pot.',
    'Together: validators with 0.800 of stake (val-a, val-b) give 0.056000000 more each; then incentive 0.357, place 1, 2.9274 TAO of the same pot.',
    'val-a gives more than the consensus already: more of that counts for nothing, it only takes from others.',
  ]);
  expect((await read<ExplanationView>('/api/subnets/1/neurons/3')).accounts[0]?.changes).toEqual([]);
});

test('a validator’s account says what each part of the formula did and what other weights would bring', async () => {
  const { accounts, slashes } = await read<ExplanationView>('/api/subnets/1/neurons/2');
  expect(slashes).toMatchObject([{ what: 'Deviation 3-5', isOpen: true, amount: { text: '20 TAO' } }]);
  const [lines, parts, moves] = accounts[0]?.tables ?? [];
  expect(lines?.rows.map(({ name }) => name)).toEqual(['garch', 'ewma', 'ridge', 'gaussian']);
  expect(parts?.rows.map(({ cells }) => cells[2])).toEqual(['', '−493 661', '+554 632 682', '0']);
  expect(moves?.rows.map(({ name, cells }) => [name, cells.at(-1)])).toEqual([
    ['gaussian', '+444 194 285'],
    ['garch', '+369 209 465'],
  ]);
  expect(accounts[0]?.changes[0]).toContain('+573 443 974 rao with the consensus of every miner');
  const agreeing = (await read<ExplanationView>('/api/subnets/1/neurons/0')).accounts[0];
  expect(agreeing?.tables.map(({ title }) => title)).not.toContain('One weight moved to its consensus');
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
