import { expect, test } from 'vitest';
import { slashView, type SlashRecord } from './slash-view.ts';

const slash: SlashRecord = {
  slashId: 'ab'.repeat(32),
  type: 'DoubleSigning',
  status: 'Pending',
  hotkey: '5Hotkey',
  instance: 'Commit/7',
  amountRao: 5_000_000_000n,
  takenRao: 0n,
  disputeUntilBlock: 120n,
  dueBlock: 121n,
};

test.for<[Partial<SlashRecord>, bigint, boolean, string]>([
  [{}, 120n, true, 'the owner may dispute it until block 120; then it is carried out'],
  [{}, 121n, true, 'is carried out at block 121'],
  [{ status: 'Disputed', dueBlock: 180n }, 130n, true, 'is decided at block 180'],
  [{ status: 'Executed', takenRao: 4n }, 200n, false, 'was carried out'],
  [{ status: 'Dropped' }, 200n, false, 'was not upheld: nothing was taken'],
])('%o at block %s', ([change, block, isOpen, next]) => {
  expect(slashView({ ...slash, ...change }, { symbol: 'TAO', block })).toMatchObject({ isOpen, next });
});

test('what was taken is told once it was, and before what may be', () => {
  expect(slashView(slash, { symbol: 'TAO', block: 1n }).amount.rao).toBe('5000000000');
  const executed = { ...slash, status: 'Executed' as const, takenRao: 4n };
  expect(slashView(executed, { symbol: 'TAO', block: 1n }).amount.rao).toBe('4');
});
