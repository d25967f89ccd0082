import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** Accounts and spending sessions on the command line, against the ledger as it is deployed. */
let market: RealMarket;
const run: RealMarket['run'] = (...args) => market.run(...args);

beforeAll(async () => {
  market = await openRealMarket('100');
});
afterAll(() => market[Symbol.asyncDispose]());

const open = (name: string, ...args: readonly string[]) =>
  run('session', 'open', '--name', name, '--wallet', 'quant', '--max', '3', '--yes', ...args);

test('an account shows what it has, and what it had after each entry', async () => {
  const pay = (amount: string) =>
    run('wallet', 'transfer', '--wallet', 'quant', '--to', 'billing:shown', '--amount', amount, '--yes', '--json');
  const began = Date.now();
  const first = (await pay('2')).json();
  const second = (await pay('0.5')).json();
  const shown = await run('account', 'show', 'billing:shown', '--json');
  expect(shown).toMatchObject({ exitCode: 0, err: '' });
  expect(shown.json()).toMatchObject({
    account: 'billing:shown',
    kind: 'Billing',
    postedRao: '2500000000',
    heldRao: '0',
    spendableRao: '2500000000',
    holds: [],
    holdsTotal: 0,
  });
  expect((await run('account', 'show', 'billing:shown')).out).toMatch(/^balance {4}2\.5 TAO$/m);
  const then = await run('account', 'show', 'billing:shown', '--at-entry', String(first['sequence']), '--json');
  expect(then.json()).toMatchObject({ postedRao: '2000000000' });

  const postings = (await run('account', 'postings', 'billing:shown', '--json')).json();
  expect(postings).toMatchObject({
    complete: true,
    postings: [
      { sequence: second['sequence'], deltaRao: '500000000', balanceAfterRao: '2500000000' },
      { sequence: first['sequence'], deltaRao: '2000000000', balanceAfterRao: '2000000000' },
    ],
  });
  // Of one clock: the database runs here.
  const recorded = (postings['postings'] as { readonly recordedAtMs: string }[]).map(
    ({ recordedAtMs }) => recordedAtMs,
  );
  for (const ms of recorded) expect(Number(ms) - began).toBeGreaterThanOrEqual(-1);
  expect(Number(recorded[0])).toBeGreaterThanOrEqual(Number(recorded[1]));
  expect(Number(recorded[0])).toBeLessThanOrEqual(Date.now());
  const one = await run('account', 'postings', 'billing:shown', '--oldest-first', '--limit', '1');
  expect(one.out.split('\n')[1]).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z +\S+ +\+2000000000\s+2000000000$/);
  expect(one.err).toContain('more than 1 postings: narrow the question, or raise --limit');

  const listed = (await run('account', 'list', '--prefix', 'billing:', '--json')).json();
  expect(listed).toMatchObject({ complete: true, accounts: [{ account: 'billing:shown', postedRao: '2500000000' }] });
  expect((await run('account', 'list', '--prefix', 'billing:none')).out).toBe('There is no such account.');
});

test('what cannot be answered is refused with what to do', async () => {
  const wrong = await run('account', 'show', 'nobody at all');
  expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('INVALID_ARGUMENT')]);
  const late = await run('account', 'show', 'burned', '--at-entry', '999999999');
  expect([late.exitCode, late.err]).toEqual([2, expect.stringContaining('the journal ends at entry')]);
  expect(await run('account', 'show', 'burned', '--at-entry', '0')).toMatchObject({ exitCode: 64 });
  expect(await run('account', 'list', '--limit', '0')).toMatchObject({ exitCode: 64 });
  expect(await run('account', 'postings')).toMatchObject({ exitCode: 64 });
  expect((await run('session', 'open', '--help')).out).toContain('Fund, Transfer, Stake');
});

