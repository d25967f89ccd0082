import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OWN_CASES, readTexts } from './case-folder.ts';
import { type KernelVerdict, kernelVerdict } from './kernel-verdict.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const NETWORKS = 500;

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  await browser.close();
});

/** The kernel, the reference and the checkers as one script that leaves `kernelVerdict` in `consensus`. */
async function bundle(): Promise<string> {
  await using build = await rolldown({ input: join(import.meta.dirname, 'kernel-verdict.ts'), platform: 'browser' });
  const { output } = await build.generate({ format: 'iife', name: 'consensus' });
  expect(output).toHaveLength(1);
  return output[0].code;
}

test('a browser runs every epoch of the cases, and random networks, as Node does', async () => {
  const script = await bundle();
  expect(script).not.toMatch(/\bnode:|\brequire\(/);
  const texts = readTexts(OWN_CASES);
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => problems.push(`a request for ${request.url()}`));
  await page.addScriptTag({ content: script });
  const verdict = await page.evaluate<KernelVerdict, [string[], number]>(
    ([cases, networks]) =>
      (globalThis as unknown as { consensus: { kernelVerdict: typeof kernelVerdict } }).consensus.kernelVerdict(
        cases,
        networks,
      ),
    [texts, NETWORKS],
  );
  expect(problems).toEqual([]);
  expect(verdict).toMatchObject({ epochCases: 28, networks: NETWORKS, differences: [] });
  expect(verdict).toEqual(kernelVerdict(texts, NETWORKS));
});
