import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isPolkadotFile, openPolkadotFile, type PolkadotFile } from '@subnetes/keys/polkadot-file';
import type { KeyPair } from '@subnetes/keys/key-pair';
import { openWallet, type WalletFile, walletPairOf } from '@subnetes/keys/wallet-file';
import { EXIT, Failure, usageFailure } from './failure.ts';

/** A wallet of ours, or one that came from Polkadot-JS as it is. */
export type StoredWallet = WalletFile | PolkadotFile;

/** Where wallets lie unless the user says otherwise. */
export function defaultWalletDir(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'subnetes', 'wallets');
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

function pathOf(dir: string, name: string): string {
  if (!NAME.test(name))
    throw usageFailure(`"${name}" is no wallet name`, 'use lower-case letters, digits and dashes, at most 63');
  return join(dir, `${name}.json`);
}

/** Writes a wallet that only its owner can read; refuses to replace one. */
export function saveWallet(dir: string, name: string, wallet: StoredWallet): string {
  const path = pathOf(dir, name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${JSON.stringify(wallet, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Failure({
      code: 'WALLET_EXISTS',
      message: `${path} is there already`,
      exitCode: EXIT.refused,
      remedy: 'choose another --name; a wallet is never overwritten',
    });
  }
  return path;
}

/** The wallet file of that name, still sealed. */
export function readWallet(dir: string, name: string): StoredWallet {
  const path = pathOf(dir, name);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as StoredWallet; // whoever opens it checks its form
  } catch (cause) {
    const known = walletNames(dir);
    throw new Failure({
      code: 'WALLET_NOT_FOUND',
      message: `no wallet ${name} can be read in ${dir}`,
      exitCode: EXIT.refused,
      remedy: known.length === 0 ? `make one: subnetes wallet create --name ${name}` : `there are: ${known.join(', ')}`,
      cause,
    });
  }
}

/** Names of the wallets in a folder; none where there is no folder. */
export function walletNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted();
  } catch {
    return []; // no folder yet: no wallets
  }
}

/** Opens a wallet with its passphrase. */
export async function unlockWallet(file: StoredWallet, passphrase: string): Promise<KeyPair> {
  if (!isPolkadotFile(file)) return walletPairOf(await wordsOf(file, passphrase), file.scheme ?? 'sr25519');
  return (await openPolkadotFile(file, passphrase)) ?? wrongPassphrase(file);
}

/** The words of a wallet that was made here. */
export async function wordsOf(file: WalletFile, passphrase: string): Promise<string> {
  return (await openWallet(file, passphrase)) ?? wrongPassphrase(file);
}

function wrongPassphrase({ address }: StoredWallet): never {
  throw new Failure({
    code: 'WRONG_PASSPHRASE',
    message: `the passphrase does not open wallet ${address}, or its file was changed`,
    exitCode: EXIT.noPermission,
  });
}
