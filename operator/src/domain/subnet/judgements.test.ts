import { expect, test } from 'vitest';
import type { PaidEpoch, PaidNeuron, SubnetView } from '../market.ts';
import { healthParts, healthScore, judgeEpochPaid, judgeHealth, overdueFromBlock } from './judgements.ts';
import { admitsNamespace, type AllowedNamespaces, type Subnet } from './subnet.ts';

const neuron = (permit: boolean, answers: number, invalid: number): PaidNeuron => ({
  uid: 0,
  permit,
  incentiveU16: 0,
  dividendsU16: 0,
  validatorTrustU16: 0,
  earnedRao: 0n,
  stakeRao: 0n,
  weights: 'None',
  lastUpdateBlock: 0,
  clippedColumns: 0,
  report: {
    judged: answers,
    answers,
    invalid,
    invalidReason: '',
    validatorsReporting: 3,
    validatorsReportingCopy: 0,
    copyOfUid: 0,
    similarityPpm: 0,
  },
  why: '',
  whyReason: '',
});

const paid = (validatorsRevealed: number, neurons: readonly PaidNeuron[]): PaidEpoch => ({
  index: 5,
  block: 111,
  nextBlock: 131,
  inputsSha256: '',
  emissionRao: 0n,
  validatorsWithPermit: 3,
  functions: [],
  validatorsRevealed,
  neurons: new Map(neurons.map((part, index) => [String(index), part])),
});

const view = (more: Partial<SubnetView>): SubnetView => ({
  netuid: 1,
  handle: 'sp500',
  registrationId: '',
  block: 112,
  tempo: 20,
  maxUids: 256,
  policy: {},
  epoch: { index: 5, block: 111, nextBlock: 131, lastPaid: 5 },
  emission: 'Started',
  registrationCostRao: 0n,
  neurons: new Map(),
  ...more,
});

const sealed = { index: 6, block: 131, nextBlock: 151, lastPaid: 5 };

test.for<{ name: string; market: SubnetView | undefined; status: string; reason: string }>([
  { name: 'nothing was heard', market: undefined, status: 'Unknown', reason: 'WaitingForFirstEpoch' },
  { name: 'no epoch was paid', market: view({}), status: 'Unknown', reason: 'WaitingForFirstEpoch' },
  { name: 'the last was paid', market: view({ paid: paid(3, []) }), status: 'True', reason: 'Paid' },
  {
    name: 'the next is sealed and within half a tempo',
    market: view({ paid: paid(3, []), epoch: sealed, block: 141 }),
    status: 'True',
    reason: 'Paid',
  },
  {
    name: 'it is outstanding for longer',
    market: view({ paid: paid(3, []), epoch: sealed, block: 142 }),
    status: 'False',
    reason: 'EpochOverdue',
  },
  {
    name: 'not even the seal came',
    market: view({ paid: paid(3, []), block: 142 }),
    status: 'False',
    reason: 'EpochOverdue',
  },
  { name: 'emission is held', market: view({ emission: 'Held', block: 900 }), status: 'False', reason: 'EmissionHeld' },
])('EpochPaid when $name', ({ market, status, reason }) => {
  expect(judgeEpochPaid(market)).toMatchObject({ type: 'EpochPaid', status, reason });
});

test('an epoch is overdue half a tempo after its seal', () => {
  expect(overdueFromBlock(view({ epoch: sealed }))).toBe(141);
  expect(overdueFromBlock(view({ emission: 'Held' }))).toBeUndefined();
});

test('validators weigh three times as much as miners in the health', () => {
  const miners = [1, 2, 3, 4, 5].map(() => neuron(false, 240, 0));
  const parts = healthParts(paid(3, [...miners, neuron(false, 240, 170), neuron(true, 0, 0)]));
  expect(parts.map(({ name, score }) => [name, score])).toEqual([
    ['validatorsReporting', 100],
    ['minersAnswering', 83],
  ]);
  expect(healthScore(parts)).toBe(96);
});

test.for<[AllowedNamespaces | undefined, string, Record<string, string>, boolean]>([
  [undefined, 'finance', {}, true],
  [undefined, 'other', {}, false],
  [{ from: 'All' }, 'other', {}, true],
  [{ from: 'Selector', selector: { matchLabels: { a: 'b' } } }, 'other', { a: 'b', c: 'd' }, true],
  [{ from: 'Selector', selector: { matchLabels: { a: 'b' } } }, 'other', { a: 'c' }, false],
])('%j admits %s with labels %j: %s', ([allowedNamespaces, name, labels, admitted]) => {
  const subnet = {
    metadata: { namespace: 'finance' },
    spec: { allowedNamespaces },
  } as Subnet;
  expect(admitsNamespace(subnet, { name, labels })).toBe(admitted);
});

test('a young market is not unhealthy for want of weights, an older one is', () => {
  const silent = { ...paid(0, []), index: 2 };
  expect(judgeHealth(view({ paid: silent }))).toMatchObject({ status: 'Unknown', reason: 'WaitingForFirstEpoch' });
  expect(judgeHealth(view({ paid: { ...silent, index: 3 } }))).toMatchObject({ status: 'False', reason: 'Unhealthy' });
  expect(judgeHealth(view({ paid: { ...paid(3, []), index: 1 } }))).toMatchObject({
    status: 'True',
    reason: 'Healthy',
  });
});
