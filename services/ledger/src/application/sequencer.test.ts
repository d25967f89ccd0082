import { expect, test } from 'vitest';
import { refuse } from '#domain/book/refusal.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import { submitTransfer, transferKey } from '#domain/economy/money-orders.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { expectConserved, testGenesis, testHashes } from '#test/ledger-state.ts';
import { openLedger } from './open-ledger.ts';
import { type Batch, CommitUnknown, Fenced, type JournalStore, LedgerUnavailable, StoreUnavailable } from './ports.ts';
import { BATCH_MAX, QUEUE_MAX, type Sequencer } from './sequencer.ts';

interface Opened {
  readonly sequencer: Sequencer;
  readonly halts: unknown[];
}

async function open(store: JournalStore, retryDelay: () => Promise<void> = async () => {}): Promise<Opened> {
  const halts: unknown[] = [];
  const sequencer = await openLedger({
    store,
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay,
    onHalt: (cause) => halts.push(cause),
  });
  return { sequencer, halts };
}

const transfer = (sequencer: Sequencer, id: string, amount = 1n) =>
  sequencer.submit({
    keys: [transferKey(id)],
    run: (ledger) => submitTransfer(ledger, { id, from: 'billing:shop', to: 'desk', amount, code: '' }),
  });

const block = (sequencer: Sequencer) => sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });

/** A store that fails at the wanted append, before or after it was done. */
function failing(
  inner: JournalStore,
  fail: (appends: number) => 'before' | 'after' | 'no',
): JournalStore & { readonly appends: () => number } {
  let appends = 0;
  const append = async (batch: Batch): Promise<void> => {
    appends += 1;
    const when = fail(appends);
    if (when === 'before') throw new StoreUnavailable('gone');
    await inner.append(batch);
    if (when === 'after') throw new CommitUnknown('no answer');
  };
  return { ...inner, append, appends: () => appends };
}

test('commands that wait share a commit, and each gets its own answer', async () => {
  const store = failing(memoryJournal(), () => 'no');
  const { sequencer } = await open(store);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => transfer(sequencer, `t${index}`)));
  expect(store.appends()).toBe(2);
  expect(answers.map((answer) => answer.ok && answer.value.sequence)).toEqual(answers.map((_, index) => index + 2));
});

test('a batch is limited', async () => {
  const store = failing(memoryJournal(), () => 'no');
  const { sequencer } = await open(store);
  await Promise.all(Array.from({ length: BATCH_MAX + 1 }, (_, index) => transfer(sequencer, `t${index}`)));
  expect(store.appends()).toBe(3);
});

test('a poisoned command in a batch fails alone', async () => {
  const { sequencer } = await open(memoryJournal());
  const [first, refused, last] = await Promise.all([
    transfer(sequencer, 'a'),
    transfer(sequencer, 'b', 10n ** 30n),
    transfer(sequencer, 'c'),
  ]);
  expect([first.ok, refused.ok, last.ok]).toEqual([true, false, true]);
  await sequencer.read(expectConserved);
});

test('the same transfer a hundred times at once is booked once', async () => {
  const { sequencer } = await open(memoryJournal());
  const answers = await Promise.all(Array.from({ length: 100 }, () => transfer(sequencer, 'same', 7n)));
  expect(answers.filter((answer) => answer.ok && !answer.value.repeated)).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.ok && answer.value.sequence)).size).toBe(1);
  expect((await transfer(sequencer, 'same', 7n)).ok).toBe(true);
  expect(await transfer(sequencer, 'same', 8n)).toMatchObject({ code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
});

test('two hundred spenders of a balance for one: one succeeds', async () => {
  const { sequencer } = await open(memoryJournal());
  const all = await sequencer.read((ledger) => ledger.book.posted('TAO', 'billing:shop'));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => transfer(sequencer, `s${index}`, all)));
  expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
});

test.for(['before', 'after'] as const)(
  'a commit whose connection is lost %s it was done is neither lost nor doubled',
  async (when) => {
    const database = memoryDatabase();
    const store = failing(memoryJournal(database), (appends) => (appends % 3 === 2 ? when : 'no'));
    const { sequencer, halts } = await open(store);
    for (let index = 0; index < 20; index += 1) {
      expect(await transfer(sequencer, `t${index}`)).toMatchObject({ ok: true, value: { repeated: false } });
    }
    expect(halts).toEqual([]);
    expect(database.entries.map(({ sequence }) => sequence)).toEqual(database.entries.map((_, index) => index + 1));
    expect(database.accounts.get('TAO/billing:shop')?.posted).toBe(100_000_000_000n - 20n);
  },
);

