import { blake2b } from '@noble/hashes/blake2.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { generateMnemonic, mnemonicToEntropy, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { getPublicKey, HDKD, secretFromSeed, sign, verify } from '@scure/sr25519';
import type { KeyPair } from './key-pair.ts';
import { ss58Of } from './ss58.ts';

/** An sr25519 key pair: a hotkey signs work, a coldkey owns money. */
export interface Sr25519Pair extends KeyPair {
  readonly scheme: 'sr25519';
  /** 64 bytes, under the signing context `substrate`. */
  sign(message: Uint8Array): Uint8Array;
}

const SEED_BYTES = 32;
const MNEMONIC_BITS = 128;

/** Twelve new words. */
export function newMnemonic(): string {
  return generateMnemonic(wordlist, MNEMONIC_BITS);
}

/** True for words of the English BIP-39 list with a right checksum. */
export function isMnemonic(words: string): boolean {
  return validateMnemonic(words, wordlist);
}

/**
 * The pair of a mnemonic as Substrate makes it: the entropy (not the words) goes through PBKDF2-HMAC-SHA512 with 2,048
 * rounds; the first 32 bytes are the seed. Throws on words that `isMnemonic` refuses.
 */
export function pairOfMnemonic(words: string, password = ''): Sr25519Pair {
  return pairOfSecret(secretOfMnemonic(words, password));
}

/** The 64 secret bytes of that pair: scalar and nonce seed, as schnorrkel's `to_half_ed25519_bytes` writes them. */
export function secretOfMnemonic(words: string, password = ''): Uint8Array {
  return secretFromSeed(seedOfMnemonic(words, password));
}

/** The 32 bytes that keys of every scheme are made of. */
export function seedOfMnemonic(words: string, password = ''): Uint8Array {
  const entropy = mnemonicToEntropy(words, wordlist);
  const salt = new TextEncoder().encode(`mnemonic${password}`);
  return pbkdf2(sha512, entropy, salt, { c: 2048, dkLen: 64 }).subarray(0, SEED_BYTES);
}

/** The pair of a seed of 32 bytes, with hard junctions such as `Alice` for `//Alice`. */
export function pairOfSeed(seed: Uint8Array, ...hardJunctions: readonly string[]): Sr25519Pair {
  let secret: Uint8Array = secretFromSeed(seed);
  for (const junction of hardJunctions) secret = HDKD.secretHard(secret, chainCode(junction));
  return pairOfSecret(secret);
}

/** The pair below a mnemonic's by hard junctions. */
export function derivedPair(words: string, ...hardJunctions: readonly string[]): Sr25519Pair {
  return pairOfSeed(seedOfMnemonic(words), ...hardJunctions);
}

/** False also for keys and signatures that are no points or scalars. */
export function verifySr25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return verify(message, signature, publicKey);
  } catch {
    return false; // malformed bytes from outside: as wrong as a wrong signature
  }
}

/** @param secret 64 bytes, as `secretOfMnemonic` gives them */
export function pairOfSecret(secret: Uint8Array): Sr25519Pair {
  const publicKey = getPublicKey(secret);
  return { scheme: 'sr25519', publicKey, address: ss58Of(publicKey), sign: (message) => sign(secret, message) };
}

/** SCALE of the text, padded to 32 bytes; longer texts are hashed. */
function chainCode(junction: string): Uint8Array {
  const text = new TextEncoder().encode(junction);
  if (text.length > 63) throw new RangeError('a junction is at most 63 bytes long');
  const scale = Uint8Array.of(text.length << 2, ...text);
  if (scale.length > 32) return blake2b(scale, { dkLen: 32 });
  const code = new Uint8Array(32);
  code.set(scale);
  return code;
}
