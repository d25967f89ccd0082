import { createHash } from 'node:crypto';

/** sha256 of the UTF-8 content, hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex'); // a text is hashed as UTF-8
}
