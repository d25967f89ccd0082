import { expect, test } from 'vitest';
import type { Refusal } from '#domain/book/refusal.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { putSubnet } from '#domain/economy/put-subnet.ts';
import { register } from '#domain/economy/registration.ts';
import { openLedger } from '#application/open-ledger.ts';
import { makePayEpoch, type ToldEpoch } from '#application/pay-epoch.ts';
import { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { causeOf, done, mandateOf, TAO, testHashes, testPolicy } from '#test/ledger-state.ts';
import { slashingGenesis } from '#test/slashing-market.ts';
import { memoryDatabase, memoryJournal } from './memory-journal.ts';

/** A network that slashes for deviation, with one validator, and what pays its epochs. */
async function market() {
  const sequencer = await openLedger({
    store: memoryJournal(memoryDatabase()),
    genesis: slashingGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: async () => {},
    onHalt: () => {},
  });
  const refused: Refusal[] = [];
  const pay = makePayEpoch({
    sequencer,
    isConserved: () => true,
    rule: { required: 0, keys: [] },
    networkId: new Uint8Array(32),
    unwitnessed: new UnwitnessedEpochs(),
    onEvidenceRefused: (_told, refusal) => refused.push(refusal),
  });
  const mandate = mandateOf('owner');
  const subnet = { netuid: 0, handle: 'sp500', policy: testPolicy, emission: 'Started', registration: 'Open' } as const;
  const cause = causeOf('sp500', { kind: 'Subnet' });
  done(await sequencer.submit({ run: (ledger) => putSubnet(ledger, { ...subnet, mandate, cause }) }));
  const terms = { netuid: 1, hotkey: 'v1', coldkey: 'desk', payer: 'desk', maxCost: TAO, attempt: 1 };
  const rest = { initialStake: 100n * TAO, mandate: null, cause: null };
  done(await sequencer.submit({ run: (ledger) => register(ledger, { ...terms, ...rest }) }));
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => sequencer.read(query);
  const seal = async (): Promise<ToldEpoch> => {
    for (;;) {
      const [sealed] = done(await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) })).sealed;
      if (sealed === undefined) continue;
      const { netuid, index, sequence: dueSequence } = sealed;
      const hashes = { inputsSha256: '1'.repeat(64), outputsSha256: '2'.repeat(64) };
      return { netuid, index, dueSequence, ...hashes, neurons: [], shares: [], witnesses: [] };
    }
  };
  return { pay, refused, read, seal };
}

test('evidence that comes with a paid epoch is reported once, however often it comes, and no payment waits for it', async () => {
  const { pay, refused, read, seal } = await market();
  const registrationId = await read((ledger) => ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '');
  const epochs = [1, 2, 3].map((index) => ({ index, inputsSha256: '1'.repeat(64), deviationPpm: 500_000 }));
  const told = { netuid: 1, registrationId, epochs };
  for (const _epoch of [1, 2]) done(await pay(await seal()));
  const third = { ...(await seal()), evidence: [{ ...told, epochs: epochs.slice(1) }, told] };
  expect(await pay(third)).toMatchObject({ ok: true, value: { repeated: false } });
  expect(refused.map(({ code }) => code)).toEqual(['EVIDENCE_INSUFFICIENT']);
  expect(await pay(third)).toMatchObject({ ok: true, value: { repeated: true } });
  const slashes = await read((ledger) => [...ledger.slashes.values()]);
  expect(slashes).toMatchObject([{ type: 'Deviation', hotkey: 'v1', instance: '1-3', measured: 500_000 }]);
});