test('a session spends within its limits without the wallet, until the wallet ends it', async () => {
  const opened = await open('bot', '--max-per-order', '2', '--json');
  expect(opened).toMatchObject({ exitCode: 0, err: '' });
  const { sessionId, file } = opened.json() as { sessionId: string; file: string };
  expect(file).toBe(join(market.folder, 'sessions', 'bot.json'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const secret = (JSON.parse(readFileSync(file, 'utf8')) as { secretKey: string }).secretKey;
  expect(opened.out).not.toContain(secret);

  const pay = (amount: string, to = 'billing:bot') =>
    run('session', 'pay', 'bot', '--to', to, '--amount', amount, '--json');
  const told = await run('session', 'pay', 'bot', '--to', 'billing:bot', '--amount', '1.5', '--dry-run', '--json');
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  const { changes } = told.json()['effect'] as { changes: readonly { account: string; after: string }[] };
  expect(changes.find(({ account }) => account === 'billing:bot')).toMatchObject({ after: '1500000000' });
  expect((await run('session', 'pay', 'bot', '--to', 'billing:bot', '--amount', '2.5', '--dry-run')).err).toContain(
    'SESSION_LIMIT',
  );
  expect((await run('session', 'show', 'bot', '--json')).json()).toMatchObject({ usedRao: '0' });
  // At a terminal somebody is asked, and may say no; --yes asks nobody.
  const atTerminal = (answer: boolean, ...more: string[]) =>
    market.runAsked(answer, 'session', 'pay', 'bot', '--to', 'billing:bot', '--amount', '0.25', '--json', ...more);
  expect(await atTerminal(false)).toMatchObject({ exitCode: 2, err: expect.stringContaining('NOT_CONFIRMED') });
  expect((await run('session', 'show', 'bot', '--json')).json()).toMatchObject({ usedRao: '0' });
  expect((await atTerminal(true)).json()).toMatchObject({ amountRao: '250000000', usedRao: '250000000' });
  expect((await atTerminal(false, '--yes')).json()).toMatchObject({ usedRao: '500000000' });
  const paid = await pay('1.5');
  expect(paid).toMatchObject({ exitCode: 0, err: '' });
  expect(paid.json()).toMatchObject({ from: market.address, amountRao: '1500000000', usedRao: '2000000000' });
  expect(await pay('2.5')).toMatchObject({ exitCode: 2, err: expect.stringContaining('SESSION_LIMIT') });
  expect(await pay('2')).toMatchObject({ exitCode: 2, err: expect.stringContaining('SESSION_EXHAUSTED') });
  expect(await pay('0.1', market.address)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('SESSION_SCOPE'),
  });
  expect((await run('account', 'show', 'billing:bot', '--json')).json()).toMatchObject({ postedRao: '2000000000' });

  const shown = (await run('session', 'show', 'bot', '--json')).json();
  expect(shown).toMatchObject({ sessionId, state: 'open', usedRao: '2000000000', scopes: ['Fund'] });
  expect(shown['lastBatch']).toBe(paid.json()['batch']);
  expect((await run('session', 'list')).out).toContain(sessionId);

  expect(await run('session', 'revoke', 'bot', '--wallet', 'quant')).toMatchObject({ exitCode: 0, err: '' });
  expect((await run('session', 'show', 'bot', '--json')).json()).toMatchObject({ state: 'revoked' });
  expect(await pay('0.1')).toMatchObject({ exitCode: 2, err: expect.stringContaining('SESSION_REVOKED') });
});

test('a session is not opened over another, nor left behind where the ledger refuses it', async () => {
  expect(await open('twice')).toMatchObject({ exitCode: 0 });
  expect(await open('twice')).toMatchObject({ exitCode: 2, err: expect.stringContaining('SESSION_EXISTS') });
  expect(await open('Bad Name')).toMatchObject({ exitCode: 64 });
  expect(await open('other', '--scopes', 'Everything')).toMatchObject({
    exitCode: 64,
    err: expect.stringContaining('none of Fund, Transfer, Stake'),
  });
  expect(await run('session', 'show', 'other')).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/SESSION_FILE[\s\S]*there are: .*twice/),
  });
  expect(await run('session', 'revoke', '--wallet', 'quant')).toMatchObject({ exitCode: 64 });
  // A wallet without money may have no session.
  await run('wallet', 'create', '--name', 'poor');
  const poor = await run('session', 'open', '--name', 'poor', '--wallet', 'poor', '--max', '1', '--yes');
  expect([poor.exitCode, poor.err]).toEqual([2, expect.stringMatching(/\([A-Z_]+\)/)]);
  expect((await run('session', 'list')).out).not.toContain('poor');
});
