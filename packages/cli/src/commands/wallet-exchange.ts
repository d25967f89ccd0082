import { readFileSync, writeFileSync } from 'node:fs';
import type { KeyScheme } from '@subnetes/keys/key-pair';
import { isPolkadotFile, polkadotSecretOf, sealPolkadotFile } from '@subnetes/keys/polkadot-file';
import { isMnemonic } from '@subnetes/keys/sr25519-pair';
import { sealWallet } from '@subnetes/keys/wallet-file';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { factLines } from '../table.ts';
import { readWallet, saveWallet, type StoredWallet, unlockWallet, wordsOf } from '../wallet-store.ts';

/** `subnetes wallet import`: a wallet that was made elsewhere, by its words or as Polkadot-JS exported it. */
export async function importWallet(
  context: CommandContext,
  options: { name: string; file: string | undefined; wordsFile: string | undefined; scheme: KeyScheme },
): Promise<void> {
  const { name, file, wordsFile } = options;
  if ((file === undefined) === (wordsFile === undefined)) {
    throw usageFailure(
      'what is imported?',
      'name --file account.json of Polkadot-JS, or --words-file with twelve words',
    );
  }
  const wallet =
    file === undefined
      ? await walletOfWords(context, wordsFile ?? '', options.scheme)
      : await walletOfFile(context, file);
  const path = saveWallet(context.walletDir, name, wallet);
  print(context, {
    value: { name, address: wallet.address, path },
    lines: factLines([
      ['wallet', name],
      ['address', wallet.address],
      ['file', `${path} (encrypted)`],
    ]),
  });
}

/** `subnetes wallet export`: for a Polkadot-JS extension, under the same passphrase. */
export async function exportWallet(context: CommandContext, options: { wallet: string; out: string }): Promise<void> {
  const file = readWallet(context.walletDir, options.wallet);
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  await unlockWallet(file, passphrase); // also of a file that goes out as it is: who exports it has to know the passphrase
  const exported = isPolkadotFile(file)
    ? file
    : await sealPolkadotFile(polkadotSecretOf(await wordsOf(file, passphrase), file.scheme ?? 'sr25519'), {
        passphrase,
        name: options.wallet,
        scheme: file.scheme ?? 'sr25519',
      });
  writeNew(options.out, `${JSON.stringify(exported)}\n`);
  print(context, {
    value: { address: file.address, file: options.out },
    lines: [`${options.out} holds wallet ${file.address}, sealed with its passphrase.`],
  });
}

async function walletOfWords(context: CommandContext, path: string, scheme: KeyScheme): Promise<StoredWallet> {
  const words = readText(path).trim().split(/\s+/).join(' ');
  if (!isMnemonic(words))
    throw usageFailure(`${path} does not hold the words of a wallet`, 'twelve or more English BIP-39 words');
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: true });
  return sealWallet(words, passphrase, scheme);
}

/** Kept as it is: it opens with the passphrase that it has. */
async function walletOfFile(context: CommandContext, path: string): Promise<StoredWallet> {
  const parsed = parsedText(readText(path));
  if (!isPolkadotFile(parsed)) throw usageFailure(`${path} is no account that Polkadot-JS exported`);
  await unlockWallet(
    parsed,
    await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false }),
  ).catch((error: unknown) => {
    if (error instanceof Failure) throw error;
    throw usageFailure(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  return parsed;
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON is no account either
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageFailure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Failure({
      code: 'FILE_NOT_WRITTEN',
      message: `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      exitCode: EXIT.refused,
      remedy: 'name a file that is not there yet',
      cause: error,
    });
  }
}
