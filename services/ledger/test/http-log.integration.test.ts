import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { readEntryBundle } from '@subnetes/transparency/entry-bundle';
import { tilePath, tileWidth, entriesPath } from '@subnetes/transparency/tile';
import { TiledTree } from '@subnetes/transparency/tiled-tree';
import { leafHash } from '@subnetes/transparency/tree-hash';
import { parseCheckpoint } from '@subnetes/transparency/checkpoint';
import { parseNote } from '@subnetes/transparency/signed-note';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { Archived } from '#application/ports.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;
let log: Awaited<ReturnType<typeof serveHttpLog>>;

beforeEach(async () => {
  served = await serveLedger();
  log = await serveHttpLog({
    port: 0,
    host: '127.0.0.1',
    tree: served.tree,
    onFailure: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await log[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

const get = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${log.port}/${path}`, init);

async function bytesAt(path: string): Promise<Uint8Array | undefined> {
  const response = await get(path);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}

async function checkpointServed() {
  const note = parseNote((await bytesAt('checkpoint')) ?? new Uint8Array(0));
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!checkpoint.ok) throw new Error(checkpoint.message);
  return checkpoint.value;
}

test('a stranger rebuilds the signed tree from the files alone', async () => {
  await served.produce(300);
  await served.signCheckpoint();
  const { size, root } = await checkpointServed();
  expect(size).toBeGreaterThan(300);
  const tree = new TiledTree(size, (tile) => bytesAt(tilePath(tile)));
  expect(await tree.root()).toEqual({ ok: true, value: root });
  const { entries } = await served.neuron.listEntries({ limit: 1000 });
  for (const index of [0, 1]) {
    const width = tileWidth(size, 0, index);
    const bundle = readEntryBundle((await bytesAt(entriesPath(index, width))) ?? new Uint8Array(0), width);
    if (!bundle.ok) throw new Error(bundle.message);
    const hashes = (await bytesAt(tilePath({ level: 0, index, width }))) ?? new Uint8Array(0);
    for (const [at, entry] of bundle.value.entries()) {
      const listed = entries[index * 256 + at]!;
      expect(entry).toEqual(entryLeaf(Number(listed.sequence), Buffer.from(listed.hash).toString('hex')));
      expect(leafHash(entry)).toEqual(hashes.slice(at * 32, at * 32 + 32));
    }
  }
});

test('partial tiles of earlier checkpoints stay, and nothing is served before it is signed', async () => {
  await served.produce(3);
  await served.signCheckpoint();
  const { size } = await checkpointServed();
  const early = await bytesAt(`tile/0/000.p/${size}`);
  await served.produce(5);
  expect(await bytesAt(`tile/0/000.p/${size + 1}`)).toBeUndefined();
  expect(await bytesAt(`tile/entries/000.p/${size + 1}`)).toBeUndefined();
  await served.signCheckpoint();
  expect(await bytesAt(`tile/0/000.p/${size}`)).toEqual(early);
  expect((await bytesAt(`tile/0/000.p/${size + 1}`))?.length).toBe(32 * (size + 1));
});

test('headers let tiles be kept and checkpoints not', async () => {
  expect((await get('checkpoint')).status).toBe(404);
  await served.produce(1);
  await served.signCheckpoint();
  const checkpoint = await get('checkpoint');
  expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(checkpoint.headers.get('cache-control')).toBe('max-age=2');
  const tile = await get('tile/0/000.p/1', { method: 'HEAD' });
  expect(tile.headers.get('content-type')).toBe('application/octet-stream');
  expect(tile.headers.get('cache-control')).toContain('immutable');
});

test.for([
  ['tile/0/000', 404],
  ['tile/0/001.p/1', 404],
  ['tile/1/000.p/1', 404],
  ['tile/0/..%2f000', 404],
  [`tile/0/${'x000/'.repeat(40)}000`, 404],
  ['', 404],
] as const)('%s is not there', async ([path, status]) => {
  await served.produce(1);
  await served.signCheckpoint();
  expect((await get(path)).status).toBe(status);
  expect((await get(path, { method: 'POST', body: 'x' })).status).toBe(405);
});

test('a bundle of archived entries is gone, by name', async () => {
  const tree = {
    checkpoint: () => served.tree.checkpoint(),
    file: () => Promise.reject(new Archived({ sequence: 20 })),
  };
  await using other = await serveHttpLog({ port: 0, host: '127.0.0.1', tree, onFailure: () => {} });
  const response = await fetch(`http://127.0.0.1:${other.port}/tile/entries/000`);
  expect([response.status, await response.text()]).toEqual([
    410,
    expect.stringMatching(/^entries up to 20 are archived/),
  ]);
});
