import { EmissionPath, type EmissionOutlook } from '@subnetes/consensus/projection/emission-path';
import { utilityShare } from '@subnetes/consensus/projection/utility-share';
import { expect, test } from 'vitest';
import { BURNED, potOf } from '#domain/book/account.ts';
import type { EmissionPolicy, Genesis } from '#domain/economy/genesis.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { createHold, postHold } from '#domain/economy/money-orders.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { done, forecast, newLedger, produce, put, TAO, testGenesis } from '#test/ledger-state.ts';
import { unpaid } from '#test/simulated-scoring.ts';
import { outlookOf } from './emission-outlook.ts';

const genesisOf = (emissionPolicy: EmissionPolicy): Genesis => ({
  ...testGenesis,
  cap: 22_400n * TAO, // a halving after a hundred blocks
  emissionPolicy,
});

const pot = (ledger: Ledger): bigint => ledger.book.posted('TAO', potOf(1));
const over = (outlook: EmissionOutlook, blocks: number): bigint => new EmissionPath(outlook, blocks).next(blocks);

/** Burns the network fee of a market's use. */
function use(ledger: Ledger, netuid: number, fee: bigint, id: string): void {
  const held = { id, account: 'billing:shop', amount: fee + 1n, expiresAtBlock: ledger.block + 1 };
  done(ledger.decide((state) => createHold(state, held)));
  const parts = [
    { to: 'owner', amount: 1n, code: 'usage-owner' },
    { to: BURNED, amount: fee, code: 'usage-network', netuid },
  ];
  done(ledger.decide((state) => postHold(state, { id: `p${id}`, holdId: id, parts, close: true })));
}

/** Blocks without epochs: what is in the pot stays there. */
function markets(policy: EmissionPolicy, count = 3): Ledger {
  const ledger = newLedger(genesisOf(policy));
  const hyperparameters = { tempo: 2000 };
  for (const handle of ['a', 'b', 'c', 'd'].slice(0, count)) {
    done(put(ledger, handle, { policy: { hyperparameters, mechanisms: [forecast] } }));
  }
  return ledger;
}

test('equal parts are known to the rao, whoever gets the odd ones, and nothing is open', () => {
  const ledger = markets({ name: 'Equal', version: 1 });
  produce(ledger, 10);
  const { method, emission } = outlookOf(ledger, 1);
  const before = pot(ledger);
  produce(ledger, 300);
  expect(method).toBe('Determined');
  for (const outlook of [emission.low, emission.mean, emission.high])
    expect(over(outlook, 300)).toBe(pot(ledger) - before);
});

test('use that ends brings what it was told to bring, a rao a block off at most', () => {
  const ledger = markets({ name: 'Utility', version: 1, smoothingBlocks: 20, fromBlock: 15 });
  use(ledger, 1, 6n * TAO, '1');
  use(ledger, 2, 4n * TAO, '2');
  produce(ledger, 3);
  const { method, emission } = outlookOf(ledger, 1);
  expect(method).toBe('UseEnds');
  const allEnd = { ...emission.low, share: bothEnd(ledger) };
  const before = pot(ledger);
  const blocks = 250;
  const projected = over(allEnd, blocks);
  produce(ledger, blocks);
  const happened = pot(ledger) - before;
  const off = projected > happened ? projected - happened : happened - projected;
  expect(off).toBeLessThanOrEqual(BigInt(blocks));
  expect(over(emission.low, blocks)).toBeLessThan(over(emission.mean, blocks));
  expect(over(emission.mean, blocks)).toBeLessThanOrEqual(over(emission.high, blocks));
});

/** The share of the first market where nobody uses anything any more. */
function bothEnd(ledger: Ledger): EmissionOutlook['share'] {
  const waiting = (netuid: number): bigint => ledger.use.get(String(netuid))?.waiting ?? 0n;
  const outlook = {
    own: waiting(1),
    others: waiting(2),
    subnets: 3n,
    smoothingBlocks: 20n,
    equalBlocks: 14 - ledger.block,
  };
  return () => utilityShare(outlook, { ownGoesOn: false, othersGoOn: false });
}

test('the root network’s epochs of late are low and high, and the newest one is mean', () => {
  const ledger = markets({ name: 'RootWeights', version: 1, tempo: 10 }, 2);
  const shares = [400_000, 700_000, 600_000];
  for (const [at, share] of shares.entries()) {
    const [sealed] = produce(ledger, at === 0 ? 10 : 9).filter(({ netuid }) => netuid === 0);
    if (sealed === undefined) throw new Error('the root network has an epoch every ten blocks');
    const parts = [
      { netuid: 1, sharePpm: share },
      { netuid: 2, sharePpm: 1_000_000 - share },
    ];
    done(ledger.decide((state) => payEpoch(state, { ...unpaid(sealed), shares: parts })));
    produce(ledger, 1);
  }
  const { basis, method, emission } = outlookOf(ledger, 1);
  expect([basis, method]).toEqual(['RootWeights', 'RecentRootEpochs']);
  const [low, mean, high] = [emission.low, emission.mean, emission.high].map((outlook) => over(outlook, 10));
  expect([low, mean, high]).toEqual([4n * TAO, 6n * TAO, 7n * TAO]);
  const before = pot(ledger);
  produce(ledger, 5);
  expect(pot(ledger) - before).toBe(3n * TAO);
});

test('a subnet that is held gets nothing of the blocks to come', () => {
  const ledger = markets({ name: 'Equal', version: 1 }, 1);
  done(put(ledger, 'held', { emission: 'Held' }));
  expect(over(outlookOf(ledger, 2).emission.high, 100)).toBe(0n);
});