test('while the store is away new commands and reads are turned away, and what was taken is done when it is back', async () => {
  const back = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<void>();
  const store = failing(memoryJournal(), (appends) => (appends === 2 ? 'before' : 'no'));
  const { sequencer } = await open(store, () => {
    waits.resolve();
    return back.promise;
  });
  const taken = transfer(sequencer, 'a');
  await waits.promise;
  expect(sequencer.isServing).toBe(false);
  await expect(transfer(sequencer, 'b')).rejects.toThrow(LedgerUnavailable);
  await expect(sequencer.read((ledger) => ledger.block)).rejects.toThrow(LedgerUnavailable);
  back.resolve();
  expect(await taken).toMatchObject({ ok: true });
  expect(sequencer.isServing).toBe(true);
});

test('a writer that was replaced halts at its next batch and answers nothing', async () => {
  const database = memoryDatabase();
  const old = await open(memoryJournal(database));
  const next = await open(memoryJournal(database));
  await expect(transfer(old.sequencer, 'a')).rejects.toThrow(LedgerUnavailable);
  expect(old.halts[0]).toBeInstanceOf(Fenced);
  await expect(old.sequencer.read((ledger) => ledger.block)).rejects.toThrow(LedgerUnavailable);
  expect(await transfer(next.sequencer, 'a')).toMatchObject({ ok: true });
  expect(next.halts).toEqual([]);
});

test('a bug in a command halts the ledger instead of storing what it left', async () => {
  const database = memoryDatabase();
  const { sequencer, halts } = await open(memoryJournal(database));
  const broken = sequencer.submit({
    run: () => {
      throw new Error('a bug');
    },
  });
  await expect(broken).rejects.toThrow(LedgerUnavailable);
  expect(halts).toHaveLength(1);
  expect(database.entries).toHaveLength(1);
});

test('reads see what is stored, never what is under way', async () => {
  const release = Promise.withResolvers<void>();
  const inner = memoryJournal();
  let isSlow = false;
  const append = async (batch: Batch): Promise<void> => {
    if (isSlow) await release.promise;
    await inner.append(batch);
  };
  const { sequencer } = await open({ ...inner, append });
  isSlow = true;
  const order: string[] = [];
  const produced = block(sequencer).then(() => order.push('answered'));
  await settled();
  const read = sequencer.read((ledger) => ledger.block).then((height) => order.push(`read ${height}`));
  release.resolve();
  await Promise.all([produced, read]);
  expect(order).toContain('read 1');
});

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
  const opening = open(store);
  await asked;
  gates.shift()?.resolve();
  return { ...(await opening), gates, nextAsked };
}

/** All that can happen without the store has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

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
    const { sequencer, halts } = await open({ ...inner, append });
    const ids = Array.from({ length: 3 * BATCH_MAX }, (_, index) => `t${index}`);
    const answers = await Promise.all(ids.map((id) => transfer(sequencer, id)));
    expect(answers.every((answer) => answer.ok && !answer.value.repeated)).toBe(true);
    expect(database.entries.map(({ sequence }) => sequence)).toEqual([1, ...ids.map((_, index) => index + 2)]);
    expect(halts).toEqual([]);
    await sequencer.read(expectConserved);
  },
);

test('a queue that is full turns away, and goes on when there is room', async () => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const inner = memoryJournal();
  const findClaims = async () => {
    asked.resolve();
    await release.promise;
    return new Map();
  };
  const { sequencer } = await open({ ...inner, findClaims });
  const submit = () => sequencer.submit({ keys: ['k'], run: () => refuse('INVALID_ARGUMENT', 'no') });
  const first = submit();
  await asked.promise;
  const waiting = Array.from({ length: QUEUE_MAX }, submit);
  await expect(submit()).rejects.toThrow(LedgerUnavailable);
  release.resolve();
  await Promise.all([first, ...waiting]);
  expect(await submit()).toMatchObject({ ok: false });
});

test('a restart goes on where the journal ends, without replaying it', async () => {
  const database = memoryDatabase();
  const first = await open(memoryJournal(database));
  await block(first.sequencer);
  await transfer(first.sequencer, 'a');
  await first.sequencer.close();
  await expect(transfer(first.sequencer, 'b')).rejects.toThrow(LedgerUnavailable);
  const second = await open(memoryJournal(database));
  expect(await second.sequencer.read((ledger) => [ledger.block, ledger.journal.head.sequence])).toEqual([1, 3]);
  expect(await transfer(second.sequencer, 'a')).toMatchObject({ ok: true, value: { repeated: true } });
  await second.sequencer.read(expectConserved);
});

test('another genesis is refused with both network ids', async () => {
  const database = memoryDatabase();
  await open(memoryJournal(database));
  const other = openLedger({
    store: memoryJournal(database),
    genesis: { ...testGenesis, networkId: 'b'.repeat(64) },
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: async () => {},
    onHalt: () => {},
  });
  await expect(other).rejects.toThrow(/began as network a{64}.*is network b{64}/);
});
