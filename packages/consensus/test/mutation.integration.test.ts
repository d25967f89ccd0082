import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { applyMutant, mutantsOf } from './mutation/mutants.ts';

interface Summary {
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  readonly killedPercent: number;
}

function run(...options: readonly string[]): Promise<{ readonly exitCode: number; readonly summary: Summary }> {
  const script = join(import.meta.dirname, 'mutation/run-mutation.ts');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, '--json', ...options], (error, stdout) => {
      if (stdout === '') reject(error ?? new Error('no output'));
      else
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, summary: JSON.parse(stdout) as Summary });
    });
  });
}

const changesOf = (source: string): string[] => {
  const mutants = mutantsOf('x.ts', source);
  return mutants.map((mutant) => applyMutant(source, mutant));
};

test.for([
  ['const a = b < c;', ['const a = b <= c;', 'const a = b >= c;']],
  ['if (a) b();', ['if (true) b();', 'if (false) b();', 'if (a) ;']],
  ['const a = b ?? c;', ['const a = (c);']],
  ['const a = !b;', ['const a = (b);']],
  ['const a: 1 | -2n = 1n;', ['const a: 1 | -2n = 2n;', 'const a: 1 | -2n = 0n;']],
  ['const a = 0x0f as number;', ['const a = 16 as number;', 'const a = 14 as number;']],
  ["const a = 'b' === c;", ["const a = 'b' !== c;"]],
  ['const a = b.filter(c);', ['const a = b;']],
  ['const a = { min: b };', []],
  ['const a = add(b, c);', ["const a = subtract(b, c);\nimport { subtract } from './fixed.ts';\n"]],
  ['const add = (min: number) => min;', ['const add = (min: number) => max;']],
] as const)('%s', ([source, expected]) => {
  expect(changesOf(source)).toEqual(expected);
});

test('equal changes on equal lines are told apart', () => {
  const names = mutantsOf('x.ts', 'a(1);\na(1);\n').map(({ line, text, change, nth }) => [line, text, change, nth]);
  expect(names.filter(([, , change]) => change === '1 → 2')).toEqual([
    [1, 'a(1);', '1 → 2', 1],
    [2, 'a(1);', '1 → 2', 2],
  ]);
});

test('the evidence finds every mutant of the permits, and no evidence finds none', async () => {
  const judged = await run('--file', 'permits.ts');
  expect(judged.summary).toMatchObject({ survived: 0, killedPercent: 100 });
  expect(judged.summary.killed).toBeGreaterThan(10);
  expect(judged.exitCode).toBe(0);

  const blind = await run('--file', 'permits.ts', '--no-evidence');
  expect(blind.summary).toMatchObject({ mutants: judged.summary.mutants, killed: 0, killedPercent: 0 });
  expect(blind.exitCode).toBe(1);
});
