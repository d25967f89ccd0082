import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newMnemonic, pairOfMnemonic } from '@subnetes/keys/sr25519-pair';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { WALLETS } from './market.ts';
import type { WalletName } from './market.ts';

export type SampleWallets = Readonly<Record<WalletName, Sr25519Pair>>;

const NAMES = Object.keys(WALLETS) as WalletName[];

/**
 * The sample's coldkeys, made at first use and kept in `.local/wallets.json` (readable by its owner alone). They hold
 * play money of a local network: wallets of people are made by `subnetes wallet create` and encrypted.
 */
export async function sampleWallets(localDir: string): Promise<SampleWallets> {
  const file = path.join(localDir, 'wallets.json');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const words = kept === undefined ? await makeWallets(file) : (JSON.parse(kept) as Record<string, string>);
  const missing = NAMES.filter((name) => words[name] === undefined);
  if (missing.length > 0) throw new Error(`${file} has no wallet ${missing.join(', ')}: run npm stop, then npm start`);
  return Object.fromEntries(NAMES.map((name) => [name, pairOfMnemonic(words[name] ?? '')])) as SampleWallets;
}

async function makeWallets(file: string): Promise<Record<string, string>> {
  const words = Object.fromEntries(NAMES.map((name) => [name, newMnemonic()]));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(words, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return words;
}
