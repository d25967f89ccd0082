import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judgement, makeJudgeEpoch } from '#application/judge-epoch.ts';
import type { LedgerJournal, PublishedEpoch, ScoringEpochs, ShownRow } from '#application/ports.ts';
import type { RowOrigin } from '#domain/claimed-row.ts';
import type { SealedPolicy } from '#domain/seal.ts';
import {
  LOCKED_ROUND,
  NETWORK_ID,
  neuron,
  NEURONS,
  type PlayedScoring,
  playScoring,
  POLICY,
  type SealChange,
  SIGNATORIES,
} from './played-scoring.ts';
import { BEACON, signatory, type SignedFor } from './signatory.ts';

/** Rows that validators sign, in each of the three ways, and what a scoring may make of them. */
const NETUID = 7;
const { signal } = new AbortController();
const ANY_TEXT: unknown = expect.any(String);

const policyOf = (change: Partial<SealedPolicy['hyperparameters']>): SealedPolicy => ({
  ...POLICY,
  hyperparameters: { ...POLICY.hyperparameters, ...change },
  mechanisms: [{ id: 0, emissionWeight: 1 }],
});

interface Row {
  lastUpdate: number;
  weights: (readonly [number, number])[];
}
interface Inputs {
  mechanisms: { epoch: { neurons: Row[] } }[];
  reports: { -readonly [Key in keyof RowOrigin]: RowOrigin[Key] }[];
}

/** How a scoring lies: about the inputs, and with what it shows. */
interface Lie {
  readonly inputs?: (inputs: Inputs) => void;
  readonly shown?: (row: ShownRow) => ShownRow | undefined;
}

const row = (uid: number, interval: number, change: Partial<SignedFor> = {}): SignedFor => ({
  netuid: NETUID,
  mechanismId: 0,
  interval,
  uids: [0, 1],
  values: [1000 * interval + uid, 500],
  ...change,
});
const by = (uid: number) => SIGNATORIES.get(uid)!;

/** What scoring would publish of an epoch if its inputs were other ones: right in itself, to the last hash. */
function publishedFrom(honest: PublishedEpoch, lie: (inputs: Inputs) => void): PublishedEpoch {
  const inputs = JSON.parse(honest.inputsJson) as Inputs;
  lie(inputs);
  const inputsJson = canonicalJson(inputs);
  const inputsSha256 = sha256Hex(inputsJson);
  const { outputsJson, outputsSha256, neurons } = recomputeEpoch(readInputs(inputsJson), inputsSha256);
  const told = neurons.map((each) => ({
    uid: each.uid,
    registrationId: each.registrationId,
    incentive: each.incentiveRao,
    dividend: each.dividendRao,
    incentiveU16: each.incentive,
    dividendsU16: each.dividends,
    permit: each.permit,
  }));
  const { dueSequence } = honest.payment;
  return { inputsJson, outputsJson, payment: { dueSequence, inputsSha256, outputsSha256, neurons: told } };
}

async function judge(
  scoring: PlayedScoring,
  index: number,
  { inputs, shown = (each) => each }: Lie = {},
  takesUnnamedRows = false,
): Promise<Judgement> {
  const notAsked = (): Promise<never> => Promise.reject(new Error('not asked'));
  const ledger: LedgerJournal = {
    network: notAsked,
    newestEpochs: notAsked,
    seal: async (sequence) => scoring.seals.get(sequence),
  };
  const epochs: ScoringEpochs = {
    epoch: async (name) => {
      const honest = await scoring.published(name);
      return honest === undefined || inputs === undefined || name.index !== index
        ? honest
        : publishedFrom(honest, inputs);
    },
    async *signedRows(name) {
      for await (const each of scoring.signedRows(name)) {
        const shownRow = shown(each);
        if (shownRow !== undefined) yield shownRow;
      }
    },
    submit: notAsked,
  };
  const judgeEpoch = makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID, takesUnnamedRows });
  return judgeEpoch({ netuid: NETUID, index }, signal);
}

const claimed = (inputs: Inputs, uid: number): Row => inputs.mechanisms[0]!.epoch.neurons[uid]!;
const origin = (inputs: Inputs, uid: number) => inputs.reports.find(({ validatorUid }) => validatorUid === uid)!;
const ofUid =
  (uid: number, change: Partial<ShownRow>) =>
  (shown: ShownRow): ShownRow =>
    shown.validatorUid === uid ? { ...shown, ...change } : shown;

async function expectRefusal(scoring: PlayedScoring, index: number, reason: string, lie: Lie): Promise<void> {
  const refusal = { reason, field: ANY_TEXT, message: ANY_TEXT };
  expect(await judge(scoring, index, lie)).toEqual({ kind: 'wrong', refusal });
}

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
  ])('%s', async ([, index, reason, lie]) => expectRefusal(scoring, index, reason, lie));

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
    await expectRefusal(scoring, 5, 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { weights: third }) });
  });
});

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
    await expectRefusal(scoring, 5, 'WEIGHTS_OUTDATED', {
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
    });
  });

  test('a row that was emptied stays so', async () => {
    const inputs = (changed: Inputs): void => void (claimed(changed, 5).weights = [[0, 2005]]);
    await expectRefusal(scoring, LAST, 'WEIGHTS_DIFFER', { inputs });
  });

  test.for<readonly [string, string, Lie]>([
    ['a weight is changed', 'WEIGHTS_DIFFER', { inputs: (inputs) => void (claimed(inputs, 4).weights[0] = [0, 1]) }],
    ['no commit is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { commit: undefined }) }],
    ['what emptied a row is not shown', 'WEIGHTS_DIFFER', { shown: ofUid(5, { missed: undefined }) }],
    commitReveal === 'Salted'
      ? ['no reveal is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { weights: undefined }) }]
      : ['another round is shown', 'WEIGHTS_UNSIGNED', { shown: ofUid(4, { roundSignature: new Uint8Array(48) }) }],
  ])('%s', async ([, reason, lie]) => expectRefusal(scoring, 5, reason, lie));
});
