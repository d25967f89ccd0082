import { expect, test } from 'vitest';
import { LIVE_COUNTERMEASURES, livePolicy, resolveCountermeasures } from './live-countermeasures.ts';
import { RECOMMENDED } from './recommended.ts';

test.for([[undefined], [{}], [{ firewall: undefined }]])('nothing chosen is nothing written: %j', ([draft]) => {
  expect(resolveCountermeasures(draft)).toEqual({ countermeasures: undefined });
});

test('what is left out of a rule is the recommended value', () => {
  const draft = { firewall: {}, incentiveCurve: { weightsByPlace: [] }, reputation: { startPpm: 1, upPpm: undefined } };
  expect(resolveCountermeasures(draft)).toEqual({
    countermeasures: {
      firewall: RECOMMENDED.firewall,
      incentiveCurve: RECOMMENDED.incentiveCurve,
      reputation: { ...RECOMMENDED.reputation, startPpm: 1 },
    },
  });
});

test('every recommended rule is on offer and passes its own ranges', () => {
  expect(LIVE_COUNTERMEASURES.toSorted()).toEqual(
    [...Object.keys(RECOMMENDED), 'assignment', 'incentiveFunction'].toSorted(),
  );
  expect(resolveCountermeasures(RECOMMENDED)).toEqual({ countermeasures: RECOMMENDED });
  expect(livePolicy(undefined)).toEqual({ format: 1 });
});

test('drawn judges are on offer and not recommended: what is left out is two thirds of the stake', () => {
  expect(resolveCountermeasures({ assignment: { judges: 3 } })).toEqual({
    countermeasures: { assignment: { judges: 3, coverageU16: 43_690 } },
  });
});

test('an incentive function is named by its owner alone; fuel that is left out is the default', () => {
  const sha256 = 'ab'.repeat(32);
  const resolved = (incentiveFunction: object) => resolveCountermeasures({ incentiveFunction });
  expect(resolved({ sha256 })).toEqual({ countermeasures: { incentiveFunction: { sha256, fuel: 20_000_000 } } });
  expect(resolved({ sha256, fuel: 7, passWeights: false })).toEqual({
    countermeasures: { incentiveFunction: { sha256, fuel: 7 } },
  });
  expect(resolved({ sha256, passWeights: true })).toEqual({
    countermeasures: { incentiveFunction: { sha256, fuel: 20_000_000, passWeights: true } },
  });
});

test.for<[string, unknown]>([
  ['countermeasures', 7],
  ['countermeasures.assignment.judges', { assignment: { judges: 0 } }],
  ['countermeasures.incentiveFunction.sha256', { incentiveFunction: {} }],
  ['countermeasures.incentiveFunction.sha256', { incentiveFunction: { sha256: 'AB'.repeat(32) } }],
  ['countermeasures.incentiveFunction.fuel', { incentiveFunction: { sha256: 'ab'.repeat(32), fuel: 0 } }],
  ['countermeasures.firewall', { firewall: true }],
  ['countermeasures.firewall.minersMin', { firewall: { minersMin: 3 } }],
  ['countermeasures.firewall.othersMovedPpm', { firewall: { othersMovedPpm: 500 } }],
  ['countermeasures.firewall.colour', { firewall: { colour: 1 } }],
  ['countermeasures.boundedScores.factorPpm', { boundedScores: { factorPpm: 999_999 } }],
  ['countermeasures.qualityFloor.fractionPpm', { qualityFloor: { fractionPpm: 500_001 } }],
  ['countermeasures.incentiveCurve.weightsByPlace[1]', { incentiveCurve: { weightsByPlace: [1, 2] } }],
  ['countermeasures.reputation.downPpm', { reputation: { downPpm: 1 } }],
  ['countermeasures.deviation.evidenceAfterEpochs', { deviation: { reduceAfterEpochs: 11 } }],
])('%s is refused by name', ([member, draft]) => {
  const resolved = resolveCountermeasures(draft);
  expect('faults' in resolved && resolved.faults[0]).toMatchObject({ member });
});
