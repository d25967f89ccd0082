import { expect, test } from 'vitest';
import { EXAMPLE_PARAMETERS as PARAMETERS } from '@subnetes/consensus/test/worked-example';
import { MACHINERY } from '../test/network.ts';
import { chosenParameters, type ConsensusPolicy, PLAIN_POLICY, policySha256, readPolicy } from './consensus-policy.ts';
import { JUDGED_BY_SOME, RECOMMENDED } from './recommended.ts';

const { firewall, reputation, deviation, qualityFloor } = RECOMMENDED;

test('the recommended values are a policy', () => {
  const policy = {
    format: 1,
    yuma: { formula: 'yuma3' },
    countermeasures: { ...RECOMMENDED, assignment: JUDGED_BY_SOME },
  };
  expect(readPolicy(policy)).toEqual({ policy });
  expect(readPolicy(PLAIN_POLICY)).toEqual({ policy: PLAIN_POLICY });
});

test.for<[string, unknown, string, string]>([
  ['no object', 7, 'POLICY_SHAPE', ''],
  ['another format', { format: 2 }, 'POLICY_SHAPE', 'format'],
  ['an unknown member', { format: 1, colour: 1 }, 'POLICY_MEMBER_UNKNOWN', 'colour'],
  ['a formula that nobody knows', { format: 1, yuma: { formula: 'yuma4' } }, 'POLICY_SHAPE', 'yuma.formula'],
  ['kappa above one', { format: 1, yuma: { kappaU16: 65_536 } }, 'POLICY_OUT_OF_RANGE', 'yuma.kappaU16'],
  ['half a kappa', { format: 1, yuma: { kappaU16: 0.5 } }, 'POLICY_OUT_OF_RANGE', 'yuma.kappaU16'],
  [
    'liquid alpha upside down',
    { format: 1, yuma: { liquidAlpha: { lowU16: 2, highU16: 1, steepnessHundredths: 0 } } },
    'POLICY_CONTRADICTORY',
    'yuma.liquidAlpha.lowU16',
  ],
])('refuses %s', ([, value, code, member]) => {
  expect(readPolicy(value)).toMatchObject({ faults: [{ code, member }] });
});

test.for<[string, object, string, string]>([
  ['an unknown countermeasure', { prayer: {} }, 'POLICY_MEMBER_UNKNOWN', 'prayer'],
  ['a rule without a member', { boundedScores: {} }, 'POLICY_OUT_OF_RANGE', 'boundedScores.factorPpm'],
  ['a rule that is a number', { reputation: 1 }, 'POLICY_SHAPE', 'reputation'],
  ['a bound below one', { boundedScores: { factorPpm: 999_999 } }, 'POLICY_OUT_OF_RANGE', 'boundedScores.factorPpm'],
  ['no judge', { assignment: { judges: 0, coverageU16: 0 } }, 'POLICY_OUT_OF_RANGE', 'assignment.judges'],
  [
    'a floor above the level',
    { qualityFloor: { ...qualityFloor, fractionPpm: 500_001 } },
    'POLICY_OUT_OF_RANGE',
    'qualityFloor.fractionPpm',
  ],
  ['no places', { incentiveCurve: { weightsByPlace: [] } }, 'POLICY_SHAPE', 'incentiveCurve.weightsByPlace'],
  [
    'places that rise',
    { incentiveCurve: { weightsByPlace: [3, 1, 2] } },
    'POLICY_CONTRADICTORY',
    'incentiveCurve.weightsByPlace[2]',
  ],
  [
    'a first place for nothing',
    { incentiveCurve: { weightsByPlace: [0, 0] } },
    'POLICY_CONTRADICTORY',
    'incentiveCurve.weightsByPlace',
  ],
  [
    'a fraction of a weight',
    { incentiveCurve: { weightsByPlace: [1, 0.5] } },
    'POLICY_OUT_OF_RANGE',
    'incentiveCurve.weightsByPlace[1]',
  ],
  [
    'standing that falls slowly',
    { reputation: { ...reputation, downPpm: 99_999 } },
    'POLICY_CONTRADICTORY',
    'reputation.downPpm',
  ],
  [
    'evidence before reduction',
    { deviation: { ...deviation, evidenceAfterEpochs: 2 } },
    'POLICY_CONTRADICTORY',
    'deviation.evidenceAfterEpochs',
  ],
  [
    'a firewall that cannot tell',
    { firewall: { ...firewall, othersMovedPpm: 1000 } },
    'POLICY_CONTRADICTORY',
    'firewall.othersMovedPpm',
  ],
])('refuses %s', ([, rules, code, member]) => {
  const read = readPolicy({ format: 1, countermeasures: rules });
  expect(read).toMatchObject({ faults: [{ code, member: `countermeasures.${member}` }] });
});

test('tells everything that is wrong at once', () => {
  const read = readPolicy({ format: 1, yuma: { kappaU16: -1 }, countermeasures: { reputation: 1, boundedScores: {} } });
  expect('faults' in read && read.faults).toHaveLength(3);
});

test('a policy is named by what it says, not by the order in which it says it', () => {
  const one: ConsensusPolicy = { format: 1, countermeasures: { reputation, deviation } };
  const other: ConsensusPolicy = { countermeasures: { deviation, reputation: { ...reputation } }, format: 1 };
  expect(policySha256(one, MACHINERY.sha256)).toBe(policySha256(other, MACHINERY.sha256));
  expect(policySha256(one, MACHINERY.sha256)).not.toBe(policySha256(PLAIN_POLICY, MACHINERY.sha256));
  // Stored policies keep their name: a change of the text or of the hash has to be a new format.
  expect(policySha256(PLAIN_POLICY, MACHINERY.sha256)).toBe(
    '3f0a99256beeb89a6b9f2793885291a6454928fd74903159ab2e51452b13df6f',
  );
});

test('what a policy does not choose stays as the epoch says', () => {
  expect(chosenParameters(PARAMETERS, undefined)).toBe(PARAMETERS);
  expect(chosenParameters(PARAMETERS, { kappaU16: 5 })).toEqual({ ...PARAMETERS, kappaU16: 5 });
});
