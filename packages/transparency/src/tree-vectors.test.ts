import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { entryOf, storedTree } from '../test/stored-tree.ts';
import { readVectors } from '../test/vectors.ts';
import { CompactRange } from './compact-range.ts';
import { entryBundle } from './entry-bundle.ts';
import { base64Of, bytesOfBase64 } from './note-text.ts';
import { entriesPath, parseTilePath, tilePath, tilesOf, tileWidth, TILE_WIDTH } from './tile.ts';
import { TiledTree } from './tiled-tree.ts';
import { EMPTY_ROOT, leafHash } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const vectors = readVectors();
const LARGEST = 70_000;
const stored = storedTree(LARGEST);
const roots = new Map([
  ...vectors.roots.map((root, size) => [size, root] as const),
  ...Object.entries(vectors.largeRoots).map(([size, root]) => [Number(size), root] as const),
]);

function rootOf(size: number): Uint8Array {
  return hashOf(roots.get(size) ?? '');
}

function hashOf(text: string): Uint8Array {
  return bytesOfBase64(text) ?? new Uint8Array(0);
}

test('there are vectors to match', () => {
  expect(vectors.roots).toHaveLength(301);
  expect(Object.keys(vectors.largeRoots)).toHaveLength(7);
  expect(vectors.inclusion.length).toBeGreaterThan(350);
  expect(vectors.consistency.length).toBeGreaterThan(350);
});

test('roots, and the compact ranges behind them, are those of the reference', () => {
  const range = CompactRange.empty();
  const seen = new Map([[0, base64Of(range.root())]]);
  for (let size = 1; size <= LARGEST; size += 1) {
    range.append(leafHash(entryOf(size - 1)));
    if (roots.has(size)) seen.set(size, base64Of(range.root()));
    const subtrees = vectors.compactRanges[String(size)];
    if (subtrees === undefined) continue;
    expect(CompactRange.of({ size, subtrees: subtrees.map(hashOf), root: rootOf(size) }).ok).toBe(true);
    const hashes = range.toBytes().subarray(8);
    expect(subtrees).toEqual(subtrees.map((_, at) => base64Of(hashes.subarray(at * 32, at * 32 + 32))));
  }
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(roots));
});

test('proofs of inclusion are those of the reference, and hold', async () => {
  for (const { index, size, proof } of vectors.inclusion) {
    const made = await new TiledTree(LARGEST, stored.readTile).inclusionProof(index, size);
    expect(made.ok && made.value.map(base64Of), `${index} in ${size}`).toEqual(proof);
    const leaf = leafHash(entryOf(index));
    const judged = verifyInclusion({ index, size, leaf, proof: proof.map(hashOf), root: rootOf(size) });
    expect(judged, `${index} in ${size}`).toEqual({ ok: true, value: undefined });
  }
});

test('proofs of consistency are those of the reference, and hold', async () => {
  const tree = new TiledTree(LARGEST, stored.readTile);
  for (const { first, second, proof } of vectors.consistency) {
    const made = await tree.consistencyProof(first, second);
    expect(made.ok && made.value.map(base64Of), `${first} to ${second}`).toEqual(proof);
    const old = await tree.root(first);
    const judged = verifyConsistency({
      first: { size: first, root: old.ok ? old.value : EMPTY_ROOT },
      second: { size: second, root: rootOf(second) },
      proof: proof.map(hashOf),
    });
    expect(judged, `${first} to ${second}`).toEqual({ ok: true, value: undefined });
  }
});

test('tiles and bundles have the paths and the bytes of the reference', () => {
  for (const [sizeText, files] of Object.entries(vectors.files)) {
    const size = Number(sizeText);
    const tree = size === LARGEST ? stored : storedTree(size);
    const tiles = [...tilesOf(size)].map(tilePath);
    const made = new Map<string, Uint8Array>(tree.files);
    expect([...made.keys()].toSorted()).toEqual(tiles.toSorted());
    for (let index = 0; tileWidth(size, 0, index) > 0; index += 1) {
      const width = tileWidth(size, 0, index);
      const entries = Array.from({ length: width }, (_, at) => entryOf(index * TILE_WIDTH + at));
      made.set(entriesPath(index, width), entryBundle(entries));
    }
    const digests = files.map(({ path }) => ({ path, sha256: sha256Of(made.get(path)) }));
    expect(digests).toEqual(files);
    expect(size > 1000 || made.size === files.length, `number of files at ${size}`).toBe(true);
  }
});

test.for(vectors.tilePaths)('tile $index of level $level has path $path', ({ path, ...tile }) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual({ kind: 'hashes', tile });
});

function sha256Of(content: Uint8Array | undefined): string | undefined {
  return content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
}
