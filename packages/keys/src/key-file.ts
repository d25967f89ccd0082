import { newMnemonic, isMnemonic, pairOfMnemonic } from './sr25519-pair.ts';
import type { Sr25519Pair } from './sr25519-pair.ts';

/** Content of a hotkey Secret's key `hotkey.json`. The address is there for people, and checked. */
export interface HotkeyFile {
  readonly address: string;
  readonly mnemonic: string;
}

/** A new hotkey as file content. */
export function newHotkeyFile(): HotkeyFile {
  const mnemonic = newMnemonic();
  return { address: pairOfMnemonic(mnemonic).address, mnemonic };
}

/** The pair of a hotkey file's text. Throws with what is wrong, without showing any of the content. */
export function readHotkeyFile(text: string): Sr25519Pair {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the hotkey file is not JSON'); // the parser's own message would show the content
  }
  const { address, mnemonic } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof mnemonic !== 'string' || !isMnemonic(mnemonic)) throw new Error('the hotkey file has no valid mnemonic');
  const pair = pairOfMnemonic(mnemonic);
  if (address !== pair.address) throw new Error("the hotkey file's address is not its mnemonic's");
  return pair;
}
