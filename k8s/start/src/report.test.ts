import { expect, test } from 'vitest';
import { readOptions, UsageError } from './options.ts';
import { fixedTokens, table } from './report.ts';

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
