import { expect, test } from 'vitest';
import { EXAMPLE } from './test/worked-example.ts';
import type { EpochParameters } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { type Override, OVERRIDE_NAMES, overrideParameters } from './overrides.ts';

const { parameters } = EXAMPLE;
const asked = (text: string): Override => {
  const [name = '', value = ''] = text.split('=');
  return { name, value };
};
const changed = (texts: readonly string[], from: EpochParameters = parameters) => {
  const outcome = overrideParameters(from, texts.map(asked));
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome;
};
const LIQUID = { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 };

test.for<[string, Partial<EpochParameters>, floored: boolean]>([
  ['kappa=0.6', { kappaU16: 39_321 }, false],
  ['kappa=0.5', { kappaU16: 32_767 }, true], // as the network's own default of a half
  ['kappa=1', { kappaU16: 65_535 }, false],
  ['kappa=0.999999999999', { kappaU16: 65_534 }, true],
  ['kappaU16=0', { kappaU16: 0 }, false],
  ['bondsPenalty=0.25', { bondsPenaltyU16: 16_383 }, true],
  ['bondsPenaltyU16=1', { bondsPenaltyU16: 1 }, false],
  ['bondsMovingAverage=0.5', { bondsMovingAveragePpm: 500_000 }, false],
  ['bondsMovingAverage=0.1234567', { bondsMovingAveragePpm: 123_456 }, true],
  ['bondsMovingAveragePpm=975000', { bondsMovingAveragePpm: 975_000 }, false],
  ['yumaVersion=2', { formula: 'yuma2' }, false],
  ['liquidAlpha=on', { formula: 'yuma3-liquid', liquidAlpha: LIQUID }, false],
  ['liquidAlpha=off', { formula: 'yuma3', liquidAlpha: undefined }, false],
  [
    'liquidAlpha=0.2,1',
    { formula: 'yuma3-liquid', liquidAlpha: { ...LIQUID, lowU16: 13_107, highU16: 65_535 } },
    false,
  ],
  ['liquidAlpha=0.2,1,-3.5', { liquidAlpha: { lowU16: 13_107, highU16: 65_535, steepnessHundredths: -350 } }, false],
  ['activityCutoffBlocks=1', { activityCutoffBlocks: 1 }, false],
  ['stakeThresholdRao=1000000000', { minStake: 1_000_000_000n }, false],
])('%s', ([text, expected, floored]) => {
  const outcome = changed([text]);
  expect(outcome.parameters).toMatchObject(expected);
  expect(outcome.changes).toMatchObject([{ asked: asked(text), floored }]);
  expect(() => runEpoch({ ...EXAMPLE, parameters: outcome.parameters })).not.toThrow();
});

test('a change is told in the protocol’s own integers, before and after', () => {
  expect(changed(['kappa=0.6', 'liquidAlpha=on', 'stakeThresholdRao=7']).changes).toMatchObject([
    { parameter: 'kappaU16', before: '32767', after: '39321' },
    {
      parameter: 'liquidAlpha',
      before: 'off',
      after: 'alphaLowU16 45875, alphaHighU16 58982, alphaSigmoidSteepness 1000',
    },
    { parameter: 'stakeThresholdRao', before: '0', after: '7' },
  ]);
});

test('Yuma and liquid alpha make the formula together, and a formula of history stays unless they are touched', () => {
  const old: EpochParameters = { ...parameters, formula: 'yuma2-liquid', liquidAlpha: LIQUID };
  expect(changed(['kappa=0.6'], old).parameters.formula).toBe('yuma2-liquid');
  expect(changed(['yumaVersion=3'], old).parameters.formula).toBe('yuma3-liquid');
  expect(changed(['yumaVersion=2'], { ...old, formula: 'yuma3-liquid' }).parameters.formula).toBe('yuma2');
  expect(changed([], old).parameters).toEqual(old);
});

test.for([
  ['kappo=1', `"kappo" is no parameter: there are ${OVERRIDE_NAMES.join(', ')}`],
  ['constructor=1', '"constructor" is no parameter'],
  ['kappa=1.1', 'kappa: "1.1" is not 0 to 1'],
  ['kappa=-0.1', 'kappa: "-0.1" is not a decimal such as 0.6'],
  ['kappa=1e-3', 'not a decimal such as 0.6'],
  ['kappa=', 'kappa: "" is not a decimal'],
  ['kappaU16=65536', 'kappaU16: "65536" is not a whole number from 0 to 65535'],
  ['bondsMovingAveragePpm=1000001', 'a whole number from 0 to 1000000'],
  ['activityCutoffBlocks=0', 'a whole number from 1 to 65535'],
  ['yumaVersion=4', 'yumaVersion: "4" is not 2 or 3'],
  ['liquidAlpha=0.9,0.7', '"0.9,0.7" is not 0 ≤ LOW ≤ HIGH ≤ 1'],
  ['liquidAlpha=0.9', 'off, on, or LOW,HIGH[,STEEPNESS]'],
  ['liquidAlpha=0.1,0.2,400', 'a steepness from -327.68 to 327.67'],
  ['stakeThresholdRao=1.5', 'rao as up to 18 digits'],
  [`kappa=${'9'.repeat(10_000)}`, `kappa: "${'9'.repeat(40)}…" is not`],
] as const)('%s is refused with what it takes', ([text, message]) => {
  const outcome = overrideParameters(parameters, [asked('bondsPenalty=1'), asked(text)]);
  expect(outcome).toMatchObject({ ok: false, at: 1 });
  expect(outcome.ok ? '' : outcome.message).toContain(message);
  expect(outcome.ok ? '' : outcome.message.slice(200)).toBe('');
});

test('the same parameter twice, and liquid alpha under Yuma 2, are refused', () => {
  expect(overrideParameters(parameters, ['kappa=0.6', 'kappaU16=1'].map(asked))).toMatchObject({
    ok: false,
    message: 'kappaU16 is set twice',
  });
  expect(overrideParameters(parameters, ['liquidAlpha=on', 'yumaVersion=2'].map(asked))).toMatchObject({
    ok: false,
    at: 0,
    message: 'liquidAlpha has no effect under Yuma 2: set yumaVersion=3 as well',
  });
});
