import { createHash } from 'node:crypto';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { OutageError } from '@subnetes/runtime/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Judgement, makeJudgeEpoch } from '#application/judge-epoch.ts';
import type { LedgerJournal, PublishedEpoch, ScoringEpochs } from '#application/ports.ts';
import type { Seal } from '#domain/seal.ts';
import { NETUID, publishedFrom } from './judged-rows.ts';
import { NETWORK_ID, neuron, NEURONS, type PlayedScoring, playScoring, POLICY, SIGNATORIES } from './played-scoring.ts';

/** What scoring's own code stores of a market with signed weights, bonds and uids that change hands, and every lie about it. */
const LAST = 7;
const { signal } = new AbortController();
const WEIGHTS = [
  [60_000, 20_000],
  [30_000, 50_000],
];
/** A row of each validator in each mechanism. */
const rowsInTheOpen = () =>
  [...SIGNATORIES].flatMap(([uid, validator]) =>
    POLICY.mechanisms.map(({ id: mechanismId }, at) =>
      validator.set({ netuid: NETUID, mechanismId, uids: [0, 1], values: WEIGHTS[at]!.map((each) => each + uid) }),
    ),
  );
let scoring: PlayedScoring;
let honest: PublishedEpoch;
let lastSeal: Seal;

beforeAll(async () => {
  scoring = await playScoring(NETUID);
  await scoring.score();
  await scoring.take('set', rowsInTheOpen());
  await scoring.score();
  await scoring.score();
  const liquid = { ...POLICY, hyperparameters: { ...POLICY.hyperparameters, liquidAlphaEnabled: true } };
  await scoring.score({ policy: liquid });
  const second = { ...POLICY, hyperparameters: { ...POLICY.hyperparameters, yumaVersion: 2, maxValidators: 2 } };
  await scoring.score({ policy: second });
  // Uid 1 is somebody else from here on: bonds on it are gone.
  const successor = neuron(1, { registrationId: 'ee'.repeat(32), registeredAtBlock: 110 });
  const neurons = NEURONS.map((each) => (each.uid === 1 ? successor : each));
  const { reputation, deviation } = RECOMMENDED;
  const policy = { ...POLICY, countermeasures: { reputation, deviation } }; // which hand states on from the sixth to the seventh
  await scoring.score({ neurons, policy });
  lastSeal = await scoring.score({ neurons, policy });
  honest = (await scoring.published({ netuid: NETUID, index: LAST }))!;
});
afterAll(() => scoring[Symbol.asyncDispose]());

/** Judges an epoch as if scoring served `served` in its place, and `before` in that of the one before. */
function judge(
  index: number,
  served?: PublishedEpoch,
  { seals = scoring.seals, before }: { readonly seals?: PlayedScoring['seals']; readonly before?: PublishedEpoch } = {},
): Promise<Judgement> {
  const ledger: LedgerJournal = {
    network: () => Promise.reject(new Error('not asked')),
    newestEpochs: () => Promise.reject(new Error('not asked')),
    seal: async (sequence) => seals.get(sequence),
  };
  const epochs: ScoringEpochs = {
    epoch: async (name) => {
      const own = name.index === index ? served : before;
      return own ?? scoring.published(name);
    },
    signedRows: (name) => scoring.signedRows(name),
    module: (sha256) => scoring.functions.module(sha256),
    submit: () => Promise.reject(new Error('not asked')),
  };
  return makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID, takesUnnamedRows: false })(
    { netuid: NETUID, index },
    signal,
  );
}

test.for([1, 2, 3, 4, 5, 6, LAST])("epoch %i of scoring's is right, to the last hash", async (index) => {
  const { payment } = (await scoring.published({ netuid: NETUID, index }))!;
  expect(await judge(index)).toEqual({ kind: 'right', payment });
});

test('the market is one that tells something: bonds, permits lost, a uid used again, amounts of both kinds', () => {
  const { mechanisms } = JSON.parse(honest.inputsJson) as {
    mechanisms: { state?: unknown; epoch: { neurons: { bonds: unknown[]; permit: boolean }[] } }[];
  };
  const neurons = mechanisms.flatMap(({ epoch }) => epoch.neurons);
  for (const { state } of mechanisms) expect(state).toBeTypeOf('object');
  expect(neurons.some(({ bonds }) => bonds.length > 0)).toBe(true);
  expect(neurons.filter(({ permit }) => permit).length).toBeGreaterThan(0);
  expect(honest.payment.neurons.some(({ incentive }) => incentive > 0n)).toBe(true);
  expect(honest.payment.neurons.some(({ dividend }) => dividend > 0n)).toBe(true);
});

