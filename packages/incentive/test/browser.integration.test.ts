import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { type Plugin, rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReportLine, runReport } from './run-report.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const ENTRY = 'virtual:report';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  await browser.close();
});

/** Modules and runner as one script that leaves its report in `incentive.report`. */
async function bundle(): Promise<string> {
  const entry: Plugin = {
    name: 'entry',
    resolveId: (source) => (source === ENTRY ? ENTRY : null),
    load: (id) =>
      id === ENTRY
        ? `import { runReport } from ${JSON.stringify(join(import.meta.dirname, 'run-report.ts'))};
           export const report = runReport();`
        : null,
  };
  await using build = await rolldown({ input: ENTRY, plugins: [entry], platform: 'browser' });
  const { output } = await build.generate({ format: 'iife', name: 'incentive' });
  expect(output).toHaveLength(1);
  return output[0].code;
}

test('a browser gives the same incentives, state, refusals and fuel as Node', async () => {
  const script = await bundle();
  expect(script).not.toMatch(/\bnode:|\brequire\(/);
  const page = await browser.newPage();
  try {
    await page.addScriptTag({ content: script });
    const report = await page.evaluate<ReportLine[]>('incentive.report');
    expect(report).toEqual(runReport());
    const endings = new Set(report.map(({ ending }) => ending));
    for (const ending of ['shares', 'FUEL_EXHAUSTED', 'STACK_EXHAUSTED', 'MEMORY_EXHAUSTED', 'MODULE_FLOAT']) {
      expect(endings).toContain(ending);
    }
  } finally {
    await page.close();
  }
});
