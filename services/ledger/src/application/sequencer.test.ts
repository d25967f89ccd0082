import { expect, test } from 'vitest';
import { CLAIMS_REMEMBERED } from '#domain/book/claims.ts';
import { refuse } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { submitTransfer } from '#domain/economy/money-orders.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { expectConserved, testGenesis, testHashes } from '#test/ledger-state.ts';
import { block, failing, openSequencer, settled, transfer } from '#test/open-sequencer.ts';
import { openLedger } from './open-ledger.ts';
import { type Batch, Fenced, LedgerUnavailable } from './ports.ts';
import { BATCH_MAX, QUEUE_MAX } from './sequencer.ts';
import { learnTakenKeys } from './taken-keys.ts';

test('commands that wait share a commit, and each gets its own answer', async () => {
  const store = failing(memoryJournal(), () => 'no');
  const { sequencer } = await openSequencer(store);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => transfer(sequencer, `t${index}`)));
  expect(store.appends()).toBe(2);
  expect(answers.map((answer) => answer.ok && answer.value.sequence)).toEqual(answers.map((_, index) => index + 2));
});

test('commands of several calls that reach the process together share a commit', async () => {
  const store = failing(memoryJournal(), () => 'no');
  const { sequencer } = await openSequencer(store, undefined, () => settled().then(() => undefined));
  const answers: Promise<unknown>[] = [];
  // As handlers of calls that came with one reading of a socket: each after a few microtasks of its own.
  for (let call = 0; call < 20; call += 1) {
    answers.push(transfer(sequencer, `t${call}`));
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
  }
  await Promise.all(answers);
  expect(store.appends()).toBe(2);
});

test('a batch is limited, and what waits is shared among those that may be under way', async () => {
  const inner = memoryJournal();
  const gate = Promise.withResolvers<void>();
  const sizes: number[] = [];
  const append = async (batch: Batch): Promise<void> => {
    sizes.push(batch.entries.length);
    if (batch.previous.sequence > 0) await gate.promise;
    await inner.append(batch);
  };
  const { sequencer } = await openSequencer({ ...inner, append });
  const send = (count: number, name: string) =>
    Promise.all(Array.from({ length: count }, (_, index) => transfer(sequencer, `${name}${index}`)));
  const first = send(201, 'a');
  await settled();
  expect(sizes.splice(0)).toEqual([1, 101, 100]);
  const second = send(2 * BATCH_MAX + 1, 'b');
  gate.resolve();
  await Promise.all([first, second]);
  expect(Math.max(...sizes)).toBe(BATCH_MAX);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2 * BATCH_MAX + 1);
});

test('a poisoned command in a batch fails alone', async () => {
  const { sequencer } = await openSequencer(memoryJournal());
  const [first, refused, last] = await Promise.all([
    transfer(sequencer, 'a'),
    transfer(sequencer, 'b', 10n ** 30n),
    transfer(sequencer, 'c'),
  ]);
  expect([first.ok, refused.ok, last.ok]).toEqual([true, false, true]);
  await sequencer.read(expectConserved);
});

test('the same transfer a hundred times at once is booked once', async () => {
  const { sequencer } = await openSequencer(memoryJournal());
  const answers = await Promise.all(Array.from({ length: 100 }, () => transfer(sequencer, 'same', 7n)));
  expect(answers.filter((answer) => answer.ok && !answer.value.repeated)).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.ok && answer.value.sequence)).size).toBe(1);
  expect((await transfer(sequencer, 'same', 7n)).ok).toBe(true);
  expect(await transfer(sequencer, 'same', 8n)).toMatchObject({ code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
});

test('two hundred spenders of a balance for one: one succeeds', async () => {
  const { sequencer } = await openSequencer(memoryJournal());
  const all = await sequencer.read((ledger) => ledger.book.posted('TAO', 'billing:shop'));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => transfer(sequencer, `s${index}`, all)));
  expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
});

