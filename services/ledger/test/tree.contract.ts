import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { noteSigner } from '@subnetes/transparency/note-signer';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { leafHash } from '@subnetes/transparency/tree-hash';
import { judgeCheckpoint, trustPolicy } from '@subnetes/transparency/trust-policy';
import { verifyConsistency, verifyInclusion } from '@subnetes/transparency/verify-proof';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { JournalTree, TREE_STEP_ENTRIES, TreeBroken } from '../src/application/journal-tree.ts';
import { Fenced, type JournalStore } from '../src/application/ports.ts';
import type { TreeStore } from '../src/application/tree-store.ts';
import { mint } from './journal.contract.ts';

const ORIGIN = 'ledger.example/test';
const SIGNER = signerOf(7);

/** What a back end offers to be judged. Each call of `open` is another process on the same, empty-at-first database. */
export interface TreeUnderTest {
  readonly open: () => Promise<{ readonly store: JournalStore; readonly treeStore: TreeStore }>;
  readonly close: () => Promise<void>;
  /** Runs SQL behind the store's back; undefined where there is none. */
  readonly tamper: ((statement: string) => Promise<void>) | undefined;
}

function signerOf(seed: number) {
  const signer = noteSigner(ORIGIN, new Uint8Array(32).fill(seed));
  if (!signer.ok) throw new Error(signer.message);
  return signer.value;
}

const treeOn = (treeStore: TreeStore) =>
  new JournalTree({ store: treeStore, origin: ORIGIN, signer: SIGNER, pause: async () => {} });

/** Appends entries to a journal in one batch; answers their hashes. */
async function append(store: JournalStore, count: number): Promise<readonly string[]> {
  const previous = await store.readHead();
  let head = previous;
  const batches = Array.from({ length: count }, () => {
    const written = mint(head, 1n);
    head = written.head;
    return written.batch;
  });
  const last = batches.at(-1);
  if (last === undefined) return [];
  const entries = batches.flatMap((batch) => batch.entries);
  await store.append({ ...last, previous, entries });
  return entries.map(({ hash }) => hash);
}

async function indexAll(tree: JournalTree): Promise<void> {
  while ((await tree.index()) > 0);
}

function rangeOf(hashes: readonly string[]): CompactRange {
  const range = CompactRange.empty();
  for (const [at, hash] of hashes.entries()) range.append(leafHash(entryLeaf(at + 1, hash)));
  return range;
}