describe('a policy that names an incentive function', () => {
  const WINNER = new Uint8Array(Buffer.from(EXAMPLE_FUNCTIONS_BASE64['winner-takes-most'], 'base64'));
  const SHA256 = createHash('sha256').update(WINNER).digest('hex');
  const around = { incentiveFunction: { sha256: SHA256, fuel: 20_000_000 } };
  let market: PlayedScoring;
  beforeAll(async () => {
    market = await playScoring(NETUID);
    const policy = { ...POLICY, countermeasures: around };
    await market.score({ policy });
    await market.take('set', rowsInTheOpen());
    await market.score({ policy }); // without the module: sealed as such
    await market.functions.publish(NETUID, { sha256: SHA256, bytes: WINNER }, { bytes: 10_000, modules: 1 });
    await market.score({ policy });
    await market.score({ policy });
  });
  afterAll(() => market[Symbol.asyncDispose]());

  const judged = (index: number, module: ScoringEpochs['module'], served?: PublishedEpoch) => {
    const ledger: LedgerJournal = {
      network: () => Promise.reject(new Error('not asked')),
      newestEpochs: () => Promise.reject(new Error('not asked')),
      seal: async (sequence) => market.seals.get(sequence),
    };
    const epochs: ScoringEpochs = {
      epoch: async (name) => (name.index === index && served !== undefined ? served : market.published(name)),
      signedRows: (name) => market.signedRows(name),
      module,
      submit: () => Promise.reject(new Error('not asked')),
    };
    return makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID, takesUnnamedRows: false })(
      { netuid: NETUID, index },
      signal,
    );
  };
  const withModule: ScoringEpochs['module'] = (sha256) => market.functions.module(sha256);

  test.for([2, 3, 4])('epoch %i is right, with the module and without', async (index) => {
    const { payment, inputsJson } = (await market.published({ netuid: NETUID, index }))!;
    expect(inputsJson.includes('"functionMissing":true')).toBe(index === 2);
    expect(await judged(index, withModule)).toEqual({ kind: 'right', payment });
  });

  test('a scoring that gives no module, or another, is asked again: nothing is signed and nothing refused', async () => {
    await expect(judged(4, async () => undefined)).rejects.toThrow(OutageError);
    await expect(judged(4, async () => Uint8Array.of(0))).rejects.toThrow(OutageError);
  });

  test('amounts that the consensus alone would give are refused', async () => {
    const told = (await market.published({ netuid: NETUID, index: 4 }))!;
    const document = readInputs(told.inputsJson);
    const { countermeasures: _function, ...alone } = document;
    const { neurons } = recomputeEpoch(alone, told.payment.inputsSha256);
    const others = told.payment.neurons.map((each, at) => ({ ...each, incentive: neurons[at]?.incentiveRao ?? 0n }));
    const lie = { ...told, payment: { ...told.payment, neurons: others } };
    expect(await judged(4, withModule, lie)).toMatchObject({ kind: 'wrong', refusal: { reason: 'AMOUNTS_DIFFER' } });
  });
});

test('an epoch that was not scored yet is neither right nor wrong', async () => {
  expect(await judge(LAST + 1)).toEqual({ kind: 'unscored' });
});

const inputs = (): Record<string, unknown> => JSON.parse(honest.inputsJson) as Record<string, unknown>;
const withPayment = (change: Partial<PublishedEpoch['payment']>): PublishedEpoch => ({
  ...honest,
  payment: { ...honest.payment, ...change },
});
const ANYWHERE: unknown = expect.any(String);

