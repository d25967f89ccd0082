import { expect, test } from 'vitest';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { expectConserved } from '#test/ledger-state.ts';
import { block, failing, openSequencer, settled, transfer } from '#test/open-sequencer.ts';
import { type Batch, type JournalStore, LedgerUnavailable } from './ports.ts';
import { BATCH_MAX } from './sequencer.ts';

/** A store whose appends wait until they are let go, one by one. */
function gated(inner: JournalStore) {
  const gates: PromiseWithResolvers<void>[] = [];
  const asked: (() => void)[] = [];
  const append = async (batch: Batch): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    asked.shift()?.();
    await gate.promise;
    await inner.append(batch);
  };
  return {
    store: { ...inner, append },
    gates,
    /** Resolves when the store is asked the next time. */
    nextAsked: () => new Promise<void>((resolve) => asked.push(resolve)),
  };
}

/** A ledger whose genesis is stored, and whose next batches wait at their gates. */
async function openGated() {
  const { store, gates, nextAsked } = gated(memoryJournal());
  const asked = nextAsked();
  const opening = openSequencer(store);
  await asked;
  gates.shift()?.resolve();
  return { ...(await opening), gates, nextAsked };
}

test('the next batch is on its way before the store has answered, no third one is, and answers come in order', async () => {
  const { sequencer, gates, nextAsked } = await openGated();
  const order: string[] = [];
  const send = (name: string) => transfer(sequencer, name).then(() => order.push(name));
  const sent: Promise<number>[] = [];
  for (const name of ['a', 'b']) {
    const asked = nextAsked();
    sent.push(send(name));
    await asked;
  }
  sent.push(send('c'));
  await settled();
  expect([gates.length, order]).toEqual([2, []]);
  const asked = nextAsked();
  gates[0]?.resolve();
  await asked;
  await settled();
  expect([gates.length, order]).toEqual([3, ['a']]);
  for (const gate of gates) gate.resolve();
  await Promise.all(sent);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('a repeat of what is not stored yet, and a refusal that follows from it, are told when it is', async () => {
  const { sequencer, gates, nextAsked } = await openGated();
  const all = await sequencer.read((ledger) => ledger.book.posted('TAO', 'billing:shop'));
  const asked = nextAsked();
  const first = transfer(sequencer, 'a', all);
  await asked;
  const told: unknown[] = [];
  const repeated = transfer(sequencer, 'a', all).then((answer) => told.push(answer));
  const refused = transfer(sequencer, 'b').then((answer) => told.push(answer));
  await settled();
  expect(told).toEqual([]);
  gates[0]?.resolve();
  await Promise.all([first, repeated, refused]);
  expect(told).toMatchObject([{ ok: true, value: { repeated: true } }, { code: 'INSUFFICIENT_FUNDS' }]);
});

test('a read that comes while two batches are under way sees both, and nothing that was asked later', async () => {
  const { sequencer, gates, nextAsked } = await openGated();
  for (let at = 0; at < 2; at += 1) {
    const asked = nextAsked();
    void block(sequencer);
    await asked;
  }
  const read = sequencer.read((ledger) => ledger.block);
  const later = block(sequencer);
  await settled();
  for (const gate of gates) gate.resolve();
  const asked = nextAsked();
  expect(await read).toBe(2);
  await asked;
  gates[2]?.resolve();
  expect(await later).toMatchObject({ value: { block: 3 } });
});

test('a bug in a command lets the batch before it be stored and answered', async () => {
  const { sequencer, gates, nextAsked, halts } = await openGated();
  const asked = nextAsked();
  const first = transfer(sequencer, 'a');
  await asked;
  const broken = sequencer.submit({
    run: () => {
      throw new Error('a bug');
    },
  });
  await expect(broken).rejects.toThrow(LedgerUnavailable);
  gates[0]?.resolve();
  expect(await first).toMatchObject({ ok: true });
  expect(halts).toHaveLength(1);
});

test.for([
  ['before', 2],
  ['after', 2],
  ['before', 3],
  ['after', 3],
] as const)(
  'a connection that is lost %s batch %i was stored loses and doubles nothing of the others',
  async ([when, at]) => {
    const database = memoryDatabase();
    const inner = memoryJournal(database);
    const turn = failing(inner, (appends) => (appends === at ? when : 'no'));
    const append = (batch: Batch) => settled().then(() => turn.append(batch));
    const { sequencer, halts } = await openSequencer({ ...inner, append });
    const ids = Array.from({ length: 3 * BATCH_MAX }, (_, index) => `t${index}`);
    const answers = await Promise.all(ids.map((id) => transfer(sequencer, id)));
    expect(answers.every((answer) => answer.ok && !answer.value.repeated)).toBe(true);
    expect(database.entries.map(({ sequence }) => sequence)).toEqual([1, ...ids.map((_, index) => index + 2)]);
    expect(halts).toEqual([]);
    await sequencer.read(expectConserved);
  },
);
