import type { CarriedDraw } from '@subnetes/policy/interval-draw';
import { beaconKeyOf } from '@subnetes/timelock/beacon';
import { expect, test } from 'vitest';
import { type CarriedOver, NOTHING_CARRIED } from '#domain/expected-inputs.ts';
import type { Seal } from '#domain/seal.ts';
import { drawRefusal } from './judge-draw.ts';

const key = beaconKeyOf(new Uint8Array(32).fill(3));
const draw: CarriedDraw = {
  interval: 4,
  round: 90,
  publicKey: key.publicKey,
  rules: { judges: 2, coverageU16: 0 },
  kappaU16: 32_767,
  validators: [],
  miners: [],
};
const carried: CarriedOver = { ...NOTHING_CARRIED, states: new Map([[0, { format: 1, neurons: {}, draws: [draw] }]]) };
const seal = (countermeasures: Seal['policy']['countermeasures'] = { assignment: draw.rules }): Seal => ({
  sequence: 1,
  netuid: 1,
  index: 5,
  block: 100,
  startBlock: 1,
  owner: '0',
  miner: '0',
  validator: '0',
  previousInputsSha256: '',
  policyVersion: 1,
  policySha256: '',
  neurons: [],
  policy: {
    hyperparameters: {
      tempo: 20,
      yumaVersion: 3,
      kappaU16: 32_767,
      bondsMovingAveragePpm: 0,
      bondsPenaltyU16: 0,
      maxValidators: 1,
      activityCutoffBlocks: 1,
      liquidAlphaEnabled: false,
      alphaLowU16: 0,
      alphaHighU16: 0,
      alphaSigmoidSteepness: 0,
      stakeThresholdRao: '0',
      commitReveal: 'Timelock',
      revealPeriodEpochs: 1,
      missedReveal: 'Keep',
      weightsVersionKey: '0',
    },
    mechanisms: [],
    countermeasures,
  },
});
const signatureOf = (round: number): string => Buffer.from(key.sign(round)).toString('hex');
const opened = { interval: 4, signature: signatureOf(90) };

test('the sealed round’s own signature is right, and so is to have had none', () => {
  expect(drawRefusal(opened, seal(), carried)).toBeUndefined();
  expect(drawRefusal(undefined, seal(), carried)).toBeUndefined();
});

test.for<[string, Parameters<typeof drawRefusal>, string]>([
  ['another round’s signature', [{ ...opened, signature: signatureOf(91) }, seal(), carried], 'opened.signature'],
  [
    'the same in capitals',
    [{ ...opened, signature: opened.signature.toUpperCase() }, seal(), carried],
    'opened.signature',
  ],
  ['what is no signature', [{ ...opened, signature: 'zz' }, seal(), carried], 'opened.signature'],
  ['the draw of another interval', [{ ...opened, interval: 3 }, seal(), carried], 'opened.interval'],
  ['a draw that nobody carried', [opened, seal(), NOTHING_CARRIED], 'opened'],
  ['a draw under a policy without the rule', [opened, seal({}), carried], 'opened.interval'],
])('%s is not signed', ([, args, field]) => {
  expect(drawRefusal(...args)).toMatchObject({ reason: 'DRAW_DIFFERS', field });
});
