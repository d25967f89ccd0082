import { noteSigner } from '@subnetes/transparency/note-signer';
import { expect, test } from 'vitest';
import { bareEntry } from '#test/bare-entry.ts';
import { memoryDatabase } from '#adapters/memory-journal.ts';
import { emptyMemoryTree, memoryTree } from '#adapters/memory-tree.ts';
import { followJournal } from './follow-journal.ts';
import { JournalTree, TreeBroken } from './journal-tree.ts';
import { CommitUnknown, StoreUnavailable } from './ports.ts';
import type { TreeStore } from './tree-store.ts';

/** A journal that gains an entry with each block, and its tree; `change` gives the store faults. */
function world(change: (store: TreeStore) => Partial<TreeStore> = () => ({})) {
  const [database, memory] = [memoryDatabase(), emptyMemoryTree()];
  const honest = memoryTree(database, memory);
  const signer = noteSigner('ledger.example/test', new Uint8Array(32).fill(7));
  if (!signer.ok) throw new Error(signer.message);
  const tree = new JournalTree({
    store: { ...honest, ...change(honest) },
    origin: 'ledger.example/test',
    signer: signer.value,
    pause: async () => {},
  });
  const stop = new AbortController();
  const seen = { signed: [] as number[], failures: 0, block: 0 };
  const write = (): void => {
    const sequence = database.entries.length + 1;
    database.entries.push({ ...bareEntry(sequence), block: sequence });
  };
  const run = (blocks: number): Promise<void> =>
    followJournal({
      tree,
      readBlock: async () => seen.block,
      checkpointBlocks: 3,
      everyMs: () => 1,
      // A round is a block: the clock of this test is the loop itself.
      sleep: async () => {
        if (seen.block === blocks) return stop.abort();
        seen.block += 1;
        write();
      },
      signal: stop.signal,
      onSigned: (size) => seen.signed.push(size),
      onFailure: () => {
        seen.failures += 1;
      },
    });
  return { run, seen, memory, database };
}

test('the tree follows the journal and is signed every so many blocks', async () => {
  const { run, seen, memory } = world();
  await run(10);
  expect(memory.position.size).toBe(10);
  expect(seen).toMatchObject({ signed: [3, 6, 9], failures: 0 });
  expect(memory.checkpoint?.size).toBe(9);
});

test.for([
  ['nothing was stored', StoreUnavailable, false],
  ['no answer came, and nothing was stored', CommitUnknown, false],
  ['no answer came, and it was stored', CommitUnknown, true],
] as const)('an outage delays the tree and spoils nothing: %s', async ([, Outage, isStored]) => {
  let calls = 0;
  const { run, seen, memory } = world((store) => ({
    async grow(growth) {
      calls += 1;
      if (calls % 2 === 1) {
        if (isStored) await store.grow(growth);
        throw new Outage('away');
      }
      await store.grow(growth);
    },
  }));
  await run(10);
  expect(seen.failures).toBeGreaterThan(2);
  expect(memory.position.size).toBeGreaterThanOrEqual(8);
  const undisturbed = world();
  await undisturbed.run(memory.position.size);
  expect(memory.position).toEqual(undisturbed.memory.position);
});

test('a journal with a hole is not indexed over', async () => {
  const { run, database } = world();
  database.entries.push(bareEntry(1), bareEntry(3));
  await expect(run(5)).rejects.toThrow(TreeBroken);
});
