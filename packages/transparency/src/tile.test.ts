import { expect, test } from 'vitest';
import { entryOf, storedTree } from '../test/stored-tree.ts';
import { entryBundle, ENTRY_BYTES_MAX, readEntryBundle } from './entry-bundle.ts';
import { parseTilePath, tilePath, tileWidth } from './tile.ts';
import { TiledTree } from './tiled-tree.ts';

test.for([
  'tile/0/1',
  'tile/0/0001',
  'tile/00/001',
  'tile/64/001',
  'tile/0/x000/001',
  'tile/0/001/002',
  'tile/0/x001',
  'tile/0/001.p/0',
  'tile/0/001.p/256',
  'tile/0/001.p/01',
  'tile/-1/001',
  'tile/entries/001/',
  '/tile/0/001',
  'tile/0/../001',
  'tile/8/0/001',
])('%s is no path of a tile', (path) => {
  expect(parseTilePath(path)).toBeUndefined();
});

test('a path reads as it is written', () => {
  expect(parseTilePath('tile/entries/x001/234.p/7')).toEqual({ kind: 'entries', index: 1234, width: 7 });
  expect(parseTilePath('tile/63/000')).toEqual({ kind: 'hashes', tile: { level: 63, index: 0, width: 256 } });
});

test('a tile that cannot be is not written', () => {
  for (const tile of [
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 0, index: 1.5, width: 1 },
  ]) {
    expect(() => tilePath(tile)).toThrow(RangeError);
  }
});

test('a tree of 70,000 has the tiles that C2SP counts', () => {
  expect([tileWidth(70_000, 0, 272), tileWidth(70_000, 0, 273), tileWidth(70_000, 0, 274)]).toEqual([256, 112, 0]);
  expect([tileWidth(70_000, 1, 0), tileWidth(70_000, 1, 1), tileWidth(70_000, 2, 0)]).toEqual([256, 17, 1]);
  expect([tileWidth(256, 0, 0), tileWidth(256, 1, 0), tileWidth(255, 1, 0)]).toEqual([256, 1, 0]);
});

test('a partial tile that is gone is taken from the full one', async () => {
  const { readTile } = storedTree(512);
  const onlyFull = new TiledTree(300, async (tile) =>
    tile.level === 0 && tile.width < 256 ? undefined : readTile(tile),
  );
  expect(await onlyFull.root()).toEqual(await new TiledTree(300, readTile).root());
});

test('a tile that is missing or cut off is refused', async () => {
  const { readTile } = storedTree(300);
  const none = new TiledTree(300, async () => undefined);
  expect(await none.inclusionProof(0)).toMatchObject({ ok: false, code: 'TILE_MISSING' });
  const short = new TiledTree(300, async (tile) => (await readTile(tile))?.subarray(1));
  expect(await short.consistencyProof(7)).toMatchObject({ ok: false, code: 'TILE_MALFORMED' });
});

test('what a tree does not have is refused, not computed', async () => {
  const tree = new TiledTree(10, storedTree(10).readTile);
  for (const asked of [
    tree.root(11),
    tree.inclusionProof(10),
    tree.inclusionProof(0, 0),
    tree.consistencyProof(5, 4),
  ]) {
    expect(await asked).toMatchObject({ ok: false, code: 'PROOF_MALFORMED' });
  }
});

test('a bundle reads as it was written, and neither more nor less', () => {
  const entries = [entryOf(0), new Uint8Array(0), new Uint8Array(ENTRY_BYTES_MAX)];
  const bundle = entryBundle(entries);
  expect(readEntryBundle(bundle, 3)).toEqual({ ok: true, value: entries });
  for (const [bytes, width] of [
    [bundle, 2],
    [bundle, 4],
    [bundle.subarray(1), 3],
    [bundle.subarray(0, -1), 3],
    [Uint8Array.of(0), 1],
  ] as const) {
    expect(readEntryBundle(bytes, width)).toMatchObject({ ok: false, code: 'BUNDLE_MALFORMED' });
  }
  expect(() => entryBundle([new Uint8Array(ENTRY_BYTES_MAX + 1)])).toThrow(RangeError);
  expect(() => entryBundle([])).toThrow(RangeError);
});