test.for<readonly [string, string | undefined, () => PublishedEpoch]>([
  ['INPUTS_HASH_DIFFERS', 'inputs_sha256', () => ({ ...honest, inputsJson: `${honest.inputsJson} ` })],
  ['INPUTS_UNREADABLE', undefined, () => ({ ...honest, ...hashed('{') })],
  ['INPUTS_UNREADABLE', 'format', () => publishedFrom(honest, { ...inputs(), format: 3 })],
  ['SEAL_UNKNOWN', 'due.sequence', () => withPayment({ dueSequence: 6000 })],
  ['SEAL_UNKNOWN', 'due.sequence', () => withPayment({ dueSequence: 6999 })],
  ['SEAL_DIFFERS', 'networkId', () => publishedFrom(honest, { ...inputs(), networkId: 'cc'.repeat(32) })],
  ['OUTPUTS_DIFFER', 'outputs_sha256', () => withPayment({ outputsSha256: 'dd'.repeat(32) })],
  [
    'OUTPUTS_DIFFER',
    'neurons.active of uid 0',
    () => ({
      ...honest,
      outputsJson: honest.outputsJson.replace(/("neurons":\[.*?)"active":true/, '$1"active":false'),
    }),
  ],
  ['AMOUNTS_DIFFER', 'neurons.incentive of uid 0', () => amounts((at) => (at === 0 ? 1n : 0n))],
  ['AMOUNTS_DIFFER', 'neurons.incentive of uid 0', () => amounts((at) => (at === 0 ? -1n : 1n))],
  ['AMOUNTS_DIFFER', undefined, () => withPayment({ neurons: honest.payment.neurons.toReversed().slice(1) })],
])('%s: %s', async ([reason, field, lie]) => {
  const judgement = await judge(LAST, lie());
  expect(judgement).toMatchObject({ kind: 'wrong', refusal: { reason, field: field ?? ANYWHERE } });
});

function hashed(inputsJson: string): Pick<PublishedEpoch, 'inputsJson' | 'payment'> {
  return { inputsJson, payment: { ...honest.payment, inputsSha256: sha256Hex(inputsJson) } };
}

function amounts(change: (at: number) => bigint): PublishedEpoch {
  const neurons = honest.payment.neurons.map((each, at) => ({ ...each, incentive: each.incentive + change(at) }));
  return withPayment({ neurons });
}

test('a scoring that changed the epoch before, which the ledger paid, is not believed about this one', async () => {
  const seals = new Map(scoring.seals).set(lastSeal.sequence, { ...lastSeal, previousInputsSha256: '0'.repeat(64) });
  expect(await judge(LAST, undefined, { seals })).toMatchObject({ refusal: { reason: 'PREVIOUS_EPOCH_DIFFERS' } });
});

test('a scoring that named how mechanisms share cannot leave it out again; one of the release before may', async () => {
  const { mechanismSplit, ...without } = inputs();
  expect(mechanismSplit).toBe('U16');
  expect(await judge(LAST, publishedFrom(honest, without))).toMatchObject({
    kind: 'wrong',
    refusal: { reason: 'POLICY_DIFFERS', field: 'mechanismSplit' },
  });
  const told = (await scoring.published({ netuid: NETUID, index: LAST - 1 }))!;
  const { mechanismSplit: _named, ...older } = JSON.parse(told.inputsJson) as Record<string, unknown>;
  const before = publishedFrom(told, older);
  const previousInputsSha256 = sha256Hex(before.inputsJson);
  const seals = new Map(scoring.seals).set(lastSeal.sequence, { ...lastSeal, previousInputsSha256 });
  const due = { ...(without['due'] as object), previousInputsSha256 };
  const served = publishedFrom(honest, { ...without, due });
  expect(await judge(LAST, served, { seals, before })).toMatchObject({ kind: 'right' });
  const renamed = publishedFrom(honest, { ...inputs(), due });
  expect(await judge(LAST, renamed, { seals, before })).toMatchObject({ kind: 'right' });
});

type Path = readonly (string | number)[];

/** Every place of the inputs where a text, number, boolean or null stands. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

function changedAt(document: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(document);
  const copy = (Array.isArray(document) ? [...(document as unknown[])] : { ...(document as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = changedAt(copy[key], rest, change);
  return copy;
}

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (value === null) return 0;
  const text = value as string;
  return /^\d+$/.test(text) ? String(BigInt(text) + 1n) : `${text}0`;
}

test('whatever of the inputs a scoring changes, and however consistently, it is not signed', async () => {
  const document = inputs();
  const places = leaves(document);
  expect(places.length).toBeGreaterThan(190);
  const lied = async (place: Path, change: (value: unknown) => unknown): Promise<void> => {
    expect((await judge(LAST, publishedFrom(honest, changedAt(document, place, change)))).kind).toBe('wrong');
  };
  for (const place of places) await lied(place, otherThan);
  const row = ['mechanisms', 1, 'epoch', 'neurons', 4, 'weights'];
  for (const place of [['due', 'neurons'], ['mechanisms'], ['mechanisms', 1, 'epoch', 'neurons'], ['reports'], row]) {
    await lied(place, (list) => (list as unknown[]).slice(1));
    await lied(place, (list) => [...(list as unknown[]), (list as unknown[])[0]]);
  }
  await lied([], (value) => ({ ...(value as object), more: 1 }));
});

const rowOf = (uid: number): Path => ['mechanisms', 0, 'epoch', 'neurons', uid];

test.for<readonly [string, Path, unknown]>([
  ['shown before its registration', [...rowOf(4), 'lastUpdate'], 1],
  ['shown after the seal', [...rowOf(4), 'lastUpdate'], 10_000],
  ['of a uid that came later', [...rowOf(4), 'weights'], [[1, 5]]],
  ['of a uid that nobody has', [...rowOf(4), 'weights'], [[2, 5]]],
  ['that is no list of pairs', [...rowOf(4), 'weights'], [[1, 2, 3]]],
  ['beyond u16', [...rowOf(4), 'weights'], [[0, 70_000]]],
])('a row %s is not signed', async ([, place, row]) => {
  const judgement = await judge(
    LAST,
    publishedFrom(
      honest,
      changedAt(inputs(), place, () => row),
    ),
  );
  expect(judgement).toMatchObject({
    kind: 'wrong',
    refusal: { reason: expect.stringMatching(/WEIGHTS_IMPOSSIBLE|WEIGHTS_DIFFER|INPUTS_UNREADABLE/) },
  });
});