test.for(['before', 'after'] as const)(
  'a commit whose connection is lost %s it was done is neither lost nor doubled',
  async (when) => {
    const database = memoryDatabase();
    const store = failing(memoryJournal(database), (appends) => (appends % 3 === 2 ? when : 'no'));
    const { sequencer, halts } = await openSequencer(store);
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
  const { sequencer } = await openSequencer(store, () => {
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
  const old = await openSequencer(memoryJournal(database));
  const next = await openSequencer(memoryJournal(database));
  await expect(transfer(old.sequencer, 'a')).rejects.toThrow(LedgerUnavailable);
  expect(old.halts[0]).toBeInstanceOf(Fenced);
  await expect(old.sequencer.read((ledger) => ledger.block)).rejects.toThrow(LedgerUnavailable);
  expect(await transfer(next.sequencer, 'a')).toMatchObject({ ok: true });
  expect(next.halts).toEqual([]);
});

test('a bug in a command halts the ledger instead of storing what it left', async () => {
  const database = memoryDatabase();
  const { sequencer, halts } = await openSequencer(memoryJournal(database));
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
  const { sequencer } = await openSequencer({ ...inner, append });
  isSlow = true;
  const order: string[] = [];
  const produced = block(sequencer).then(() => order.push('answered'));
  await settled();
  const read = sequencer.read((ledger) => ledger.block).then((height) => order.push(`read ${height}`));
  release.resolve();
  await Promise.all([produced, read]);
  expect(order).toContain('read 1');
});

test('a queue that is full turns away, and goes on when there is room', async () => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const database = memoryDatabase();
  // Not the first process on it: keys are looked up.
  await (await openSequencer(memoryJournal(database))).sequencer.close();
  const inner = memoryJournal(database);
  const findClaims = async () => {
    asked.resolve();
    await release.promise;
    return new Map();
  };
  const { sequencer } = await openSequencer({ ...inner, findClaims });
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
  const first = await openSequencer(memoryJournal(database));
  await block(first.sequencer);
  await transfer(first.sequencer, 'a');
  await first.sequencer.close();
  await expect(transfer(first.sequencer, 'b')).rejects.toThrow(LedgerUnavailable);
  const second = await openSequencer(memoryJournal(database));
  expect(await second.sequencer.read((ledger) => [ledger.block, ledger.journal.head.sequence])).toEqual([1, 3]);
  expect(await transfer(second.sequencer, 'a')).toMatchObject({ ok: true, value: { repeated: true } });
  await second.sequencer.read(expectConserved);
});

test('once all keys are learnt the store is asked for those alone that it may have', async () => {
  const database = memoryDatabase();
  const first = await openSequencer(memoryJournal(database));
  await transfer(first.sequencer, 'a');
  await first.sequencer.close();
  const inner = memoryJournal(database);
  const asked: string[] = [];
  const findClaims = async (keys: readonly string[]) => {
    asked.push(...keys);
    return inner.findClaims(keys);
  };
  const { sequencer } = await openSequencer({ ...inner, findClaims });
  await transfer(sequencer, 'b');
  expect(asked.splice(0)).toEqual(['transfer:b']);
  const options = { pause: async () => {}, signal: new AbortController().signal, onLearnt: () => {} };
  await learnTakenKeys({ ...options, store: inner, taken: sequencer.taken });
  await transfer(sequencer, 'c');
  expect(asked).toEqual([]);
  for (const id of ['a', 'b', 'c']) {
    expect(await transfer(sequencer, id)).toMatchObject({ ok: true, value: { repeated: true } });
    expect(await transfer(sequencer, id, 2n)).toMatchObject({ ok: false, code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
  }
  expect(new Set(asked)).toEqual(new Set(['transfer:a'])); // the others are still in memory
});

test('a key that was taken and is no longer in memory is looked for', async () => {
  const { sequencer } = await openSequencer(memoryJournal());
  await transfer(sequencer, 'first');
  const refill = (from: number) =>
    Array.from({ length: CLAIMS_REMEMBERED / 2 + 1 }, (_, at) => ({
      run: (ledger: Ledger) =>
        submitTransfer(ledger, { id: `t${from + at}`, from: 'billing:shop', to: 'desk', amount: 1n, code: '' }),
    }));
  for (const turn of [0, 1, 2, 3]) await sequencer.submitAll(refill(turn * CLAIMS_REMEMBERED));
  await block(sequencer); // what is stored is forgotten with the next batch
  expect(await sequencer.read((ledger) => ledger.claims.find('transfer:first'))).toBeUndefined();
  expect(await transfer(sequencer, 'first')).toMatchObject({ ok: true, value: { repeated: true } });
});

test('another genesis is refused with both network ids', async () => {
  const database = memoryDatabase();
  await openSequencer(memoryJournal(database));
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
