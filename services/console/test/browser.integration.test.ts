import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { build } from 'vite';
import { startConsole, type RunningConsole } from './console-process.ts';
import { startFakeMarket, type FakeMarket } from './fake-market.ts';

const ROOT = join(import.meta.dirname, '..');
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Each run replaces the pictures of the one before, for people to look at. */
const SCREENSHOTS = join(tmpdir(), 'subnetes-console-screenshots');

let browser: Browser;
let pageDir: string;
let market: FakeMarket;
let running: RunningConsole;
let page: Page;
let problems: string[];

beforeAll(async () => {
  pageDir = mkdtempSync(join(tmpdir(), 'console-build-'));
  await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error', build: { outDir: pageDir } });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  await browser.close();
  rmSync(pageDir, { recursive: true });
});

beforeEach(async () => {
  market = await startFakeMarket();
  running = await startConsole({ address: market.address, pageDir });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(running.url)) problems.push(`foreign request ${request.url()}`);
  });
});
afterEach(async () => {
  await page.close();
  await running[Symbol.asyncDispose]();
  await market[Symbol.asyncDispose]();
});

test('proposals are a page of their own, reached from the header', async () => {
  await page.goto(running.url);
  await page.getByRole('link', { name: 'Proposals' }).click();
  await page.getByRole('heading', { name: 'Proposals' }).waitFor();
  const row = page.getByRole('row', { name: /Pay the auditors/ });
  expect(await row.innerText()).toMatch(/Voting[\s\S]*25\.0 %[\s\S]*votes for 32 blocks/);
  expect(await page.getByText('POLICY_INVALID: too high').isVisible()).toBe(true);
  expect(problems).toEqual([]);
});

const open = (hash: string) => page.goto(`${running.url}/${hash}`);
const firstCells = (column: number) =>
  page.locator(`table.metagraph tbody tr > *:nth-child(${column})`).allInnerTexts();

/** Writes a picture and holds it against being blank. */
async function screenshot(name: string): Promise<void> {
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  expect(existsSync(path)).toBe(true);
  expect(statSync(path).size).toBeGreaterThan(20_000);
  process.stdout.write(`screenshot ${path}\n`);
}

test('from the subnets to why a miner earns what it earns, with nothing in the browser console', async () => {
  await open('');
  await page.getByRole('link', { name: 'sp500' }).click();
  await page.getByRole('heading', { name: 'Metagraph' }).waitFor();
  expect(await page.getByText('9 of 9 neurons').isVisible()).toBe(true);
  const text = await page.locator('main').innerText();
  for (const part of [
    'garch',
    '0.412',
    'best calibrated at both horizons',
    'similarity 0.9994',
    '71 % of answers invalid',
    'in 13 blocks',
    'judged up to 2010-05-12',
    'val-c (uid 2) for Deviation 3-5, pending: 20.000 TAO; the owner may dispute it until block 150',
  ]) {
    expect(text).toContain(part);
  }
  await screenshot('subnet-light');
  await page.locator('table.metagraph').getByRole('link', { name: 'ewma' }).click();
  await page.getByRole('heading', { name: 'What each validator gave' }).waitFor();
  expect(await page.locator('main').innerText()).toContain('0.111000000 of incentive behind garch');
  expect(await page.getByRole('row', { name: /val-a/ }).innerText()).toContain('0.002899999');
  await screenshot('neuron-light');
  expect(problems).toEqual([]);
});

test('a delegation is projected anew with each amount: by the page, then by the ledger, since stake on root ties subnets', async () => {
  await open('#/subnets/1');
  // A day has 86,400 blocks of a second; half a token of each is the subnet's.
  await page.getByText('1 296 000 TAO').waitFor();
  await open('#/subnets/1/neurons/0');
  const section = page.getByRole('region', { name: 'Projection' });
  await section.getByText('Behind it stand 250 TAO on root as well, which count for 45 here.').waitFor();
  await section.getByLabel('for').fill('1');
  const earned = async (tokens: string): Promise<number> => {
    await section.getByLabel('Delegate').fill(tokens);
    await section.getByText('by this subnet alone').waitFor();
    return Number((await section.locator('dd').first().innerText()).replaceAll(/[^0-9.]/g, ''));
  };
  const [some, more] = [await earned('10'), await earned('1000')];
  expect(some).toBeGreaterThan(0);
  expect(more).toBeGreaterThan(10 * some);
  expect(await section.locator('dd').nth(2).innerText()).toBe('4 320');
  // A tenth of it, as the ledger says.
  await section.getByText('90.000 to 110.000, after the take; by the ledger, over all subnets').waitFor();
  expect(await section.locator('dd').first().innerText()).toBe('100.000 TAO');
  await section.getByLabel('Delegate').fill('');
  expect(await section.locator('dd').first().innerText()).toContain('–');
  await screenshot('projection-light');
  expect(problems).toEqual([]);
});

