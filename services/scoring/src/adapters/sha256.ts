import { createHash } from 'node:crypto';

/** sha256 of the UTF-8 text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
