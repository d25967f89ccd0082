import { verifyBalance } from '@subnetes/transparency/balance-tree';
import { expect, test } from 'vitest';
import { produceBlock } from '#domain/economy/emission.ts';
import { payEpoch, type ScoredEpoch } from '#domain/economy/payout.ts';
import { putSubnet } from '#domain/economy/put-subnet.ts';
import { memoryAccountHistory } from '#adapters/memory-account-history.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { causeOf, done, mandateOf, testGenesis, testHashes, testPolicy } from '#test/ledger-state.ts';
import { EpochBalances } from './epoch-balances.ts';
import { openLedger } from './open-ledger.ts';
import { recordPaidEpochs } from './record-paid-epochs.ts';
import { StoreUnavailable } from './ports.ts';

/** A subnet whose epochs are paid by hand; nobody takes part, so the owner gets its cut and the rest waits. */
async function open() {
  const database = memoryDatabase();
  const store = memoryJournal(database);
  const sequencer = await openLedger({
    store,
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: async () => {},
    onHalt: (cause) => {
      throw cause;
    },
  });
  const history = memoryAccountHistory(database);
  const balances = new EpochBalances({ sequencer, history, store, pause: async () => {} });
  const put = {
    netuid: 0,
    handle: 'sp500',
    policy: testPolicy,
    emission: 'Started' as const,
    registration: 'Open' as const,
    mandate: mandateOf('owner'),
    cause: causeOf('sp500', { kind: 'Subnet' }),
  };
  done(await sequencer.submit({ run: (ledger) => putSubnet(ledger, put) }));
  return { sequencer, store, history, balances };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Produces blocks until an epoch is sealed, and pays it. */
async function pay({ sequencer }: Opened): Promise<{ readonly index: number; readonly sequence: number }> {
  for (;;) {
    const { sealed } = done(await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) }));
    const [epoch] = sealed;
    if (epoch === undefined) continue;
    const scored: ScoredEpoch = {
      netuid: epoch.netuid,
      index: epoch.index,
      dueSequence: epoch.sequence,
      inputsSha256: '1'.repeat(64),
      outputsSha256: '2'.repeat(64),
      neurons: [],
      shares: [],
    };
    const paid = done(await sequencer.submit({ run: (ledger) => payEpoch(ledger, scored) }));
    return { index: epoch.index, sequence: paid.sequence };
  }
}

test('the balances of a paid epoch are provable, whatever happened since', async () => {
  const opened = await open();
  const { balances, store, sequencer } = opened;
  const first = await pay(opened);
  const posted = () => sequencer.read((ledger) => ledger.book.posted('TAO', 'owner'));
  const before = await posted();
  await pay(opened);
  expect(await posted()).toBeGreaterThan(before);

  const recorded = done(await balances.record(1, first.index));
  const [entry] = await store.readEntries({ afterSequence: recorded - 1, limit: 1 });
  expect(entry).toMatchObject({ kind: 'Balances', postings: [] });
  const { root, sequence } = JSON.parse(entry?.payloadText ?? '') as {
    readonly root: string;
    readonly sequence: number;
  };
  expect(sequence).toBe(first.sequence);
  for (const [account, balance] of [
    ['owner', before],
    ['desk', 10_000n * 1_000_000_000n],
    ['nobody', 0n],
  ] as const) {
    const { proof, rootSequence } = done(await balances.prove(account, { netuid: 1, index: first.index }));
    expect(rootSequence).toBe(recorded);
    const expected = { root: Buffer.from(root, 'hex'), asset: 'TAO', account };
    expect(verifyBalance(proof, expected)).toEqual({ ok: true, value: { sequence: first.sequence, balance } });
  }
});

test('a root is written once, and only of an epoch that was paid', async () => {
  const opened = await open();
  const { index } = await pay(opened);
  const recorded = done(await opened.balances.record(1, index));
  expect(await opened.balances.record(1, index)).toEqual({ ok: true, value: recorded });
  expect(await opened.balances.record(1, index + 1)).toMatchObject({ ok: false, code: 'EPOCH_UNKNOWN' });
  const unpaid = await opened.balances.prove('owner', { netuid: 1, index: index + 1 });
  expect(unpaid).toMatchObject({ ok: false, code: 'EPOCH_UNKNOWN' });
  const next = await pay(opened);
  const early = await opened.balances.prove('owner', { netuid: 1, index: next.index });
  expect(early).toMatchObject({ ok: false, code: 'ENTRY_UNKNOWN' });
});

test('epochs are recorded as they are paid, those from before a start as well, and an outage is waited out', async () => {
  const opened = await open();
  const old = await pay(opened);
  const stop = new AbortController();
  const failures: unknown[] = [];
  let outages = 1;
  const flaky = new EpochBalances({
    ...opened,
    pause: async () => {},
    history: {
      ...opened.history,
      accountNames: async (query) => {
        outages -= 1;
        if (outages >= 0) throw new StoreUnavailable('gone');
        return opened.history.accountNames(query);
      },
    },
  });
  const running = recordPaidEpochs({
    sequencer: opened.sequencer,
    balances: flaky,
    everyMs: () => 1,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    signal: stop.signal,
    onFailure: (error) => failures.push(error),
  });
  const fresh = await pay(opened);
  const keys = [old, fresh].map(({ index }) => `balances:1:${index}`);
  while ((await opened.store.findClaims(keys)).size < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await running;
  expect(failures).toEqual([expect.any(StoreUnavailable)]);
});
