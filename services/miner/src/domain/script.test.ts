import { expect, test } from 'vitest';
import { faultFor, readScript } from './script.ts';

const feed = { kind: 'Feed', source: 'ewma', lagDays: 1, model: 'AAAA' };
const fault = { kind: 'Fault', turns: ['NaN', 'Late', 'Missing'], lateMs: 10, shape: [2, 19] };

test('both kinds are read', () => {
  expect(readScript(feed)).toEqual({ ok: true, script: feed });
  expect(readScript(fault)).toEqual({ ok: true, script: fault });
});

test.for([
  [null, 'a script is a JSON object'],
  [{ kind: 'Else' }, 'kind must be Feed or Fault'],
  [{ ...feed, model: 1 }, 'a Feed names its source and holds its model'],
  [{ ...feed, lagDays: 0 }, 'lagDays must be from 1 to 30'],
  [{ ...fault, turns: ['Crash'] }, 'turns must be a list of NaN, Late, Missing'],
  [{ ...fault, turns: [] }, 'turns must be a list of NaN, Late, Missing'],
  [{ ...fault, lateMs: 1e9 }, 'lateMs must be from 1 to 60000'],
  [{ ...fault, shape: 'x' }, 'shape must be a list of whole numbers'],
] as const)('%j is refused', ([json, message]) => {
  expect(readScript(json)).toEqual({ ok: false, message });
});

test('faults come by turns, and the same question always meets the same one', () => {
  const questions = Array.from({ length: 300 }, (_, day) => 2000 + day * 1.37);
  const met = questions.map((newest) => faultFor(['NaN', 'Late', 'Missing'], newest));
  for (const one of ['NaN', 'Late', 'Missing'] as const)
    expect(met.filter((fault) => fault === one).length).toBeGreaterThan(60);
  expect(questions.map((newest) => faultFor(['NaN', 'Late', 'Missing'], newest))).toEqual(met);
});
