import { expect, test } from 'vitest';
import { judgeSlashes, type SlashView } from './slashed.ts';

const slash = (change: Partial<SlashView> = {}): SlashView => ({
  id: 'ab'.repeat(32),
  type: 'Unavailable',
  status: 'Pending',
  reportedAtBlock: 100,
  disputeUntilBlock: 140,
  dueBlock: 141,
  amountRao: 5_000_000_000n,
  takenRao: 0n,
  ...change,
});
const judged = (slashes: readonly SlashView[], block = 120) =>
  judgeSlashes({ block, windowBlocks: 1000, slashes }, 'TAO');

const executed = slash({ status: 'Executed', takenRao: 5_000_000_000n });

test.for<[string, readonly SlashView[], number, string | undefined]>([
  ['none', [], 120, undefined],
  ['one that is pending', [slash()], 120, 'SlashOpen'],
  ['one that is disputed', [slash({ status: 'Disputed' })], 120, 'SlashOpen'],
  ['one that was dropped', [slash({ status: 'Dropped' })], 150, undefined],
  ['one that was carried out', [executed], 150, 'StakeSlashed'],
  ['one that was carried out, at the end of the window', [executed], 1100, 'StakeSlashed'],
  ['one that was carried out, after the window', [executed], 1101, undefined],
  ['an open one beside one that was carried out', [executed, slash({ reportedAtBlock: 300 })], 310, 'SlashOpen'],
])('%s', ([, slashes, block, reason]) => {
  expect(judged(slashes, block)?.reason).toBe(reason);
});

test('it says how much, until when, and what to type', () => {
  expect(judged([slash()])).toEqual({
    type: 'Slashed',
    status: 'True',
    reason: 'SlashOpen',
    message:
      'slash abababababab for Unavailable takes 5 TAO at most in block 141, unless its owner disputes it until block 140 with `subnetes slash dispute abababababab --wallet OWNER`. `subnetes slash show abababababab` tells the evidence',
  });
  expect(
    judged([slash({ dueBlock: 200, status: 'Disputed' }), slash({ id: 'cd'.repeat(32), dueBlock: 150 })])?.message,
  ).toMatch(/^slash cdcdcdcdcdcd .*; 1 more are open$/);
  const twice = [executed, { ...executed, dueBlock: 190, takenRao: 1_000_000_000n }];
  expect(judged(twice, 200)?.message).toBe(
    'lost 6 TAO for Unavailable in block 190; it counts until block 1100. `subnetes slash show abababababab` tells what for',
  );
});
