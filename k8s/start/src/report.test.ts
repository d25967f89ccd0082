import { expect, test } from 'vitest';
import { loopbackEndpoints } from './endpoints.ts';
import { readOptions, UsageError } from './options.ts';
import { fixedTokens, type Outcome, table, textOutcome } from './report.ts';
import { tokenName } from './token-name.ts';

test.for([
  [10_135_000_000n, 3, '10.135'],
  [999n, 3, '0.000'],
  [4_500_000_000_000n, 0, '4500'],
  [-1_500_000_000n, 1, '-1.5'],
] as const)('%s rao with %i decimals read as %s', ([rao, decimals, text]) => {
  expect(fixedTokens(rao, decimals)).toBe(text);
});

test('numbers stand under each other', () => {
  expect(
    table(
      ['MINER', 'EARNED', 'WHY'],
      [
        ['garch', '10.1', 'best'],
        ['x', '9.25', ''],
      ],
    ),
  ).toEqual(['  MINER   EARNED   WHY', '  garch     10.1   best', '  x         9.25']);
});

test('the token is called what it is called at present', () => {
  const renamed = { symbol: 'TAO', displaySymbol: 'SUB' };
  expect([tokenName(renamed), tokenName({ symbol: 'TAO', displaySymbol: '' })]).toEqual(['SUB', 'TAO']);
  const outcome: Outcome = {
    installSeconds: 1,
    firstPaidEpochSeconds: 2,
    netuid: 1,
    subnet: 'sp500',
    epochs: { first: 1n, last: 3n, count: 3 },
    block: 65n,
    token: tokenName(renamed),
    mintedRao: 60_000_000_000n,
    paidRao: 60_000_000_000n,
    conservation: { entries: 100n, differenceRao: 0n },
    miners: [{ name: 'garch', uid: 0, incentive: 0.5, emissionRao: 1_000_000_000n, crps: 0.005, why: '' }],
    validators: [{ name: 'val-a', uid: 1, stakeRao: 1_000_000_000n, trust: 1, dividends: 1, emissionRao: 0n, why: '' }],
    calls: [],
    invoice: { id: 'i', lines: 0, totalRao: 0n },
    dashboards: [],
    endpoints: loopbackEndpoints('.local'),
    cluster: { context: 'prod' },
  };
  const text = textOutcome(outcome);
  expect(text).toContain('60.000 SUB due');
  expect(text).toContain('EARNED/SUB');
  expect(text).not.toContain('TAO');
});

test('a cluster of the user needs a registry', () => {
  expect(() => readOptions(['start', '--context', 'prod'])).toThrow(UsageError);
  expect(readOptions(['start', '--context', 'prod', '--registry', 'r.example'])).toMatchObject({
    context: 'prod',
    registry: 'r.example',
  });
});

test.for([[['fly']], [['start', '--nope']], [['start', 'more']]] as const)('%s is told the usage', ([argv]) => {
  expect(() => readOptions(argv)).toThrow(/Usage:/);
});
