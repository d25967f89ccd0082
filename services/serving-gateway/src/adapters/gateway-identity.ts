import { createHash } from 'node:crypto';
import { sessionKeyOf, type SessionKey } from '@subnetes/keys/session-key';

/** The gateway's ed25519 key: miners know its public half, and receipts carry its signature. */
export type GatewayIdentity = SessionKey;

/** Reads 32 secret bytes as hex, as the chart's Secret holds them. @throws RangeError when it is no such text. */
export function identityOf(secretHex: string): GatewayIdentity {
  const text = secretHex.trim().replace(/^0x/, '');
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new RangeError('the gateway key must be 64 hexadecimal digits');
  return sessionKeyOf(Buffer.from(text, 'hex'));
}

/** A short name of the key for logs. */
export function fingerprint(identity: GatewayIdentity): string {
  return createHash('sha256').update(identity.publicKey).digest('hex').slice(0, 16);
}
