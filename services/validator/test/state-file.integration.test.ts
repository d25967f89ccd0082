import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ValidatorState } from '#application/ports.ts';
import { openStateFile } from '#adapters/state-file.ts';
import { emptyJudgement } from '#domain/judge.ts';

const ID = 'ab'.repeat(32);
const state: ValidatorState = {
  judgement: {
    lap: 2,
    days: [
      {
        day: 7,
        volatility: 0.01,
        scored: [true, false],
        answers: new Map([
          ['one', { kind: 'forecast', forecast: [[-0.1, 0.1 + Number.EPSILON]] }],
          ['two', { kind: 'invalid', reason: 'quantiles[0] is NaN' }],
          ['three', { kind: 'invalid', reason: 'late', unanswered: true }],
          ['four', { kind: 'forecast', forecast: [[0]], failedAudit: 'cd'.repeat(32) }],
        ]),
      },
    ],
    averages: new Map([['one', [{ value: 1 / 3, count: 4 }, undefined]]]),
  },
  submissions: [
    {
      kind: 'Timelock',
      interval: 3,
      revealInterval: 4,
      commit: Uint8Array.of(1, 2),
      reveal: Uint8Array.of(3),
      state: 'prepared',
      block: 17,
    },
  ],
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'subnetes-state-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was saved is read again to the last bit', async () => {
  const { store } = await openStateFile(directory, ID);
  await store.save(state);
  expect((await openStateFile(directory, ID)).state).toEqual(state);
  expect(readdirSync(directory)).toEqual(['validator.json']);
});

test('a file of before there was a choice holds salted weights', async () => {
  const { store } = await openStateFile(directory, ID);
  await store.save(state);
  const path = join(directory, 'validator.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as { submissions: Record<string, unknown>[] };
  const [{ kind: _kind, block: _block, ...older } = {}] = file.submissions;
  writeFileSync(path, JSON.stringify({ ...file, submissions: [older] }));
  const read = (await openStateFile(directory, ID)).state;
  expect(read.submissions).toEqual([{ ...state.submissions[0], kind: 'Salted', block: 0 }]);
});

test('saves that overlap end with the last one', async () => {
  const { store } = await openStateFile(directory, ID);
  const laps = Array.from({ length: 20 }, (_, lap) => ({ ...state, judgement: { ...state.judgement, lap } }));
  await Promise.all(laps.map((one) => store.save(one)));
  expect((await openStateFile(directory, ID)).state.judgement.lap).toBe(19);
});

test('a half written file of a crash does not matter', async () => {
  const { store } = await openStateFile(directory, ID);
  await store.save(state);
  writeFileSync(join(directory, 'validator.json.new'), '{"version":1,"regis');
  expect((await openStateFile(directory, ID)).state).toEqual(state);
});

test('a new registration begins anew', async () => {
  const { store } = await openStateFile(directory, ID);
  await store.save(state);
  const other = await openStateFile(directory, 'cd'.repeat(32));
  expect(other.state).toEqual({ judgement: emptyJudgement(0), submissions: [] });
});

test.for(['{', '{"version":2}', '[]'])(
  'a damaged file %s stops the validator instead of starting over',
  async (text) => {
    writeFileSync(join(directory, 'validator.json'), text);
    await expect(openStateFile(directory, ID)).rejects.toThrow(/validator.json is damaged/);
    expect(readFileSync(join(directory, 'validator.json'), 'utf8')).toBe(text);
  },
);

test('a file with the secret salt is for its owner alone', async () => {
  const { store } = await openStateFile(directory, ID);
  await store.save(state);
  const { statSync } = await import('node:fs');
  expect(statSync(join(directory, 'validator.json')).mode & 0o077).toBe(0);
});
