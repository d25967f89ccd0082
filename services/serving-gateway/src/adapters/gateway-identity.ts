import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** The gateway's ed25519 key: miners know its public half, and receipts carry its signature. */
export interface GatewayIdentity {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Reads 32 secret bytes as hex, as the chart's Secret holds them. @throws RangeError when it is no such text. */
export function identityOf(secretHex: string): GatewayIdentity {
  const text = secretHex.trim().replace(/^0x/, '');
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new RangeError('the gateway key must be 64 hexadecimal digits');
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.from(text, 'hex')]);
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** A short name of the key for logs. */
export function fingerprint(identity: GatewayIdentity): string {
  return createHash('sha256').update(identity.publicKey).digest('hex').slice(0, 16);
}
