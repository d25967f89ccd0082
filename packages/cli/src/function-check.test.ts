import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from './main.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'subnetes-function-'));
  for (const [name, module] of Object.entries(EXAMPLE_FUNCTIONS_BASE64)) {
    writeFileSync(join(folder, `${name}.wasm`), Buffer.from(module, 'base64'));
  }
  writeFileSync(join(folder, 'text.wasm'), '(module)');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without any address of a market: the command asks nobody. */
async function run(...args: readonly string[]) {
  const [out, err]: string[][] = [[], []];
  const io = {
    hasTerminal: false,
    out: (line: string) => void out?.push(line),
    err: (line: string) => void err?.push(line),
    confirm: () => Promise.resolve(false),
    askSecret: () => Promise.resolve(''),
  };
  const exitCode = await main(['function', 'check', ...args], { io, env: {}, cwd: folder, now: () => 0 });
  return { exitCode, out: out?.join('\n') ?? '', err: err?.join('\n') ?? '' };
}

test('a good module: digest, exports, and what it makes of networks of every size', async () => {
  const file = join(folder, 'winner-takes-most.wasm');
  const told = await run(file);
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toMatch(/exports +.*incentives/);
  expect(told.out).toMatch(/NEURONS +FUEL +STATE +TOP BEFORE +TOP AFTER +RESULT/);
  expect(told.out).toMatch(/4096 +\d+ +0 +0\.05 % +70\.00 % +shares/);
  const json = JSON.parse((await run(file, '--json')).out) as Record<string, unknown>;
  const bytes = Buffer.from(EXAMPLE_FUNCTIONS_BASE64['winner-takes-most'], 'base64');
  expect(json).toMatchObject({ digest: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length });
  expect(json['trials']).toHaveLength(5);
});

test('state of the first epoch goes into the second', async () => {
  expect((await run(join(folder, 'smoothing.wasm'))).out).toMatch(/ 256 +\d+ +4096 /);
});

test('too little fuel ends with 1 and says with how many neurons', async () => {
  const told = await run(join(folder, 'identity.wasm'), '--fuel', '2000');
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.err).toMatch(/with \d+ neurons: out of fuel \(FUEL_EXHAUSTED\)/);
  expect(told.out).toMatch(/ 8 +\d+ +0 .* shares/);
});

test('no module, no file, no fuel: refused with a code each', async () => {
  const text = await run(join(folder, 'text.wasm'), '--json');
  expect(text.exitCode).toBe(1);
  expect(JSON.parse(text.out)).toMatchObject({ refusal: { code: 'MODULE_MALFORMED', offset: 0 } });
  expect(await run(join(folder, 'nowhere.wasm'))).toMatchObject({ exitCode: 77 });
  expect(await run(join(folder, 'identity.wasm'), '--fuel', '0')).toMatchObject({ exitCode: 64 });
});