/** What every store of the tree must do. */
export function treeContract(name: string, setUp: () => Promise<TreeUnderTest>): void {
  describe(`tree on ${name}`, () => {
    const opened: TreeUnderTest[] = [];
    let under: TreeUnderTest;
    beforeEach(async () => {
      under = await setUp();
      opened.push(under);
    });
    afterAll(async () => {
      for (const one of opened) await one.close();
    });

    async function openTree(entries: number) {
      const { store, treeStore } = await under.open();
      await store.takeOver();
      const hashes = await append(store, entries);
      return { store, treeStore, hashes, tree: treeOn(treeStore) };
    }

    test('an empty store has the empty tree, and nothing is signed', async () => {
      const { treeStore, tree } = await openTree(0);
      expect(await treeStore.readPosition()).toEqual({
        size: 0,
        root: Buffer.from(rangeOf([]).root()).toString('hex'),
      });
      expect(await treeStore.readTile({ level: 0, index: 0, width: 1 })).toBeUndefined();
      expect(await tree.index()).toBe(0);
      expect(await tree.sign()).toBeUndefined();
      expect(await tree.checkpoint()).toBeUndefined();
      expect(await tree.inclusion(1)).toBeUndefined();
    });

    test('a journal that was there before is indexed in steps, and what is signed is its tree', async () => {
      const { hashes, tree, treeStore } = await openTree(TREE_STEP_ENTRIES + 300);
      expect(await tree.index()).toBe(TREE_STEP_ENTRIES);
      expect(await tree.index()).toBe(300);
      expect(await tree.index()).toBe(0);
      expect(await tree.sign()).toBe(1300);
      const note = (await tree.checkpoint())?.note ?? '';
      const policy = trustPolicy({ origin: ORIGIN, logKeys: [SIGNER.key], witnesses: [], witnessesMin: 0 });
      const trusted = policy.ok ? judgeCheckpoint(bytesOfText(note), policy.value) : policy;
      expect(trusted).toMatchObject({ ok: true, value: { checkpoint: { size: 1300, root: rangeOf(hashes).root() } } });
      expect((await treeStore.readTile({ level: 0, index: 4, width: 256 }))?.length).toBe(8192);
      expect((await treeStore.readTile({ level: 1, index: 0, width: 5 }))?.length).toBe(160);
      expect(await treeStore.readTile({ level: 0, index: 5, width: 21 })).toBeUndefined();
    });

    test('the next process goes on, and both trees are one', async () => {
      const { store, hashes, tree } = await openTree(255);
      await indexAll(tree);
      expect(await tree.sign()).toBe(255);
      expect(await tree.sign()).toBeUndefined();
      const all = [...hashes, ...(await append(store, 2))];
      const next = treeOn((await under.open()).treeStore);
      await indexAll(next);
      expect(await next.sign()).toBe(257);
      const [first, second] = [
        { size: 255, root: rangeOf(hashes).root() },
        { size: 257, root: rangeOf(all).root() },
      ];
      const proof = (await next.consistency(255, 257)) ?? [];
      expect(verifyConsistency({ first, second, proof }).ok).toBe(true);
      expect(await next.consistency(255, 258)).toBeUndefined();
      for (const sequence of [1, 255, 256, 257]) {
        const inclusion = await next.inclusion(sequence);
        const leaf = leafHash(entryLeaf(sequence, all[sequence - 1]!));
        const claim = { index: sequence - 1, size: 257, leaf, proof: inclusion?.hashes ?? [], root: second.root };
        expect(verifyInclusion(claim), `entry ${sequence}`).toEqual({ ok: true, value: undefined });
      }
      expect(await next.inclusion(258)).toBeUndefined();
    });

    test('a tree that is not where it was left is not grown, nor signed over', async () => {
      const { treeStore, tree } = await openTree(3);
      await indexAll(tree);
      await tree.sign();
      const here = await treeStore.readPosition();
      const tile = { level: 0, index: 0, offset: 3, hashes: new Uint8Array(32) };
      const next = { size: 4, root: 'f'.repeat(64) };
      for (const growth of [
        { previous: { size: 2, root: here.root }, next, tiles: [tile] },
        { previous: { size: 3, root: next.root }, next, tiles: [tile] },
        { previous: here, next, tiles: [{ ...tile, offset: 2 }] },
      ]) {
        await expect(treeStore.grow(growth)).rejects.toThrow(Fenced);
      }
      expect(await treeStore.readPosition()).toEqual(here);
      expect(await treeStore.readTile({ level: 0, index: 0, width: 4 })).toBeUndefined();
      await expect(treeStore.writeCheckpoint({ size: 3, note: 'x' }, 2)).rejects.toThrow(Fenced);
      await expect(treeStore.writeCheckpoint({ size: 3, note: 'x' }, undefined)).rejects.toThrow(Fenced);
      expect((await treeStore.readCheckpoint())?.note).not.toBe('x');
    });

    test.for([
      [
        'a hash of a tile',
        'UPDATE tree_tiles SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 0',
      ],
      ['the root', "UPDATE tree SET root = repeat('0', 64)"],
      ['a cut tile', 'UPDATE tree_tiles SET hashes = substr(hashes, 1, 32) WHERE level = 0'],
      ['a lost tile', 'DELETE FROM tree_tiles'],
    ] as const)('%s that was tampered with stops the next process', async ([, statement]) => {
      const { tree } = await openTree(3);
      await indexAll(tree);
      if (under.tamper === undefined) return;
      await under.tamper(statement);
      const next = treeOn((await under.open()).treeStore);
      await expect(next.index()).rejects.toThrow(TreeBroken);
    });

    test('a history that was written anew is not signed', async () => {
      const { treeStore, store, tree } = await openTree(3);
      await indexAll(tree);
      const text = (note: string): string => note.split('\n').slice(0, 3).join('\n');
      await tree.sign();
      const signed = await treeStore.readCheckpoint();
      await append(store, 1);
      await indexAll(tree);
      // What was signed is of another past than the tree.
      const [origin = '', , root = ''] = text(signed?.note ?? '').split('\n');
      const other = `${origin}\n2\n${root}\n`;
      const note = `${other}\n— x AAAAAAA=\n`;
      await treeStore.writeCheckpoint({ size: 2, note }, 3);
      await expect(treeOn(treeStore).sign()).rejects.toThrow(TreeBroken);
      expect((await treeStore.readCheckpoint())?.note).toBe(note);
    });
  });
}
