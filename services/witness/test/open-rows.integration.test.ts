import { ss58Of } from '@subnetes/keys/ss58';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  by,
  claimed,
  type Inputs,
  judge,
  type Lie,
  NETUID,
  ofUid,
  origin,
  policyOf,
  reasonOf,
  type Row,
  row,
} from './judged-rows.ts';
import { neuron, NETWORK_ID, type PlayedScoring, playScoring } from './played-scoring.ts';
import { signatory } from './signatory.ts';

/** Rows that validators set in the open, and what a scoring may make of them. */
describe('weights in the open', () => {
  const policy = policyOf({});
  let scoring: PlayedScoring;
  /** Every row of 4 until now; 5 sets once, in interval 2; 6 never does. */
  const rows = [2, 3, 5].map((interval) => by(4).set(row(4, interval)));
  const LAST = 6;

  beforeAll(async () => {
    scoring = await playScoring(NETUID);
    await scoring.score({ policy });
    await scoring.take('set', [rows[0]!, by(5).set(row(5, 2))]);
    await scoring.score({ policy });
    await scoring.take('set', [rows[1]!]);
    await scoring.score({ policy });
    await scoring.score({ policy });
    await scoring.take('set', [rows[2]!]);
    await scoring.score({ policy });
    await scoring.score({ policy });
  });
  afterAll(() => scoring[Symbol.asyncDispose]());

  test.for([1, 2, 3, 4, 5, LAST])('honest rows are signed for: epoch %i', async (index) => {
    expect((await judge(scoring, index)).kind).toBe('right');
  });

  const invented: Row['weights'] = [[1, 9]];
  test.for<readonly [string, number, string, Lie]>([
    [
      'a validator that never set any is given a row',
      5,
      'WEIGHTS_UNSIGNED',
      { inputs: (inputs) => void Object.assign(claimed(inputs, 6), { lastUpdate: 86, weights: invented }) },
    ],
    [
      'so it is, with an origin that nobody signed',
      5,
      'WEIGHTS_UNSIGNED',
      {
        inputs: (inputs) => {
          Object.assign(claimed(inputs, 6), { lastUpdate: 86, weights: invented });
          inputs.reports.push({ validatorUid: 6, mechanismId: 0, source: 'Open', interval: 5, sequence: '9' });
        },
      },
    ],
    [
      'a weight is changed',
      5,
      'WEIGHTS_DIFFER',
      { inputs: (inputs) => void (claimed(inputs, 4).weights[1] = [1, 501]) },
    ],
    ['a weight is left out', 5, 'WEIGHTS_DIFFER', { inputs: (inputs) => void claimed(inputs, 4).weights.pop() }],
    ['a row is emptied', LAST, 'WEIGHTS_DIFFER', { inputs: (inputs) => void (claimed(inputs, 4).weights = []) }],
    [
      'a row of an earlier interval counts again',
      LAST,
      'WEIGHTS_OUTDATED',
      {
        inputs: (inputs) => {
          Object.assign(claimed(inputs, 4), {
            lastUpdate: 46,
            weights: [
              [0, 3004],
              [1, 500],
            ],
          });
          Object.assign(origin(inputs, 4), { interval: 3, sequence: '2' });
        },
        shown: ofUid(4, { weights: rows[1]!, sealedBefore: 2000, sealedAfter: 3000 }),
      },
    ],
    [
      'an earlier row is passed off as one of this interval',
      LAST,
      'WEIGHTS_OUTDATED',
      {
        inputs: (inputs) => {
          Object.assign(claimed(inputs, 4), {
            lastUpdate: 106,
            weights: [
              [0, 3004],
              [1, 500],
            ],
          });
          Object.assign(origin(inputs, 4), { interval: LAST, sequence: '2' });
        },
        shown: ofUid(4, { weights: rows[1]!, sealedBefore: 5000, sealedAfter: 6000 }),
      },
    ],
    [
      'the row of another hotkey is shown',
      5,
      'WEIGHTS_UNSIGNED',
      { shown: ofUid(4, { weights: by(5).set(row(4, 5)) }) },
    ],
    ['no envelope is shown', 5, 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { weights: undefined }) }],
    [
      'a row is not shown at all',
      5,
      'WEIGHTS_UNSIGNED',
      { shown: (each) => (each.validatorUid === 5 ? undefined : each) },
    ],
    [
      'another envelope of the same weights is shown than the inputs name',
      5,
      'WEIGHTS_UNSIGNED',
      { shown: ofUid(4, { weights: by(4).set(row(4, 5)) }) },
    ],
    [
      'the inputs name no envelope',
      5,
      'WEIGHTS_UNSIGNED',
      { inputs: (inputs) => void delete origin(inputs, 4).sequence },
    ],
    [
      'a row that counted is left out',
      LAST,
      'WEIGHTS_OUTDATED',
      {
        inputs: (inputs) => {
          Object.assign(claimed(inputs, 5), { lastUpdate: 2, weights: [] });
          inputs.reports = inputs.reports.filter(({ validatorUid }) => validatorUid !== 5);
        },
      },
    ],
    [
      'a row is made younger',
      LAST,
      'WEIGHTS_OUTDATED',
      { inputs: (inputs) => void (claimed(inputs, 5).lastUpdate = 100) },
    ],
    [
      'a new row is of before its interval',
      5,
      'WEIGHTS_IMPOSSIBLE',
      {
        inputs: (inputs) => void (claimed(inputs, 4).lastUpdate = 80),
      },
    ],
    ['the interval is said to be sealed elsewhere', 5, 'WEIGHTS_UNSIGNED', { shown: ofUid(5, { sealedAfter: 3000 }) }],
  ])('%s', async ([, index, reason, lie]) => {
    expect(await reasonOf(scoring, index, lie)).toBe(reason);
  });

  test('rows whose envelope is not named are taken where the policy of the witness says so', async () => {
    const unnamed = (inputs: Inputs): void => inputs.reports.forEach((each) => delete each.sequence);
    expect((await judge(scoring, 5, { inputs: unnamed }, true)).kind).toBe('right');
    expect((await judge(scoring, 5, { inputs: unnamed }, false)).kind).toBe('wrong');
  });

  test.for<readonly [string, Parameters<typeof signatory>[1]]>([
    ['another network', { networkId: 'cc'.repeat(32), registrationId: neuron(4).registrationId }],
    ['another registration', { networkId: NETWORK_ID, registrationId: 'dd'.repeat(32) }],
  ])('a row that was signed for %s is not signed for', async ([, bound]) => {
    const stranger = signatory(4, bound);
    const third = [2, 3, 5].map((interval) => stranger.set(row(4, interval)))[2]!; // of the right sequence
    expect(await reasonOf(scoring, 5, { shown: ofUid(4, { weights: third }) })).toBe('WEIGHTS_UNSIGNED');
  });
});

describe('a validator whose hotkey was swapped', () => {
  const policy = policyOf({});
  const swappedAt = (untilBlock: number | undefined) =>
    [0, 1, 4, 5, 6].map((uid) => {
      if (uid !== 4) return neuron(uid);
      const hotkey = ss58Of(new Uint8Array(32).fill(99));
      const formerHotkeys = untilBlock === undefined ? [] : [{ hotkey: neuron(4).hotkey, untilBlock }];
      return neuron(4, { hotkey, formerHotkeys });
    });

  test.for<readonly [string, number | undefined, 'right' | 'wrong']>([
    ['before the swap is signed for', 40, 'right'],
    ['after the swap is not', 25, 'wrong'],
    ['of a key that it never had is not', undefined, 'wrong'],
  ])('a row that its old key signed %s', async ([, untilBlock, kind]) => {
    await using scoring = await playScoring(NETUID);
    await scoring.score({ policy });
    await scoring.take('set', [by(4).set(row(4, 2))]); // at block 26
    await scoring.score({ policy, neurons: swappedAt(untilBlock) });
    expect(await judge(scoring, 2)).toMatchObject({ kind });
  });
});
