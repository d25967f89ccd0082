import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Session, SessionSeal } from '#application/ports.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES = 32;
const TIME_BYTES = 8;
const TOKEN_LENGTH_MAX = 512;

/**
 * Sessions live with the caller, sealed with AES-256-GCM under a key of the hotkey: the miner keeps no table, and a
 * session is good at every replica. A random 96 bit IV is safe for 2^32 sessions of one hotkey.
 */
export function sessionSeal(hotkeySecretText: string): SessionSeal {
  const key = Buffer.from(hkdfSync('sha256', hotkeySecretText, '', 'subnetes/v1 session seal', 32));
  return {
    seal(session) {
      const time = Buffer.alloc(TIME_BYTES);
      time.writeBigUInt64BE(BigInt(session.expiresAtMs));
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const content = Buffer.concat([session.secret, time, Buffer.from(session.peer)]);
      return Buffer.concat([iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    },
    open: (token) => open(key, token),
  };
}

function open(key: Buffer, token: string): Session | undefined {
  if (token.length > TOKEN_LENGTH_MAX) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < IV_BYTES + SECRET_BYTES + TIME_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  let content: Buffer;
  try {
    content = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // not sealed by this miner
  }
  return {
    secret: content.subarray(0, SECRET_BYTES),
    expiresAtMs: Number(content.readBigUInt64BE(SECRET_BYTES)),
    peer: content.subarray(SECRET_BYTES + TIME_BYTES).toString(),
  };
}
