import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, openApiServer, refusal } from './api-server.ts';
import { fullSubnet, type Sample } from './samples.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await openApiServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());

function withHyper(change: Record<string, unknown>): Sample {
  const subnet = fullSubnet('weights');
  const policy = subnet.spec['policy'] as { hyperparameters: object };
  const hyperparameters = { ...policy.hyperparameters, ...change };
  return { ...subnet, spec: { ...subnet.spec, policy: { ...policy, hyperparameters } } };
}

test.for([
  { type: 'Off' },
  { type: 'Timelock', timelock: { revealPeriodEpochs: 1 } },
  {
    type: 'Timelock',
    timelock: {
      revealPeriodEpochs: 2,
      beacon: {
        type: 'Custom',
        custom: {
          chainHash: 'ab'.repeat(32),
          publicKey: 'cd'.repeat(96),
          genesisTime: 1_692_803_367,
          periodSeconds: 3,
        },
      },
    },
  },
])('weights may be submitted as $type', async (commitReveal) => {
  const stored = await server.apply(withHyper({ commitReveal }));
  expect(stored).toMatchObject({ spec: { policy: { hyperparameters: { commitReveal } } } });
});

test.for<[string, Sample, ...string[]]>([
  [
    'immunity within the reveal period of time-locked weights',
    withHyper({ immunityPeriodBlocks: 40, commitReveal: { type: 'Timelock', timelock: { revealPeriodEpochs: 1 } } }),
    'hyperparameters.immunityPeriodBlocks',
    'greater than tempo',
  ],
  [
    'salted parameters without salt',
    withHyper({ commitReveal: { type: 'Off', salted: { revealPeriodEpochs: 1 } } }),
    'commitReveal.salted',
    'exactly when type is Salted',
  ],
  [
    'time-locked weights without parameters',
    withHyper({ commitReveal: { type: 'Timelock' } }),
    'commitReveal.timelock',
    'exactly when type is Timelock',
  ],
  [
    'a beacon of its own without identity',
    withHyper({
      commitReveal: { type: 'Timelock', timelock: { revealPeriodEpochs: 1, beacon: { type: 'Custom' } } },
    }),
    'beacon.custom',
    'exactly when type is Custom',
  ],
  ['an unknown end of a missed reveal', withHyper({ missedReveal: 'Forget' }), 'hyperparameters.missedReveal', 'Zero'],
])('%s is refused with the field and the bound', async ([, sample, ...words]) => {
  const message = await refusal(server.apply(sample));
  expect(message).not.toBe('accepted');
  for (const word of words) expect(message).toContain(word);
});
