import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../options.ts';
import { openDevFolder } from './dev-folder.ts';

const KEPT = { fresh: false, blockTimeMs: undefined };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'subnetes-dev-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a second run has the network, the wallets and the keys of the first', async () => {
  const first = await openDevFolder(folder, { ...KEPT, blockTimeMs: 250 });
  const second = await openDevFolder(folder, KEPT);
  expect(second.genesis.blockTimeMs).toBe(250);
  expect([second.networkId, second.gatewayPublicKey]).toEqual([first.networkId, first.gatewayPublicKey]);
  expect((await second.hotkey('garch')).pair.address).toBe((await first.hotkey('garch')).pair.address);
  expect((await second.hotkey('ewma')).pair.address).not.toBe((await first.hotkey('garch')).pair.address);
});

test('blocks of another length need a new market', async () => {
  await openDevFolder(folder, KEPT);
  await expect(openDevFolder(folder, { ...KEPT, blockTimeMs: 250 })).rejects.toThrow(UsageError);
  expect((await openDevFolder(folder, { fresh: true, blockTimeMs: 250 })).genesis.blockTimeMs).toBe(250);
});

test('starting over forgets the market and nothing else of the folder', async () => {
  const first = await openDevFolder(folder, KEPT);
  await first.hotkey('garch');
  await writeFile(path.join(folder, 'notes.txt'), 'mine');
  const second = await openDevFolder(folder, { ...KEPT, fresh: true });
  expect(second.networkId).not.toBe(first.networkId);
  expect([existsSync(first.at('neurons')), existsSync(path.join(folder, 'notes.txt'))]).toEqual([false, true]);
});