test('an account is a table with named rows and sums, read and left by keyboard, in light and dark', async () => {
  await open('#/subnets/1/neurons/2');
  await page.getByRole('heading', { name: 'What each part of the formula did' }).waitFor();
  const table = page.getByRole('table', { name: /share of the bonds on a miner/ });
  expect(await table.getByRole('rowheader').allInnerTexts()).toEqual([
    'garch uid 3',
    'ewma uid 4',
    'ridge uid 5',
    'gaussian uid 6',
    'Rounding',
    'Sum',
  ]);
  expect(await table.getByRole('columnheader').count()).toBe(9);
  expect(await page.getByRole('row', { name: /clipping of everybody/ }).innerText()).toContain('+554 632 682');
  await screenshot('validator-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot('validator-dark');
  await table.getByRole('link', { name: 'ewma' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The cheapest change to pass garch').waitFor();
  await screenshot('neuron-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await screenshot('neuron-phone');
  expect(problems).toEqual([]);
});

test('the block and the next epoch are live, and the metagraph follows an epoch', async () => {
  await open('#/subnets/1');
  await page.getByText('epoch 5, block 111').first().waitFor();
  market.nextBlock();
  await page.getByTestId('block').getByText('119').waitFor();
  market.nextEpoch();
  await page.getByText('epoch 6, block 131').first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused').waitFor();
  market.nextBlock();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByTestId('block').getByText('140').waitFor();
  expect(problems).toEqual([]);
});

test('256 rows sort and search by keyboard alone', async () => {
  await open('#/subnets/2');
  await page.getByText('256 of 256 neurons').waitFor();
  expect((await firstCells(1)).slice(0, 2)).toEqual(['0', '1']);
  await page.getByRole('button', { name: 'UID' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.locator('th[aria-sort="descending"]', { hasText: 'UID' }).waitFor();
  expect((await firstCells(1))[0]).toBe('255');
  await page.keyboard.press('/');
  await page.keyboard.type('miner-25');
  await page.getByText('7 of 256 neurons').waitFor();
  expect(await firstCells(2)).toEqual([
    'miner-255',
    'miner-254',
    'miner-253',
    'miner-252',
    'miner-251',
    'miner-250',
    'miner-25',
  ]);
  expect(problems).toEqual([]);
});

test('dark by the system or by choice, and kept', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('#/subnets/1');
  await page.getByText('9 of 9 neurons').waitFor();
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(await ground()).toBe('rgb(14, 20, 22)');
  await screenshot('subnet-dark');
  await page.getByRole('button', { name: /^Theme: auto/ }).click();
  await page.getByRole('button', { name: /^Theme: dark/ }).click();
  expect(await ground()).toBe('rgb(246, 248, 249)');
  await page.reload();
  await page.getByText('9 of 9 neurons').waitFor();
  expect(await ground()).toBe('rgb(246, 248, 249)');
});

test('a subnet without neurons, one that is not there, and a ledger that went away all say so', async () => {
  await open('#/subnets/3');
  await page.getByText('0 of 0 neurons').waitFor();
  await open('#/subnets/7');
  await page.getByText('The ledger has no subnet 7.').waitFor();
  market.goAway();
  await page.getByText('ledger does not answer').waitFor();
  await page.getByText('Connection lost, trying again').waitFor();
  expect(await page.getByText('Live', { exact: true }).isVisible()).toBe(false);
});

test('no row is wider than a phone, and the page needs no sideways scrolling', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('#/subnets/1');
  await page.getByText('9 of 9 neurons').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await screenshot('subnet-phone');
});
