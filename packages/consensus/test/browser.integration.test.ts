import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { type Plugin, rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OWN_CASES, readTexts } from './case-folder.ts';
import { type Verdict, verdictsOf } from './verdicts.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const ENTRY = 'virtual:vectors';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  await browser.close();
});

/** Cases and checkers as one script that leaves its verdicts in `vectors.verdicts`. */
async function bundle(texts: readonly string[]): Promise<string> {
  const cases: Plugin = {
    name: 'cases',
    resolveId: (source) => (source === ENTRY ? ENTRY : null),
    load: (id) =>
      id === ENTRY
        ? `import { verdictsOf } from ${JSON.stringify(join(import.meta.dirname, 'verdicts.ts'))};
           export const verdicts = verdictsOf(${JSON.stringify(texts)});`
        : null,
  };
  await using build = await rolldown({ input: ENTRY, plugins: [cases], platform: 'browser' });
  const { output } = await build.generate({ format: 'iife', name: 'vectors' });
  expect(output).toHaveLength(1);
  return output[0].code;
}

async function runInBrowser(script: string): Promise<Verdict[]> {
  const page = await browser.newPage();
  try {
    await page.addScriptTag({ content: script });
    return await page.evaluate<Verdict[]>('vectors.verdicts');
  } finally {
    await page.close();
  }
}

test('a browser computes every case as Node does', async () => {
  const texts = readTexts(OWN_CASES);
  const script = await bundle(texts);
  expect(script).not.toMatch(/\bnode:|\brequire\(/);
  const verdicts = await runInBrowser(script);
  expect(verdicts.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect(verdicts).toHaveLength(80);
  expect(verdicts).toEqual(verdictsOf(texts));
});

test('a wrong expectation, an unknown kind and a rounded integer fail in a browser too', async () => {
  const broken = [
    '{"name":"a","kind":"burn-factor","inputs":{"items":[{"half_life":1}]},"expected":{"items":[2147483647]}}',
    '{"name":"b","kind":"astrology","inputs":{},"expected":{}}',
    '{"name":"c","kind":"block-emission","inputs":{"items":[{"issuance":0}]},"expected":{"items":[18446744073709551615]}}',
  ];
  const verdicts = await runInBrowser(await bundle(broken));
  expect(verdicts.map(({ differences }) => differences)).toEqual([
    ['item 1: "2147483648", expected 2147483647'],
    ['unknown kind astrology'],
    ['item 1: "1000000000", expected "18446744073709551615"'],
  ]);
});
