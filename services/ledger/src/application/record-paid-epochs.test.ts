import { expect, test } from 'vitest';
import { memoryAccountHistory } from '#adapters/memory-account-history.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import { putSubnet } from '#domain/economy/put-subnet.ts';
import { causeOf, mandateOf, TAO, testHashes, testPolicy } from '#test/ledger-state.ts';
import { genesisWithTokens } from '#test/pool-state.ts';
import { EpochBalances } from './epoch-balances.ts';
import { ledgerHashes, openLedger } from './open-ledger.ts';
import { recordPaidEpochs } from './record-paid-epochs.ts';

test('a subnet that is refused after it was begun, beside a block, is nothing to record', async () => {
  const database = memoryDatabase();
  const store = memoryJournal(database);
  const sequencer = await openLedger({
    store,
    // More than its owner has.
    genesis: genesisWithTokens({ initialLiquidity: 2000n * TAO }),
    hashes: ledgerHashes(testHashes.registrationId),
    monotonicMs: () => performance.now(),
    retryDelay: async () => {},
    onHalt: () => {},
  });
  const stop = new AbortController();
  const failures: unknown[] = [];
  const recording = recordPaidEpochs({
    sequencer,
    balances: new EpochBalances({ sequencer, store, history: memoryAccountHistory(database), pause: async () => {} }),
    everyMs: () => 0,
    sleep: (_ms, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    signal: stop.signal,
    onFailure: (error) => failures.push(error),
  });
  const wanted = {
    netuid: 0,
    handle: 'sp500',
    policy: testPolicy,
    emission: 'Started',
    registration: 'Open',
    mandate: mandateOf('owner'),
    cause: causeOf('sp500', { kind: 'Subnet' }),
  } as const;
  const decided = await sequencer.submitAll<unknown>([
    { run: (ledger) => putSubnet(ledger, wanted) },
    { run: (ledger) => produceBlock(ledger, 0) },
  ]);
  expect(decided).toMatchObject([{ ok: false, code: 'INSUFFICIENT_FUNDS' }, { ok: true }]);
  stop.abort();
  await recording;
  expect([sequencer.isServing, failures]).toEqual([true, []]);
  await sequencer.close();
});
