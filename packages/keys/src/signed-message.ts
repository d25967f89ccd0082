import { verifyEd25519Wallet } from './ed25519-pair.ts';
import type { KeyPair, KeyScheme } from './key-pair.ts';
import { verifySr25519 } from './sr25519-pair.ts';
import { publicKeyOf } from './ss58.ts';

const OPEN = new TextEncoder().encode('<Bytes>');
const CLOSE = new TextEncoder().encode('</Bytes>');

/**
 * Signs what somebody asks a wallet to sign. It stands between tags, as Polkadot-JS puts it for `signRaw`, so that no such
 * signature is ever one of an order: what this network's orders sign begins otherwise.
 */
export function signMessage(message: Uint8Array, wallet: KeyPair): Uint8Array {
  return wallet.sign(tagged(message));
}

/** Whether the wallet of an address has signed a message, here or in a Polkadot-JS extension. False also for no address. */
export function verifyMessage(
  message: Uint8Array,
  signature: Uint8Array,
  address: string,
  scheme: KeyScheme = 'sr25519',
): boolean {
  const publicKey = publicKeyOf(address);
  if (publicKey === undefined) return false;
  const verify = scheme === 'ed25519' ? verifyEd25519Wallet : verifySr25519;
  return verify(tagged(message), signature, publicKey);
}

function tagged(message: Uint8Array): Uint8Array {
  return Buffer.concat([OPEN, message, CLOSE]);
}
