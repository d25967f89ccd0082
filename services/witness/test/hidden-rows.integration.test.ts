import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShownRow } from '#application/ports.ts';
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
  row,
} from './judged-rows.ts';
import { LOCKED_ROUND, neuron, NEURONS, type PlayedScoring, playScoring, type SealChange } from './played-scoring.ts';
import { BEACON } from './signatory.ts';

/** Rows that validators commit to first, and what a scoring may make of them. */
describe.for(['Salted', 'Timelock'] as const)('weights that are hidden at first: %s', (commitReveal) => {
  const { chainHash, publicKey, genesisTimeS: genesisTime, periodS: periodSeconds } = BEACON;
  const timelockBeacon = commitReveal === 'Timelock' ? { chainHash, publicKey, genesisTime, periodSeconds } : undefined;
  const policy = policyOf({ commitReveal, timelockBeacon, missedReveal: 'Zero' });
  const LAST = 6;
  let scoring: PlayedScoring;

  const commit = (interval: number, uids: readonly number[]) =>
    scoring.take(
      'commit',
      uids.map((uid) =>
        commitReveal === 'Salted' ? by(uid).commit(row(uid, interval)) : by(uid).lock(row(uid, interval), LOCKED_ROUND),
      ),
    );
  const show = (interval: number, uids: readonly number[]) =>
    commitReveal === 'Salted'
      ? scoring.take(
          'reveal',
          uids.map((uid) => by(uid).reveal(row(uid, interval))),
        )
      : scoring.openRounds(LOCKED_ROUND);

  /** All commit in 2, 4 in 3 and 4 as well; 5 commits in 4 and its row does not come. */
  beforeAll(async () => {
    scoring = await playScoring(NETUID);
    const score = (change: SealChange = {}) => scoring.score({ policy, ...change });
    await score();
    await commit(2, [4, 5, 6]);
    await score();
    await show(2, [4, 5, 6]);
    await commit(3, [4]);
    await score();
    await show(3, [4]);
    await commit(4, [4]);
    await (commitReveal === 'Salted'
      ? commit(4, [5])
      : scoring.take('commit', [by(5).lock(row(5, 4), LOCKED_ROUND + 1)]));
    await score();
    await show(4, [4]);
    await score();
    const successor = neuron(1, { registrationId: 'ee'.repeat(32), registeredAtBlock: 110 });
    await score({ neurons: NEURONS.map((each) => (each.uid === 1 ? successor : each)) });
  });
  afterAll(() => scoring[Symbol.asyncDispose]());

  test.for([1, 2, 3, 4, 5, LAST])('honest rows are signed for: epoch %i', async (index) => {
    expect(await judge(scoring, index)).toMatchObject({ kind: 'right' });
  });

  test('the market is one that tells something: a row was emptied, and weights of who left do not count', async () => {
    const inputs = JSON.parse((await scoring.published({ netuid: NETUID, index: LAST }))!.inputsJson) as Inputs;
    expect([4, 5, 6].map((uid) => claimed(inputs, uid).weights.length)).toEqual([1, 0, 1]);
  });

  const shownOf = async (index: number, uid: number): Promise<ShownRow> => {
    const rows = await Array.fromAsync(scoring.signedRows({ netuid: NETUID, index }));
    return rows.find(({ validatorUid }) => validatorUid === uid)!;
  };

  test('an older commit is not taken for the newest', async () => {
    const { weights, commit: old, roundSignature, sealedBefore, sealedAfter } = await shownOf(3, 4);
    const before = JSON.parse((await scoring.published({ netuid: NETUID, index: 3 }))!.inputsJson) as Inputs;
    const { sequence } = origin(before, 4);
    const lie: Lie = {
      inputs: (inputs) => {
        Object.assign(claimed(inputs, 4), {
          lastUpdate: 26,
          weights: [
            [0, 2004],
            [1, 500],
          ],
        });
        Object.assign(origin(inputs, 4), { interval: 2, sequence });
      },
      shown: ofUid(4, { weights, commit: old, roundSignature, sealedBefore, sealedAfter }),
    };
    expect(await reasonOf(scoring, 5, lie)).toBe('WEIGHTS_OUTDATED');
  });

  test('a row that was emptied stays so', async () => {
    const inputs = (changed: Inputs): void => void (claimed(changed, 5).weights = [[0, 2005]]);
    expect(await reasonOf(scoring, LAST, { inputs })).toBe('WEIGHTS_DIFFER');
  });

  test.for<readonly [string, string, Lie]>([
    ['a weight is changed', 'WEIGHTS_DIFFER', { inputs: (inputs) => void (claimed(inputs, 4).weights[0] = [0, 1]) }],
    ['no commit is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { commit: undefined }) }],
    ['what emptied a row is not shown', 'WEIGHTS_DIFFER', { shown: ofUid(5, { missed: undefined }) }],
    commitReveal === 'Salted'
      ? ['no reveal is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { weights: undefined }) }]
      : ['another round is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { roundSignature: new Uint8Array(48) }) }],
  ])('%s', async ([, reason, lie]) => {
    expect(await reasonOf(scoring, 5, lie)).toBe(reason);
  });
});
