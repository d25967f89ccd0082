import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { startFakeMarket } from './fake-market.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

function start(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, exited: once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]> };
}

test('the process serves page, API and metrics, and ends by itself on SIGTERM although a page listens', async () => {
  const pageDir = mkdtempSync(join(tmpdir(), 'console-page-'));
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Subnetes</title>');
  await using market = await startFakeMarket();
  const environment = {
    LEDGER_URL: market.address,
    SCORING_URL: market.address,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    HEALTH_PORT: '0',
    PAGE_DIR: pageDir,
  };
  const { child, exited } = start(environment);
  try {
    let ready: { url: string; healthPort: number } | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const parsed = JSON.parse(line) as { msg: string; url: string; healthPort: number };
      if (parsed.msg !== 'console is ready') continue;
      ready = parsed;
      break;
    }
    if (ready === undefined) throw new Error('the console ended before it was ready');
    expect(await (await fetch(ready.url)).text()).toContain('<title>Subnetes</title>');
    expect(((await (await fetch(`${ready.url}/api/network`)).json()) as { block: number }).block).toBe(118);
    expect((await fetch(`http://127.0.0.1:${ready.healthPort}/readyz`)).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${ready.healthPort}/metrics`)).text()).toContain(
      'subnetes_build_info{service="console"',
    );
    const live = await fetch(`${ready.url}/api/live`);
    expect(live.headers.get('content-type')).toBe('text/event-stream');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await live.body?.cancel();
  } finally {
    child.kill('SIGKILL');
    await exited;
    rmSync(pageDir, { recursive: true });
  }
});

test('a wrong configuration ends with 64 and names the variables', async () => {
  const { child } = start({ LEDGER_URL: 'https://ledger' });
  const closed = once(child, 'close') as Promise<[number | null]>; // what it printed has been read then
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  expect((await closed)[0]).toBe(64);
  expect(told).toMatch(/LEDGER_URL.*SCORING_URL/);
});
