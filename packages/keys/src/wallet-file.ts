import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { ed25519PairOfMnemonic } from './ed25519-pair.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { isMnemonic, pairOfMnemonic } from './sr25519-pair.ts';

/** A coldkey at rest: the mnemonic under scrypt and AES-256-GCM, the address in the clear. Byte strings in base64. */
export interface WalletFile {
  readonly version: 1;
  readonly address: string;
  /** Absent: sr25519. */
  readonly scheme?: 'ed25519';
  readonly kdf: {
    readonly name: 'scrypt';
    readonly n: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
  readonly cipher: {
    readonly name: 'aes-256-gcm';
    readonly nonce: string;
    readonly tag: string;
    readonly text: string;
  };
}

/** OWASP's first choice for scrypt: 128 MiB. */
const COST = { n: 131_072, r: 8, p: 1 } as const;
/** A file from elsewhere may not make us spend more than this. */
const COST_N_MAX = 1_048_576;

/** The pair of a wallet's words, by its scheme. */
export function walletPairOf(mnemonic: string, scheme: KeyScheme): KeyPair {
  return scheme === 'ed25519' ? ed25519PairOfMnemonic(mnemonic) : pairOfMnemonic(mnemonic);
}

export async function sealWallet(
  mnemonic: string,
  passphrase: string,
  scheme: KeyScheme = 'sr25519',
): Promise<WalletFile> {
  const { address } = walletPairOf(mnemonic, scheme);
  const [salt, nonce] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, COST), nonce);
  cipher.setAAD(Buffer.from(address));
  const text = Buffer.concat([cipher.update(mnemonic, 'utf8'), cipher.final()]);
  return {
    version: 1,
    address,
    ...(scheme === 'ed25519' ? { scheme } : {}),
    kdf: { name: 'scrypt', ...COST, salt: salt.toString('base64') },
    cipher: {
      name: 'aes-256-gcm',
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      text: text.toString('base64'),
    },
  };
}

/** The mnemonic; undefined for a wrong passphrase or a changed file. Throws for a file of another form. */
export async function openWallet(file: WalletFile, passphrase: string): Promise<string | undefined> {
  const { kdf, cipher: sealed } = file;
  if (file.version !== 1 || kdf.name !== 'scrypt' || sealed.name !== 'aes-256-gcm')
    throw new Error('the wallet file is of a form that this version cannot read');
  if (kdf.n > COST_N_MAX || kdf.r !== 8 || kdf.p !== 1)
    throw new Error('the wallet file asks for an unreasonable amount of work');
  const key = await keyOf(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
  const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: 16 });
  cipher.setAAD(Buffer.from(file.address));
  cipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
  try {
    const mnemonic = Buffer.concat([cipher.update(Buffer.from(sealed.text, 'base64')), cipher.final()]).toString(
      'utf8',
    );
    const isWhole = isMnemonic(mnemonic) && walletPairOf(mnemonic, file.scheme ?? 'sr25519').address === file.address;
    return isWhole ? mnemonic : undefined;
  } catch {
    return undefined; // the tag does not fit: the caller is told so by undefined
  }
}

function keyOf(
  passphrase: string,
  salt: Uint8Array,
  cost: { readonly n: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r };
  scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
    error === null ? resolve(key) : reject(error),
  );
  return promise;
}
