import { expect, test } from 'vitest';
import { factLines, tableLines } from './table.ts';

test('cells stand under their heads, numbers on the right, and no line ends in spaces', () => {
  const lines = tableLines(
    [{ head: 'MINER' }, { head: 'EARNED', align: 'right' }, { head: 'WHY' }],
    [
      ['garch', '10.135', 'best'],
      ['copycat', '0.000', ''],
    ],
  );
  expect(lines).toEqual(['MINER    EARNED  WHY', 'garch    10.135  best', 'copycat   0.000']);
});

test('signs outside ASCII count as one column', () => {
  expect(
    tableLines(
      [{ head: '' }, { head: 'X' }],
      [
        ['✔', 'a'],
        ['✘', 'b'],
      ],
    ),
  ).toEqual(['   X', '✔  a', '✘  b']);
});

test('values of facts stand in one column', () => {
  expect(
    factLines([
      ['block', '1'],
      ['issued', '2'],
    ]),
  ).toEqual(['block   1', 'issued  2']);
});
