import { randomBytes, scrypt } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { ed25519PairOfSeed } from './ed25519-pair.ts';
import { KEY_SCHEMES, type KeyPair, type KeyScheme } from './key-pair.ts';
import { pairOfSecret, secretOfMnemonic, seedOfMnemonic } from './sr25519-pair.ts';

/** An account as Polkadot-JS exports it, version 3. Source: polkadot-js/common, packages/keyring/src/pair. */
export interface PolkadotFile {
  readonly address: string;
  /** Base64 of salt, cost, nonce and box. */
  readonly encoded: string;
  readonly encoding: {
    readonly content: readonly string[];
    readonly type: readonly string[];
    readonly version: string;
  };
  readonly meta: Readonly<Record<string, unknown>>;
}

interface Cost {
  readonly n: number;
  readonly p: number;
  readonly r: number;
}

const encodingOf = (scheme: KeyScheme) =>
  ({ content: ['pkcs8', scheme], type: ['scrypt', 'xsalsa20-poly1305'], version: '3' }) as const;
/** What Polkadot-JS itself takes. */
const COST: Cost = { n: 131_072, p: 1, r: 8 };
/** A file from elsewhere may not make us spend more than this. */
const COST_N_MAX = 1_048_576;

const SALT_BYTES = 32;
const HEAD_BYTES = SALT_BYTES + 12;
const NONCE_BYTES = 24;
const KEY_BYTES = 32;
const SECRET_BYTES = 64;
/** Around the secret and the public key; PKCS#8 in name, with a secret of twice the length that it tells. */
const BEFORE_SECRET = Buffer.from('3053020101300506032b657004220420', 'hex');
const BEFORE_PUBLIC = Buffer.from('a123032100', 'hex');
const PLAIN_BYTES = BEFORE_SECRET.length + SECRET_BYTES + BEFORE_PUBLIC.length + KEY_BYTES;

/** Whether a file is of this form; anything may be in it. */
export function isPolkadotFile(file: unknown): file is PolkadotFile {
  return typeof file === 'object' && file !== null && 'encoded' in file && 'encoding' in file;
}

/** The 64 bytes that such a file holds: of sr25519 the expanded secret, of ed25519 the seed and the public key. */
export function polkadotSecretOf(words: string, scheme: KeyScheme): Uint8Array {
  if (scheme === 'sr25519') return secretOfMnemonic(words);
  const seed = seedOfMnemonic(words);
  return Uint8Array.of(...seed, ...ed25519PairOfSeed(seed).publicKey);
}

/** Seals a secret for a Polkadot-JS extension or app. @param secret 64 bytes, as `polkadotSecretOf` gives them */
export async function sealPolkadotFile(
  secret: Uint8Array,
  {
    passphrase,
    name,
    scheme = 'sr25519',
  }: { readonly passphrase: string; readonly name: string; readonly scheme?: KeyScheme },
): Promise<PolkadotFile> {
  const pair = pairOf(secret, scheme);
  if (pair === undefined) throw new RangeError(`these are no secret bytes of ${scheme}`);
  const { publicKey, address } = pair;
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const plain = Buffer.concat([BEFORE_SECRET, secret, BEFORE_PUBLIC, publicKey]);
  const box = xsalsa20poly1305(await keyOf(passphrase, salt, COST), nonce).encrypt(plain);
  const cost = Buffer.alloc(HEAD_BYTES - SALT_BYTES);
  for (const [at, value] of [COST.n, COST.p, COST.r].entries()) cost.writeUInt32LE(value, 4 * at);
  const encoded = Buffer.concat([salt, cost, nonce, box]).toString('base64');
  return { address, encoded, encoding: encodingOf(scheme), meta: { name } };
}

/** Its pair; undefined for a wrong passphrase or a changed file. Throws for a file of another form. */
export async function openPolkadotFile(file: PolkadotFile, passphrase: string): Promise<KeyPair | undefined> {
  const scheme = schemeOf(file);
  if (scheme === undefined) {
    throw new Error(
      'the file is of a form that this version cannot read: an sr25519 or ed25519 account, version 3, is needed',
    );
  }
  const bytes = Buffer.from(file.encoded, 'base64');
  const [n = 0, p = 0, r = 0] =
    bytes.length < HEAD_BYTES ? [] : [0, 4, 8].map((at) => bytes.readUInt32LE(SALT_BYTES + at));
  if (n > COST_N_MAX || n < 2 || (n & (n - 1)) !== 0 || p !== 1 || r !== 8) {
    throw new Error('the file asks for an unreasonable amount of work');
  }
  const key = await keyOf(passphrase, bytes.subarray(0, SALT_BYTES), { n, p, r });
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const plain = opened(key, nonce, bytes.subarray(HEAD_BYTES + NONCE_BYTES));
  if (plain?.length !== PLAIN_BYTES) return undefined;
  const pair = pairOf(plain.subarray(BEFORE_SECRET.length, BEFORE_SECRET.length + SECRET_BYTES), scheme);
  return pair?.address === file.address ? pair : undefined;
}

/** How the account of such a file signs; undefined for a file of another form. */
function schemeOf({ encoding: { content, type, version } }: PolkadotFile): KeyScheme | undefined {
  return KEY_SCHEMES.find((scheme) => {
    const known = encodingOf(scheme);
    return version === known.version && content.join() === known.content.join() && type.join() === known.type.join();
  });
}

/** Undefined for bytes that are no secret of the scheme: the file was changed. */
function pairOf(secret: Uint8Array, scheme: KeyScheme): KeyPair | undefined {
  if (scheme === 'ed25519') return ed25519PairOfSeed(secret.subarray(0, KEY_BYTES));
  try {
    return pairOfSecret(secret);
  } catch {
    return undefined; // no scalar
  }
}

function opened(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  try {
    return xsalsa20poly1305(key, nonce).decrypt(box);
  } catch {
    return undefined; // the tag does not fit: the caller is told so by undefined
  }
}

function keyOf(passphrase: string, salt: Uint8Array, cost: Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r };
  // As it is typed: Polkadot-JS does not normalise. Of 64 bytes it takes the first half.
  scrypt(passphrase, salt, 2 * KEY_BYTES, options, (error, key) =>
    error === null ? resolve(key.subarray(0, KEY_BYTES)) : reject(error),
  );
  return promise;
}
