import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeJudgeEpoch } from '#application/judge-epoch.ts';
import type { PublishedEpoch } from '#application/ports.ts';
import { BEACON, NETWORK_ID, type PlayedScoring, playScoring, POLICY } from './played-scoring.ts';

/** What scoring's own code stores of a market whose judges are drawn from the third seal on. */
const NETUID = 8;
const LAST = 5;
const rules = { judges: 1, coverageU16: 0 };
const policy = {
  ...POLICY,
  hyperparameters: { ...POLICY.hyperparameters, revealPeriodEpochs: 1 },
  countermeasures: { assignment: rules },
};
let scoring: PlayedScoring;
let honest: PublishedEpoch;

beforeAll(async () => {
  scoring = await playScoring(NETUID);
  await scoring.score();
  await scoring.setWeights([[60_000, 20_000], [30_000, 50_000]]); // prettier-ignore
  await scoring.score();
  for (const round of [5, 6, 7]) {
    await scoring.score({ policy, draw: { round, beacon: BEACON, rules, kappaU16: 32_767 } });
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
    submit: unasked,
  };
  const judgeEpoch = makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID });
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
  expect(mechanisms[0]?.epoch.neurons.every(({ weights }) => weights.length === 0)).toBe(true);
});

test.for<[string, string, (opened: { interval: number; signature: string }) => object]>([
  ['another signature', 'opened.signature', (own) => ({ ...own, signature: own.signature.replace(/^./, '0') })],
  ['the draw of another interval', 'opened.interval', (own) => ({ ...own, interval: 5 })],
])('%s is not signed, though all else follows from it', async ([, field, lie]) => {
  const inputs = JSON.parse(honest.inputsJson) as { opened: { interval: number; signature: string } };
  const inputsJson = canonicalJson({ ...inputs, opened: lie(inputs.opened) });
  const inputsSha256 = sha256Hex(inputsJson);
  const { outputsJson, outputsSha256 } = recomputeEpoch(readInputs(inputsJson), inputsSha256);
  const served = { inputsJson, outputsJson, payment: { ...honest.payment, inputsSha256, outputsSha256 } };
  expect(await judge(LAST, served)).toMatchObject({ kind: 'wrong', refusal: { reason: 'DRAW_DIFFERS', field } });
});
