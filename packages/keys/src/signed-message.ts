import type { Sr25519Pair } from './sr25519-pair.ts';
import { verifySr25519 } from './sr25519-pair.ts';
import { publicKeyOf } from './ss58.ts';

const OPEN = new TextEncoder().encode('<Bytes>');
const CLOSE = new TextEncoder().encode('</Bytes>');

/**
 * Signs what somebody asks a wallet to sign. It stands between tags, as Polkadot-JS puts it for `signRaw`, so that no such
 * signature is ever one of an order: what this network's orders sign begins otherwise.
 */
export function signMessage(message: Uint8Array, wallet: Sr25519Pair): Uint8Array {
  return wallet.sign(tagged(message));
}

/** Whether the wallet of an address has signed a message, here or in a Polkadot-JS extension. False also for no address. */
export function verifyMessage(message: Uint8Array, signature: Uint8Array, address: string): boolean {
  const publicKey = publicKeyOf(address);
  return publicKey !== undefined && verifySr25519(tagged(message), signature, publicKey);
}

function tagged(message: Uint8Array): Uint8Array {
  return Buffer.concat([OPEN, message, CLOSE]);
}
