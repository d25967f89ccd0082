import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { isEpochDue, nextEpochBlock } from '#domain/economy/subnet.ts';
import { done, newLedger, put, TAO, testGenesis } from './ledger-state.ts';

const CAP = 21_000_000n * TAO;

/** Numbers of the vectors pass what a JavaScript number holds, so they are read as text. */
function read(name: string): {
  readonly inputs: readonly Record<string, string>[];
  readonly expected: readonly string[];
} {
  const url = new URL(`../../../../packages/consensus/test/vectors/${name}.json`, import.meta.url);
  const quoted = readFileSync(url, 'utf8').replace(/([:[,]\s*)(\d+)(?=\s*[,\]}])/g, '$1"$2"');
  const { inputs, expected } = JSON.parse(quoted) as {
    readonly inputs: { readonly items: readonly Record<string, string>[] };
    readonly expected: { readonly items: readonly string[] };
  };
  expect(inputs.items.length).toBeGreaterThan(0);
  expect(expected.items.length).toBe(inputs.items.length);
  return { inputs: inputs.items, expected: expected.items };
}

test('a block mints what the chain mints at that issuance', () => {
  const { inputs, expected } = read('block-emission-by-issuance');
  const cases = inputs.map(({ issuance = '' }, at) => ({ issued: BigInt(issuance), reward: expected[at] }));
  // A ledger never issues more than its cap: genesis refuses it.
  expect(cases.filter(({ issued }) => issued > CAP).map(({ reward }) => reward)).toEqual(['0', '0']);
  for (const { issued, reward } of cases.filter((each) => each.issued <= CAP)) {
    const ledger = issuedLedger(issued);
    const { minted } = done(ledger.decide((state) => produceBlock(state, 0)));
    expect(String(minted), `at ${issued}`).toBe(reward);
    expect(-ledger.book.posted(ledger.asset, 'mint')).toBe(issued + minted);
  }
});

/** A ledger of which so much is issued, with one market. */
function issuedLedger(issued: bigint): Ledger {
  const accounts = issued === 0n ? [] : [{ account: 'owner', amount: issued }];
  const ledger = newLedger({ ...testGenesis, cap: CAP, blockReward: TAO, halving: 'ByIssuance', accounts });
  done(put(ledger, 'sp500'));
  return ledger;
}

test('what all blocks of many halvings come to', () => {
  const { inputs, expected } = read('issuance-after-100-halvings');
  for (const [at, { steps = '', blocks_per_step: blocks = '' }] of inputs.entries()) {
    let issued = 0n;
    for (let step = 0; step < Number(steps); step += 1) {
      const { minted } = done(issuedLedger(issued).decide((state) => produceBlock(state, 0)));
      issued += minted * BigInt(blocks);
    }
    expect(String(issued)).toBe(expected[at]);
  }
});

test('an epoch is due when the chain says', () => {
  const { inputs, expected } = read('epoch-schedule');
  const { subnet } = done(put(newLedger(), 'sp500'));
  const { policy } = subnet.active;
  const safe = (text = ''): boolean => Number.isSafeInteger(Number(text));
  const cases = inputs.map((item, at) => ({ item, wait: expected[at] ?? '' }));
  // Subnets of this network have a tempo of 1 at least and blocks that a number holds.
  const known = cases.filter(({ item }) => item['tempo'] !== '0' && safe(item['block']));
  expect(known.length).toBeGreaterThanOrEqual(7);
  for (const { item, wait } of known) {
    const [tempo, block] = [Number(item['tempo']), Number(item['block'])];
    const active = {
      ...subnet.active,
      policy: { ...policy, hyperparameters: { ...policy.hyperparameters, tempo } },
    };
    const started = { ...subnet, active, startBlock: Number(item['last_epoch_block']) };
    expect(Math.max(0, nextEpochBlock(started) - block)).toBe(Number(wait));
    expect(isEpochDue(started, block)).toBe(wait === '0');
  }
});
