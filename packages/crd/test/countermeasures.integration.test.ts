import { RECOMMENDED } from '@subnetes/policy/recommended';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, openApiServer, refusal } from './api-server.ts';
import { fullSubnet, type Sample } from './samples.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await openApiServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());

function around(countermeasures: unknown): Sample {
  const subnet = fullSubnet('around');
  const policy = subnet.spec['policy'] as object;
  return { ...subnet, spec: { ...subnet.spec, policy: { ...policy, countermeasures } } };
}

test.for([[{}], [{ firewall: {} }], [{ firewall: { minersMin: 4 }, incentiveCurve: {} }], [RECOMMENDED]])(
  'what stands around the consensus may be %j, and nothing is filled in',
  async ([countermeasures]) => {
    expect(await server.apply(around(countermeasures))).toMatchObject({ spec: { policy: { countermeasures } } });
  },
);

test.for<[string, unknown, ...string[]]>([
  ['too few miners', { firewall: { minersMin: 3 } }, 'firewall.minersMin', '4'],
  ['too many epochs', { firewall: { staleAfterEpochs: 1001 } }, 'firewall.staleAfterEpochs', '1000'],
  [
    'moves that cannot be told apart',
    { firewall: { staleWithinPpm: 9, othersMovedPpm: 9 } },
    'firewall.othersMovedPpm',
  ],
  ['a bound below one whole', { boundedScores: { factorPpm: 999_999 } }, 'boundedScores.factorPpm', '1000000'],
  ['a floor above the level', { qualityFloor: { fractionPpm: 500_001 } }, 'qualityFloor.fractionPpm', '500000'],
  ['a curve without places', { incentiveCurve: { weightsByPlace: [] } }, 'incentiveCurve.weightsByPlace'],
  ['a curve that pays nobody', { incentiveCurve: { weightsByPlace: [0] } }, 'first place'],
  ['standing that falls slowly', { reputation: { upPpm: 2, downPpm: 1 } }, 'reputation.downPpm', 'upPpm'],
  [
    'evidence before the reduction',
    { deviation: { reduceAfterEpochs: 3, evidenceAfterEpochs: 2 } },
    'deviation.evidenceAfterEpochs',
  ],
  ['a miner that nobody judges', { assignment: { judges: 0 } }, 'assignment.judges'],
  ['what is not on offer', { incentiveFunction: {} }, 'incentiveFunction'],
])('%s is refused with the field and the bound', async ([, countermeasures, ...words]) => {
  const message = await refusal(server.apply(around(countermeasures)));
  expect(message).not.toBe('accepted');
  for (const word of words) expect(message).toContain(word);
});
