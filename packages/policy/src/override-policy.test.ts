import { expect, test } from 'vitest';
import { EXAMPLE_PARAMETERS as PARAMETERS } from '@subnetes/consensus/test/worked-example';
import { overridePolicy, POLICY_OVERRIDE_NAMES } from './override-policy.ts';
import { RECOMMENDED } from './recommended.ts';

const deviation = { ...RECOMMENDED.deviation, limitPpm: 7 };
const rules = { parameters: PARAMETERS, countermeasures: { deviation } };
const set = (name: string, value: string) => ({ name, value });

test('what stands around the consensus is switched off, or chosen by name, its own values kept', () => {
  expect(overridePolicy(rules, [set('countermeasures', 'off')])).toMatchObject({
    ok: true,
    countermeasures: undefined,
    changes: [{ parameter: 'countermeasures', before: 'deviation', after: 'off', floored: false }],
  });
  expect(overridePolicy(rules, [set('countermeasures', 'deviation,firewall'), set('kappa', '0.6')])).toMatchObject({
    ok: true,
    parameters: { kappaU16: 39_321 },
    countermeasures: { firewall: RECOMMENDED.firewall, deviation },
    changes: [{ parameter: 'kappaU16' }, { before: 'deviation', after: 'firewall,deviation' }],
  });
});

test('an incentive function that is on can be kept alone', () => {
  const incentiveFunction = { sha256: 'ab'.repeat(32), fuel: 5 };
  const both = { ...rules, countermeasures: { deviation, incentiveFunction } };
  expect(overridePolicy(both, [set('countermeasures', 'incentiveFunction')])).toMatchObject({
    ok: true,
    countermeasures: { incentiveFunction },
    changes: [{ before: 'incentiveFunction,deviation', after: 'incentiveFunction' }],
  });
});

test('without a word of it the policy stays', () => {
  expect(overridePolicy(rules, [])).toEqual({ ok: true, ...rules, changes: [] });
  expect(POLICY_OVERRIDE_NAMES).toContain('countermeasures');
});

test.for<[string, { name: string; value: string }[], number, string]>([
  ['an unknown rule', [set('countermeasures', 'wall')], 0, 'firewall, assignment, boundedScores'],
  ['a draw that there was not', [set('countermeasures', 'firewall,assignment')], 0, 'no judges were drawn'],
  ['nothing', [set('countermeasures', '')], 0, 'off, or names'],
  ['a function that is not there', [set('countermeasures', 'incentiveFunction')], 0, 'names no incentiveFunction'],
  ['a second word', [set('countermeasures', 'off'), set('countermeasures', 'off')], 1, 'set twice'],
  ['an unknown name after it', [set('countermeasures', 'off'), set('colour', '1')], 1, ', countermeasures'],
  ['a bad value after it', [set('countermeasures', 'off'), set('kappa', '2')], 1, 'kappa'],
])('%s is refused at its place', ([, overrides, at, words]) => {
  const refused = overridePolicy(rules, overrides);
  expect(refused).toMatchObject({ ok: false, at });
  expect(refused.ok ? '' : refused.message).toContain(words);
});
