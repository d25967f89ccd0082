import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EXIT, Failure } from './failure.ts';

/** Hotkeys lie beside the wallets. They are not encrypted: a miner has to read its own without a person. */
export function hotkeyPath(walletDir: string, name: string): string {
  return join(dirname(walletDir), 'hotkeys', `${name}.json`);
}

/** The hotkey of that file; where there is none, one that is kept nowhere, to ask what would happen with it. */
export function hotkeyOnTrial(path: string): { readonly pair: Sr25519Pair; readonly isNew: boolean } {
  return existsSync(path) ? openHotkey(path) : { pair: readHotkeyFile(JSON.stringify(newHotkeyFile())), isNew: true };
}

/** The hotkey of that file; makes one that only its owner can read where there is none. */
export function openHotkey(path: string): { readonly pair: Sr25519Pair; readonly isNew: boolean } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = newHotkeyFile();
  try {
    writeFileSync(path, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
    return { pair: readHotkeyFile(JSON.stringify(fresh)), isNew: true };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  try {
    return { pair: readHotkeyFile(readFileSync(path, 'utf8')), isNew: false };
  } catch (cause) {
    throw new Failure({
      code: 'HOTKEY_FILE',
      message: `${path}: ${cause instanceof Error ? cause.message : 'cannot be read'}`,
      exitCode: EXIT.noPermission,
      remedy: 'name a good file with --hotkey-file',
      cause,
    });
  }
}
