import { createHash } from 'node:crypto';
import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { moduleRunner } from '@subnetes/replay/module-runner';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeJudgeEpoch } from '#application/judge-epoch.ts';
import type { PublishedEpoch } from '#application/ports.ts';
import { by } from './judged-rows.ts';
import { LOCKED_ROUND, NETWORK_ID, type PlayedScoring, playScoring, POLICY } from './played-scoring.ts';
import { BEACON } from './signatory.ts';

/** What scoring's own code stores of a market whose judges are drawn from the third seal on, with a function and without. */
const NETUID = 8;
const LAST = 5;
const rules = { judges: 1, coverageU16: 0 };
const { chainHash, publicKey, genesisTimeS: genesisTime, periodS: periodSeconds } = BEACON;
const beacon = { chainHash, publicKey, genesisTime, periodSeconds };
const SMOOTHING = new Uint8Array(Buffer.from(EXAMPLE_FUNCTIONS_BASE64.smoothing, 'base64'));
const sha256 = createHash('sha256').update(SMOOTHING).digest('hex');
const modules = moduleRunner();
modules.take(SMOOTHING);

describe.for<[string, { readonly incentiveFunction?: { readonly sha256: string; readonly fuel: number } }]>([
  ['drawn judges', {}],
  ['drawn judges and an incentive function', { incentiveFunction: { sha256, fuel: 20_000_000 } }],
])('%s', ([, beside]) => {
  const policy = {
    ...POLICY,
    hyperparameters: { ...POLICY.hyperparameters, commitReveal: 'Timelock' as const, timelockBeacon: beacon },
    countermeasures: { assignment: rules, ...beside },
  };
  let scoring: PlayedScoring;
  let honest: PublishedEpoch;

  /** Validators show a row of interval 2 in the open; 5 and 6 lock one of interval 4, whose judges are drawn. */
  beforeAll(async () => {
    scoring = await playScoring(NETUID);
    await scoring.functions.publish(NETUID, { sha256, bytes: SMOOTHING }, { bytes: 10_000, modules: 1 });
    await scoring.score();
    for (const uid of [4, 5, 6]) {
      const rows = [0, 4].map((mechanismId) => ({
        netuid: NETUID,
        mechanismId,
        uids: [0, 1],
        values: [60_000, 100 * uid],
      }));
      await scoring.take('set', rows.map((row) => by(uid).set(row))); // prettier-ignore
    }
    await scoring.score();
    for (const round of [5, 6, 7]) {
      if (scoring.interval === LAST - 1) {
        const row = { netuid: NETUID, mechanismId: 0, interval: LAST - 1, uids: [0, 1], values: [9000, 3000] };
        await scoring.take('commit', [5, 6].map((uid) => by(uid).lock(row, LOCKED_ROUND))); // prettier-ignore
      }
      if (scoring.interval === LAST) await scoring.openRounds(LOCKED_ROUND);
      await scoring.score({ policy, draw: { round, beacon, rules, kappaU16: 32_767 } });
      await scoring.keepRound(round);
    }
    honest = (await scoring.published({ netuid: NETUID, index: LAST }))!;
  });
  afterAll(() => scoring[Symbol.asyncDispose]());

  function judge(index: number, served?: PublishedEpoch) {
    const unasked = () => Promise.reject(new Error('not asked'));
    const ledger = {
      network: unasked,
      newestEpochs: unasked,
      seal: (sequence: number) => Promise.resolve(scoring.seals.get(sequence)),
    };
    const epochs = {
      epoch: (name: { netuid: number; index: number }) =>
        name.index === index && served !== undefined ? Promise.resolve(served) : scoring.published(name),
      signedRows: (name: { netuid: number; index: number }) => scoring.signedRows(name),
      module: (digest: string) => scoring.functions.module(digest),
      submit: unasked,
    };
    const judgeEpoch = makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID, takesUnnamedRows: false });
    return judgeEpoch({ netuid: NETUID, index }, new AbortController().signal);
  }

  test.for([1, 2, 3, 4, LAST])("epoch %i of scoring's is right, to the last hash", async (index) => {
    const { payment } = (await scoring.published({ netuid: NETUID, index }))!;
    expect(await judge(index)).toEqual({ kind: 'right', payment });
  });

  test('the last epoch has a draw, and rows of before it are left out', () => {
    const { opened, mechanisms } = JSON.parse(honest.inputsJson) as {
      opened: object;
      mechanisms: { state: { draws: object[] }; epoch: { neurons: { weights: object[] }[] } }[];
    };
    expect(opened).toMatchObject({ interval: 4 });
    expect(mechanisms.map(({ state }) => state.draws.length)).toEqual([2, 2]);
    const counted = mechanisms.map(({ epoch }) => epoch.neurons.map(({ weights }) => weights.length));
    expect(counted).toEqual([
      [0, 0, 0, 0, 0, 2, 2],
      [0, 0, 0, 0, 0, 0, 0],
    ]);
  });

  test('what drawn judges gave was divided as the policy says, and both hand their state on', () => {
    const { mechanisms } = JSON.parse(honest.outputsJson) as {
      mechanisms: { policy: { adjustments: { step: string }[]; state: Record<string, unknown> } }[];
    };
    const { adjustments, state } = mechanisms[0]!.policy;
    const functions = Object.keys(beside);
    expect(adjustments.map(({ step }) => step)).toEqual([
      'consensus',
      'assignment',
      ...functions.map(() => 'incentive-function'),
    ]);
    expect(Object.keys(state)).toEqual(expect.arrayContaining(['draws', ...functions]));
    expect(honest.payment.neurons.some(({ incentive }) => incentive > 0n)).toBe(true);
  });

  test('a row of before the draw that speaks all the same is not signed', async () => {
    const inputs = JSON.parse(honest.inputsJson) as Parameters<typeof lieAboutRow>[0];
    expect(await judge(LAST, publishedOf(lieAboutRow(inputs)))).toMatchObject({
      kind: 'wrong',
      refusal: { reason: 'WEIGHTS_DIFFER' },
    });
  });

  test.for<[string, string, (opened: { interval: number; signature: string }) => object]>([
    ['another signature', 'opened.signature', (own) => ({ ...own, signature: own.signature.replace(/^./, '0') })],
    ['the draw of another interval', 'opened.interval', (own) => ({ ...own, interval: 5 })],
  ])('%s is not signed, though all else follows from it', async ([, field, lie]) => {
    const inputs = JSON.parse(honest.inputsJson) as { opened: { interval: number; signature: string } };
    const served = publishedOf({ ...inputs, opened: lie(inputs.opened) });
    expect(await judge(LAST, served)).toMatchObject({ kind: 'wrong', refusal: { reason: 'DRAW_DIFFERS', field } });
  });

  /** What scoring would publish of other inputs: right in itself, to the last hash. */
  function publishedOf(inputs: object): PublishedEpoch {
    const inputsJson = canonicalJson(inputs);
    const inputsSha256 = sha256Hex(inputsJson);
    const { outputsJson, outputsSha256 } = recomputeEpoch(readInputs(inputsJson), inputsSha256, modules);
    return { inputsJson, outputsJson, payment: { ...honest.payment, inputsSha256, outputsSha256 } };
  }
});

/** Validator 4 has a row of interval 2 alone. */
function lieAboutRow(inputs: { mechanisms: { epoch: { neurons: { weights: (readonly [number, number])[] }[] } }[] }) {
  const [first] = inputs.mechanisms;
  first!.epoch.neurons[4]!.weights = [
    [0, 60_000],
    [1, 400],
  ];
  return inputs;
}
