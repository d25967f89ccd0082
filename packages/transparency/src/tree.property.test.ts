import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryOf, naiveRoot, storedTree } from '../test/stored-tree.ts';
import { CompactRange } from './compact-range.ts';
import { TiledTree } from './tiled-tree.ts';
import { leafHash } from './tree-hash.ts';
import { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from './verify-proof.ts';

const SMALL = 40;
const stored = storedTree(600);

function leavesOf(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, index) => entryOf(index));
}

async function inclusionOf(index: number, size: number): Promise<InclusionClaim> {
  const tree = new TiledTree(size, stored.readTile);
  const [proof, root] = [await tree.inclusionProof(index), await tree.root()];
  if (!proof.ok || !root.ok) throw new Error('the tree is stored');
  return { index, size, leaf: leafHash(entryOf(index)), proof: proof.value, root: root.value };
}

async function consistencyOf(first: number, second: number): Promise<ConsistencyClaim> {
  const tree = new TiledTree(second, stored.readTile);
  const [proof, old, root] = [await tree.consistencyProof(first), await tree.root(first), await tree.root()];
  if (!proof.ok || !old.ok || !root.ok) throw new Error('the tree is stored');
  return { first: { size: first, root: old.value }, second: { size: second, root: root.value }, proof: proof.value };
}

/** The same bytes with one bit turned. */
function turned(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = bit % (8 * bytes.length);
  copy[at >> 3] = (copy[at >> 3] ?? 0) ^ (1 << (at & 7));
  return copy;
}

test('a compact range has the root of the definition at every size, and goes on from what was stored', () => {
  let range = CompactRange.empty();
  for (let size = 0; size <= 300; size += 1) {
    expect(range.root()).toEqual(naiveRoot(leavesOf(size)));
    const read = CompactRange.read(range.toBytes(), range.root());
    if (!read.ok) throw new Error(read.message);
    range = read.value;
    range.append(leafHash(entryOf(size)));
  }
});

test('tiles give the root and the range of every size', async () => {
  for (let size = 0; size <= 600; size += size < 300 ? 1 : 37) {
    const tree = new TiledTree(size, stored.readTile);
    const root = await tree.root();
    if (!root.ok) throw new Error(root.message);
    expect(root.value).toEqual(naiveRoot(leavesOf(size)));
    const range = await tree.range(root.value);
    if (!range.ok) throw new Error(range.message);
    expect(range.value.size).toBe(size);
    expect(range.value.root()).toEqual(root.value);
  }
});

test('every proof between small sizes holds, for its own place and no other', async () => {
  for (let size = 1; size <= SMALL; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const claim = await inclusionOf(index, size);
      expect(verifyInclusion(claim).ok, `${index} in ${size}`).toBe(true);
      for (const other of [index - 1, index + 1, size]) {
        expect(verifyInclusion({ ...claim, index: other }).ok, `${index} as ${other} in ${size}`).toBe(false);
      }
    }
    for (let first = 0; first <= size; first += 1) {
      expect(verifyConsistency(await consistencyOf(first, size)).ok, `${first} to ${size}`).toBe(true);
    }
  }
});

test('an altered leaf, hash or root is refused, and so is a proof that is longer, shorter or for another leaf', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), async (size, place, bit) => {
      const claim = await inclusionOf(place % size, size);
      const { proof } = claim;
      const wrong: InclusionClaim[] = [
        { ...claim, leaf: turned(claim.leaf, bit) },
        { ...claim, root: turned(claim.root, bit) },
        { ...claim, proof: [...proof, claim.root] },
        { ...claim, leaf: claim.leaf.subarray(1) },
        ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, turned(hash, bit)) })),
        ...(proof.length > 0
          ? [
              { ...claim, proof: proof.slice(0, -1) },
              { ...claim, proof: proof.slice(1) },
            ]
          : []),
        ...(proof.length > 1 && !Buffer.from(proof[0]!).equals(proof[1]!)
          ? [{ ...claim, proof: proof.toReversed() }]
          : []),
      ];
      for (const one of wrong) expect(verifyInclusion(one).ok).toBe(false);
      expect(verifyInclusion(claim).ok).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('another past is refused: altered roots, hashes and sizes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), async (second, place, bit) => {
      const claim = await consistencyOf(1 + (place % second), second);
      const { first, proof } = claim;
      const wrong: ConsistencyClaim[] = [
        { ...claim, first: { ...first, root: turned(first.root, bit) } },
        { ...claim, second: { ...claim.second, root: turned(claim.second.root, bit) } },
        { ...claim, proof: [...proof, first.root] },
        { ...claim, first: { ...first, size: second + 1 } },
        ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, turned(hash, bit)) })),
        ...(proof.length > 0
          ? [
              { ...claim, proof: proof.slice(0, -1) },
              { ...claim, proof: [] },
            ]
          : []),
      ];
      for (const one of wrong) expect(verifyConsistency(one).ok).toBe(false);
      expect(verifyConsistency(claim).ok).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a tree that is a fork is never a continuation', async () => {
  const forked = CompactRange.empty();
  forked.append(leafHash(entryOf(999)));
  for (let size = 1; size < 20; size += 1) {
    const { first, second, proof } = await consistencyOf(size, 20);
    const fork = { size: first.size, root: forked.root() };
    expect(verifyConsistency({ first: fork, second, proof }).ok, `a fork of ${size}`).toBe(false);
    forked.append(leafHash(entryOf(size)));
  }
});

test('a stored range that was altered, or is of another size, is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(), (size, bit) => {
      const { range } = storedTree(size);
      expect(CompactRange.read(turned(range.toBytes(), bit), range.root()).ok).toBe(false);
      expect(CompactRange.read(range.toBytes().subarray(1), range.root()).ok).toBe(false);
      expect(CompactRange.read(range.toBytes(), turned(range.root(), bit)).ok).toBe(false);
    }),
  );
});

test('sizes beyond 2^32 are judged like others', () => {
  // Two subtrees of 2^40 and 1 leaves: the last leaf's path is the root of the large one.
  const size = 2 ** 40 + 1;
  const [large, last] = [leafHash(entryOf(1)), leafHash(entryOf(2))];
  const range = CompactRange.of({ size, subtrees: [large, last], root: nodeOf(large, last) });
  expect(range.ok).toBe(true);
  const claim = { index: size - 1, size, leaf: last, proof: [large], root: nodeOf(large, last) };
  expect(verifyInclusion(claim).ok).toBe(true);
  expect(verifyInclusion({ ...claim, index: size - 2 }).ok).toBe(false);
  const first = { size: 2 ** 40, root: large };
  expect(verifyConsistency({ first, second: { size, root: claim.root }, proof: [last] }).ok).toBe(true);
  expect(verifyConsistency({ first, second: { size, root: claim.root }, proof: [large] }).ok).toBe(false);
});

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const range = CompactRange.empty();
  range.append(left);
  range.append(right);
  return range.root();
}
