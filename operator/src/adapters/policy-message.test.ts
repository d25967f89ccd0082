import { create, toJson } from '@bufbuild/protobuf';
import { PolicySchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { RULE_DEFAULTS } from '@subnetes/policy/live-countermeasures';
import { expect, test } from 'vitest';
import { COUNTERMEASURE_MEMBERS, type CountermeasuresSpec } from '#domain/subnet/countermeasures.ts';
import type { BurnSpec, CommitRevealSpec } from '#domain/subnet/subnet.ts';
import { policyMessage } from './policy-message.ts';

const custom = {
  chainHash: 'ab'.repeat(32),
  publicKey: 'cd'.repeat(96),
  genesisTime: 1_700_000_000,
  periodSeconds: 3,
};

test.for<[string, CommitRevealSpec | undefined, object]>([
  ['nothing', undefined, {}],
  ['Off', { type: 'Off' }, { commitReveal: 'Off' }],
  ['Salted', { type: 'Salted', salted: { revealPeriodEpochs: 2 } }, { commitReveal: 'Salted', revealPeriodEpochs: 2 }],
  [
    'Timelock by quicknet',
    { type: 'Timelock', timelock: { revealPeriodEpochs: 1, beacon: { type: 'Quicknet' } } },
    { commitReveal: 'Timelock', revealPeriodEpochs: 1 },
  ],
  [
    'Timelock by a beacon of its own',
    { type: 'Timelock', timelock: { revealPeriodEpochs: 3, beacon: { type: 'Custom', custom } } },
    { commitReveal: 'Timelock', revealPeriodEpochs: 3, timelockBeacon: custom },
  ],
])('how weights are submitted: %s', ([, commitReveal, expected]) => {
  const policy = { hyperparameters: { commitReveal, missedReveal: 'Zero' as const }, mechanisms: [] };
  const message = toJson(PolicySchema, create(PolicySchema, policyMessage(policy)));
  expect(message).toEqual({ hyperparameters: { ...expected, missedReveal: 'Zero' } });
});

test('the price of a registration goes to the ledger in rao, and what is not written is left to it', () => {
  const sent = (burn: BurnSpec | undefined) =>
    toJson(PolicySchema, create(PolicySchema, policyMessage({ mechanisms: [], hyperparameters: { burn } })));
  expect(sent(undefined)).toEqual({ hyperparameters: {} });
  expect(sent({})).toEqual({ hyperparameters: { burn: {} } });
  expect(sent({ min: '0.1', max: '100', halfLifeBlocks: 360, increasePpm: 1_500_000 })).toEqual({
    hyperparameters: {
      burn: { minRao: '100000000', maxRao: '100000000000', halfLifeBlocks: 360, increasePpm: 1_500_000 },
    },
  });
  expect(sent({ type: 'Interval', min: '0.1', interval: {} })).toEqual({
    hyperparameters: { burn: { type: 'Interval', minRao: '100000000', interval: {} } },
  });
  const interval = { blocks: 360, targetRegistrations: 1, alphaU64: '17893341751498265066' };
  expect(sent({ type: 'Interval', interval })).toEqual({ hyperparameters: { burn: { type: 'Interval', interval } } });
});

test('countermeasures go to the ledger as they are written, and nothing is sent where nothing is on', () => {
  const sent = (countermeasures: CountermeasuresSpec | undefined) =>
    toJson(PolicySchema, create(PolicySchema, policyMessage({ mechanisms: [], countermeasures })));
  expect(sent(undefined)).not.toHaveProperty('countermeasures');
  expect(sent({})).not.toHaveProperty('countermeasures');
  expect(sent({ firewall: {} })).toMatchObject({ countermeasures: { firewall: {} } });
  const every: CountermeasuresSpec = RULE_DEFAULTS;
  expect(sent(every)).toHaveProperty('countermeasures', RULE_DEFAULTS);
});

test('an incentive function goes with them: digest, fuel and weights, not where its bytes are', () => {
  const sha256 = 'ab'.repeat(32);
  const configMapRef = { name: 'functions', key: 'winner.wasm' };
  const sent = (more: object) =>
    toJson(
      PolicySchema,
      create(PolicySchema, policyMessage({ mechanisms: [], incentiveFunction: { sha256, configMapRef, ...more } })),
    );
  expect(sent({})).toHaveProperty('countermeasures', { incentiveFunction: { sha256 } });
  expect(sent({ fuel: 7, passWeights: true })).toHaveProperty('countermeasures', {
    incentiveFunction: { sha256, fuel: 7, passWeights: true },
  });
});

test('the members that the operator sends are all that the rules have', () => {
  const members = Object.entries(RULE_DEFAULTS).map(([name, rule]) => [name, Object.keys(rule).toSorted()]);
  const sent = Object.entries(COUNTERMEASURE_MEMBERS).map(([name, own]) => [name, [...own].toSorted()]);
  expect(Object.fromEntries(sent)).toEqual(Object.fromEntries(members));
});
