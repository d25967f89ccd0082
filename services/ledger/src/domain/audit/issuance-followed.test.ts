import { expect, test } from 'vitest';
import { blockReward } from '@subnetes/consensus/issuance';
import { IssuanceFollowed } from './issuance-followed.ts';

const HASH = '0'.repeat(64);

const entry = (kind: string, payload: object, minted = 0n) => ({
  sequence: 1,
  block: 1,
  kind,
  payloadText: JSON.stringify(payload),
  hash: HASH,
  postings: minted === 0n ? [] : [{ account: 'mint', asset: 'TAO', delta: -minted, balanceAfter: -minted }],
});
const began = (cap: bigint, reward: bigint, halving = 'ByIssuance'): IssuanceFollowed => {
  const followed = new IssuanceFollowed();
  const values = { symbol: 'TAO', cap: `${cap}`, blockReward: `${reward}`, halving };
  followed.take(entry('Genesis', { values }, 3n), () => 3n);
  return followed;
};
const executed = (changes: object) => entry('ProposalExecuted', { proposal: 1, action: { type: 'Network', changes } });

test('a block may mint the reward that the issuance allows, with any rules', () => {
  const cap = 1000n;
  for (const reward of [0n, 1n, 7n, 400n]) {
    for (const halving of ['ByIssuance', 'None'] as const) {
      const followed = began(cap, reward, halving);
      for (let issued = 0n; issued < cap; issued += 1n) {
        const most = blockReward({ cap, blockReward: reward, halving }, issued);
        const took = (rao: bigint) => followed.take(entry('Block', {}, rao), () => issued + rao);
        expect([issued, took(most)]).toEqual([issued, undefined]);
        // What is left under the cap is another check's.
        const isLeft = most < cap - issued;
        expect([issued, took(most + 1n) !== undefined || !isLeft]).toEqual([issued, true]);
      }
    }
  }
});

test('a proposal that was carried out changes what the next block may mint, and nothing else does', () => {
  const followed = began(1000n, 10n, 'None');
  const minted = (rao: bigint) => followed.take(entry('Block', {}, rao), () => 600n + rao);
  expect([minted(10n), minted(11n)]).toEqual([undefined, 'Block minted 11 rao, and the reward is 10']);
  followed.take(executed({ blockReward: '40' }), () => 600n);
  expect([minted(40n), minted(41n) !== undefined]).toEqual([undefined, true]);
  followed.take(executed({ halving: 'ByIssuance' }), () => 600n);
  expect([minted(20n), minted(21n) !== undefined]).toEqual([undefined, true]);
  followed.take(entry('ProposalExecuted', { action: { type: 'Spend', amount: '9' } }), () => 600n);
  followed.take(entry('ProposalFailed', { action: { type: 'Network', changes: { blockReward: '99' } } }), () => 600n);
  expect(minted(21n)).toBeDefined();
});
